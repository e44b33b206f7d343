"""XPath 2.0 by elementpath, for the expressions that are no XPath 1.0.

The reference hands an expression that its XPath 1.0 engine fails on to Saxon when ``synapse.xpath.dom.failover`` is
on. Here the text decides: what is XPath 1.0 is evaluated by libxml2; what is not, but is XPath 2.0, is evaluated by
elementpath if that is installed (``pip install myelin[xpath2]``). Synapse's variables work in both, its functions in
XPath 1.0 only, but for get-property() with constant arguments.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.expressions import variables
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.functions import properties as property_functions
from engine.expressions.values import argument_of, bind, is_node_set, java_double, nodes_text, xpath_string
from engine.expressions.variables import Reader
from engine.expressions.xpath_grammar import refuse_slip
from engine.message.context import MessageContext

HINT = "If it is XPath 2.0, install what runs that: pip install 'myelin[xpath2]'"

_CODE_POINTS = "http://www.w3.org/2005/xpath-functions/collation/codepoint"

MAX_ITEMS = 1_000_000
"""Items of one result."""

_EXTERNAL = re.compile(r"\b(?:fn:)?(doc|doc-available|collection|document)\s*\(")
_NAME = r"[^\W\d][\w.\-]*"
_LOCAL = re.compile(rf"\$({_NAME})\s+in\b")
_PIECE = re.compile(
    rf"""
    "[^"]*"|'[^']*'
  | (?:\w+:)?get-property\(\s*(?P<arguments>(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\s*\)
  | \$(?P<prefix>{_NAME}):(?P<name>{_NAME})
  | \$(?P<plain>{_NAME})
    """,
    re.VERBOSE,
)
_CONSTANT = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def is_available() -> bool:
    """Whether elementpath is installed; it is not imported for that."""
    return importlib.util.find_spec("elementpath") is not None


class XPath2(Expression):
    """Compiled once. Raises ExpressionError for what is no XPath 2.0 either."""

    __slots__ = ("_readers", "_token")

    def __init__(self, source: str, namespaces: Mapping[str, str]) -> None:
        from engine.expressions.xpath2_regex import LimitedParser

        external = _EXTERNAL.search(source)
        if external is not None:
            raise ExpressionError(f"{external[1]}() is not supported", external.start(1))
        self._readers: dict[str, Reader] = {}
        text = self._rewritten(source)
        parser = LimitedParser(
            {prefix: uri for prefix, uri in namespaces.items() if prefix and uri},
            variable_types=dict.fromkeys(self._readers, "item()*"),
            # Not the process's locale, the library's default: the lock it takes for that is lost when it fails.
            default_collation=_CODE_POINTS,
        )
        try:
            self._token = parser.parse(text)
        except Exception as error:  # the library's errors have no common class
            raise ExpressionError(f"not an XPath expression: {error}") from None
        super().__init__(source, reads_body=True)

    def evaluate(self, message: MessageContext) -> Any:
        """str, bool, int, float, or a list of elements and str. Raises Fault when the evaluation fails."""
        import elementpath

        values = {name: _bound(read(message)) for name, read in self._readers.items()}
        context = elementpath.XPathContext(message.payload.envelope().getroottree(), variables=values)
        try:
            items = [_plain(item) for item in islice(self._token.select_results(context), MAX_ITEMS + 1)]
        except Exception as error:
            raise Fault(f"the expression {self.source} failed: {error}") from None
        if len(items) > MAX_ITEMS:
            raise Fault(f"the expression {self.source} gives more than {MAX_ITEMS:,} items")
        return items[0] if len(items) == 1 and not isinstance(items[0], etree._Element) else items

    def text(self, message: MessageContext) -> str:
        value = self.evaluate(message)
        if isinstance(value, list):
            return nodes_text([each if isinstance(each, etree._Element) else xpath_string(each) for each in value])
        return java_double(value) if isinstance(value, float) else xpath_string(value)

    def truth(self, message: MessageContext) -> bool:
        value = self.evaluate(message)
        return bool(value == value and value)

    def argument(self, message: MessageContext) -> Any:
        value = self.evaluate(message)
        return argument_of(value) if is_node_set(value) else self.text(message)

    def _rewritten(self, source: str) -> str:
        """The text with plain variables for Synapse's."""
        local = set(_LOCAL.findall(source))

        def replaced(match: re.Match[str]) -> str:
            if match["prefix"]:
                refuse_slip(match["prefix"], match.start())
                return self._variable(variables.reader(match["prefix"], match["name"]))
            if match["arguments"]:
                constants = tuple(first or second for first, second in _CONSTANT.findall(match["arguments"]))
                return self._variable(_property(constants, match.start()))
            plain = match["plain"]
            if plain and plain not in local:
                if plain not in variables.BODY_VARIABLES:
                    raise ExpressionError(f"there is no variable ${plain}", match.start())
                return self._variable(variables.BODY_VARIABLES[plain])
            return match[0]

        return _PIECE.sub(replaced, source)

    def _variable(self, read: Reader) -> str:
        name = f"v{len(self._readers)}"
        self._readers[name] = read
        return f"${name}"


def _property(constants: tuple[str, ...], offset: int) -> Reader:
    try:
        return property_functions.property_reader(*constants)
    except Fault as fault:
        raise ExpressionError(fault.message, offset) from None


def _bound(value: Any) -> Any:
    """XPath 2.0 has integers of its own; all else is as in XPath 1.0."""
    return value if isinstance(value, int) else bind(value)


def _plain(item: Any) -> Any:
    """An item of a result as the rest of the engine knows it."""
    if isinstance(item, (str, bool, int, float, etree._Element)):
        return item
    root = getattr(item, "getroot", None)
    return root() if callable(root) else str(item)
