"""XPath 1.0 over the message, evaluated by libxml2.

The context node is the SOAP envelope, as in Synapse. Variables and constant get-property() calls are bound for each
evaluation; an expression that does not look into the payload is evaluated on an empty element and never parses it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.functions import FUNCTIONS, Function
from engine.expressions.values import (
    argument_of,
    argument_string,
    bind,
    is_node_set,
    java_double,
    nodes_text,
    xpath_string,
)
from engine.expressions.xpath_atoms import Simple
from engine.expressions.xpath_grammar import Analysis, analyse, plain_name, unended
from engine.message.context import MessageContext

_NOWHERE = etree.Element("nowhere")

# libxml2 hands no message to a function; evaluation is synchronous, so the message of this context is the right one.
_MESSAGE: ContextVar[MessageContext] = ContextVar("message")


def compile_xpath(text: str, namespaces: Mapping[str, str]) -> Expression:
    """Compile an expression; ``namespaces`` are the prefixes in scope, the default one is not used (Synapse trap 11).

    Raises ExpressionError.
    """
    analysis = analyse(text, namespaces)
    found: Expression
    if analysis.atom is not None:
        found = Simple(text, analysis.atom, reads_body=analysis.reads_body)
    else:
        found = XPath(text, namespaces, analysis)
    if analysis.end < len(text):
        found.remark = f"{unended(text, analysis.end)}, and it is left out."
    return found


class XPath(Expression):
    """An expression that libxml2 evaluates.

    Element results that come from properties are copies; those of the payload are the payload's own nodes.
    """

    __slots__ = ("_bindings", "_compiled", "_derived", "_foreign", "_needs_message", "_owner")

    def __init__(self, source: str, namespaces: Mapping[str, str], analysis: Analysis) -> None:
        super().__init__(source, reads_body=analysis.reads_body)
        self._bindings = [(f"v{index}", binding.read) for index, binding in enumerate(analysis.bindings)]
        self._needs_message = bool(analysis.functions)
        self._foreign = self._needs_message or not all(binding.from_body for binding in analysis.bindings)
        text = _rewritten(source[: analysis.end], analysis)
        self._compiled = _compile(text, namespaces, analysis.functions)
        self._derived = _deriving(text, namespaces, analysis.functions)
        self._owner: tuple[etree.XPath, etree.XPath] | None = None

    def evaluate(self, message: MessageContext) -> Any:
        """str, bool, float, or a list of elements and (text and attribute nodes) str.

        Raises Fault when the payload cannot be read or a function refuses its arguments.
        """
        return self.evaluate_in(message.payload.envelope() if self.reads_body else _NOWHERE, message)

    def evaluate_in(self, context: etree._Element, message: MessageContext) -> Any:
        """The same with another context node than the envelope."""
        return self._evaluated(self._compiled, context, message)

    def owner(self, message: MessageContext) -> tuple[etree._Element, str] | None:
        """The payload's element around the first text or attribute node found, and the attribute's name, else ``""``.

        None when the expression finds no such node.
        """
        if self._owner is None:
            self._owner = (
                self._derived("({0})[1]/.."),
                self._derived("concat('{{', namespace-uri(({0})[1]), '}}', local-name(({0})[1]))"),
            )
        context = message.payload.envelope()
        parents = self._evaluated(self._owner[0], context, message)
        if not (isinstance(parents, list) and parents):
            return None
        name = str(self._evaluated(self._owner[1], context, message)).removeprefix("{}")
        return parents[0], name

    def _evaluated(self, compiled: etree.XPath, context: etree._Element, message: MessageContext) -> Any:
        variables = {name: bind(read(message)) for name, read in self._bindings}
        if not self._needs_message:
            result = self._run(compiled, context, variables)
        else:
            token = _MESSAGE.set(message)
            try:
                result = self._run(compiled, context, variables)
            finally:
                _MESSAGE.reset(token)
        return _own_nodes(result, context) if self._foreign and type(result) is list else result

    def text(self, message: MessageContext) -> str | None:
        """Never None: an expression that matches nothing is ``""``; only a bare variable can be null."""
        return _text(self.evaluate(message))

    def text_in(self, context: etree._Element, message: MessageContext) -> str:
        """The text with another context node than the envelope."""
        return _text(self.evaluate_in(context, message))

    def truth(self, message: MessageContext) -> bool:
        value = self.evaluate(message)
        return value == value and bool(value)

    def argument(self, message: MessageContext) -> Any:
        value = self.evaluate(message)
        return argument_of(value) if is_node_set(value) else _text(value)

    def _run(self, compiled: etree.XPath, context: etree._Element, variables: dict[str, Any]) -> Any:
        try:
            return compiled(context, **variables)
        except etree.XPathError as error:
            raise Fault(f"the expression {self.source} failed: {error}") from None


def _text(result: Any) -> str:
    if isinstance(result, list):
        return nodes_text(result)
    return java_double(result) if isinstance(result, float) else xpath_string(result)


def _compile(text: str, namespaces: Mapping[str, str], functions: set[str]) -> etree.XPath:
    prefixes = {prefix: uri for prefix, uri in namespaces.items() if prefix and uri}
    extensions = {(None, plain_name(name)): _adapted(FUNCTIONS[name]) for name in functions}
    try:
        return etree.XPath(text, namespaces=prefixes, extensions=extensions, smart_strings=False)
    except (etree.XPathError, ValueError) as error:
        raise ExpressionError(f"not an XPath expression: {error}") from None


def _deriving(text: str, namespaces: Mapping[str, str], functions: set[str]) -> Callable[[str], etree.XPath]:
    """A function from a pattern to the expression in which ``text`` stands for ``{0}``."""
    return lambda pattern: _compile(pattern.format(text), namespaces, functions)


def _adapted(function: Function) -> Callable[..., Any]:
    def call(_: object, *arguments: Any) -> Any:
        result = function.call(_MESSAGE.get(), *map(argument_string, arguments))
        # An int goes in as its digits: as the whole result it must print as 200, not as the double 200.0.
        return str(result) if type(result) is int else bind(result)

    return call


def _rewritten(text: str, analysis: Analysis) -> str:
    """The expression with ``$v0``, ``$v1`` … for its bindings and functions without a prefix."""
    cuts: list[tuple[int, int, str]] = [
        (binding.start, binding.end, f"$v{index}") for index, binding in enumerate(analysis.bindings)
    ]
    cuts += [(token.start, token.end, name) for token, name in analysis.renamed]
    pieces, position = [], 0
    for start, end, replacement in sorted(cuts):
        pieces += [text[position:start], replacement]
        position = end
    return "".join([*pieces, text[position:]])


def _own_nodes(nodes: list[Any], context: etree._Element) -> list[Any]:
    # lxml ties a result node to the document of the context node. A node of another document must not outlive its own,
    # so nodes that come from a property are copied.
    return [copy.deepcopy(node) if _is_foreign(node, context) else node for node in nodes]


def _is_foreign(node: Any, context: etree._Element) -> bool:
    if not isinstance(node, etree._Element):
        return False
    *_, top = (node, *node.iterancestors())
    return top is not context
