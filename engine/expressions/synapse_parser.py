"""The grammar of ``${…}``: text -> nodes.

Precedence, tightest first: ``* / %``, ``+ -``, ``and or``, comparisons, ``? :`` (Synapse trap 14). A ``-`` directly
before a digit belongs to the number, and names may have dashes, so that subtraction needs spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.errors import did_you_mean
from engine.expressions import variables
from engine.expressions.base import ExpressionError
from engine.expressions.functions import SYNAPSE_FUNCTIONS
from engine.expressions.functions.properties import file_property
from engine.expressions.jsonpath_parser import Key, parse_path
from engine.expressions.jsonpath_steps import Operand, Path
from engine.expressions.scanner import Scanner
from engine.expressions.synapse_nodes import (
    Array,
    Binary,
    Call,
    Conditional,
    Constant,
    Exists,
    Inside,
    Logical,
    Named,
    Namespaces,
    Negative,
    Node,
    Payload,
    Variable,
    XPathCall,
)
from engine.expressions.synapse_values import whole
from engine.message.context import MessageContext

_NAME = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_COMPARISON = re.compile(r"==|!=|>=|<=|>|<")
_AND_OR = re.compile(r"(and(?![\w-])|&&)|or(?![\w-])|\|\|")
_PROPERTY = re.compile(r"\s*\.\s*property\s*(?=\()")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]")
_MAX_DIGITS = 400

_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}

Read = Callable[[MessageContext], Any]

_SCOPES: dict[str, dict[str, tuple[str, Callable[[str], Read]]]] = {
    "params": {
        "queryParams": ("query parameter", lambda name: lambda message: query_parameter(message, name)),
        "pathParams": ("path parameter", lambda name: lambda message: message.properties.get(f"uri.var.{name}")),
        "functionParams": ("parameter", lambda name: lambda message: variables.parameter(message, name)),
    },
    "props": {
        "synapse": ("property", lambda name: lambda message: message.properties.get(name)),
        "axis2": ("axis2 property", lambda name: lambda message: message.axis2_value(name)),
    },
}
_SCOPES["properties"] = _SCOPES["props"]

_PLAIN: dict[str, tuple[str, Callable[[str], Read]]] = {
    "headers": ("header", lambda name: lambda message: message.headers.get(name)),
    "configs": ("configuration value", lambda name: lambda message: file_property(message, name)),
}

ROOTS = ("payload", "vars", *_PLAIN, *_SCOPES)


def query_parameter(message: MessageContext, name: str) -> str | None:
    """What an API set as ``query.param.NAME``, else what the client's URL has."""
    value = message.properties.get(f"query.param.{name}")
    return value if value is not None else variables.query_parameter(message, name) or None


def parse_expression(scanner: Scanner, namespaces: Namespaces) -> Node:
    """The expression that begins here, to the first character that cannot belong to it. Raises ExpressionError."""
    return _Parser(scanner, namespaces).expression()


class _Parser:
    """Recursive descent, one method for each level of precedence. It is also the ``Outer`` of the paths inside."""

    names = _NAME

    def __init__(self, scanner: Scanner, namespaces: Namespaces) -> None:
        self.scanner = scanner
        self.namespaces = namespaces
        self.body_reads = 0
        """Nodes so far that look into the payload."""

    def made(self, node: Node) -> Node:
        self.body_reads += node.reads_body
        return node

    # ---------------------------------------------------------------- levels

    def expression(self) -> Node:
        scanner = self.scanner
        with scanner.nested():
            condition = self.comparison()
            scanner.skip_space()
            if not scanner.take("?"):
                return condition
            one = self.expression()
            scanner.expect(":")
            return Conditional(condition, one, self.expression())

    def comparison(self) -> Node:
        left = self.logical()
        while (found := self.operator(_COMPARISON)) is not None:
            left = Binary(found.start(), found[0], left, self.logical())
        return left

    def logical(self) -> Node:
        """Right-associative, and with one precedence for both words, as in the reference."""
        terms: list[tuple[Node, bool, int]] = []
        node = self.sum()
        while (found := self.operator(_AND_OR)) is not None:
            terms.append((node, found[1] is not None, found.start()))
            node = self.sum()
        for left, is_and, offset in reversed(terms):
            node = Logical(offset, left, node, is_and=is_and)
        return node

    def sum(self) -> Node:
        scanner = self.scanner
        left = self.term()
        scanner.skip_space()
        while scanner.at("+", "-"):
            if _NEGATIVE_NUMBER.match(scanner.text, scanner.position):
                hint = "Write a space after '-' to subtract."
                raise ExpressionError("'-' before a digit belongs to the number", scanner.position, hint)
            left = self.binary(left, self.term)
            scanner.skip_space()
        return left

    def term(self) -> Node:
        scanner = self.scanner
        left = self.factor()
        scanner.skip_space()
        while scanner.at("*", "/", "%"):
            left = self.binary(left, self.factor)
            scanner.skip_space()
        return left

    def binary(self, left: Node, operand: Callable[[], Node]) -> Node:
        offset = self.scanner.position
        operator = self.scanner.text[offset]
        self.scanner.take(operator)
        return Binary(offset, operator, left, operand())

    def operator(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.scanner.skip_space()
        return self.scanner.match(pattern)

    # ---------------------------------------------------------------- factors

    def factor(self) -> Node:
        scanner = self.scanner
        scanner.skip_space()
        start = scanner.position
        if scanner.take("("):
            node = self.expression()
            scanner.expect(")", "')' or an operator")
            return node
        if scanner.at("["):
            return self.array()
        if scanner.take("$"):
            return self.payload(start)
        if (text := scanner.string()) is not None:
            return Constant(start, text)
        if number := scanner.match(_NUMBER):
            return Constant(start, _number(number))
        if name := scanner.match(_NAME):
            return self.word(start, name[0])
        hint = "There is no '!'; write not(…)." if scanner.at("!") else ""
        raise scanner.unexpected("a value", hint)

    def array(self) -> Node:
        scanner = self.scanner
        start = scanner.position
        scanner.take("[")
        items: list[Node] = []
        scanner.skip_space()
        while not scanner.take("]"):
            if items:
                scanner.expect(",", "',' or ']'")
            items.append(self.expression())
            scanner.skip_space()
        return Array(start, items)

    def word(self, start: int, name: str) -> Node:
        if name in _LITERALS:
            return Constant(start, _LITERALS[name])
        if name == "payload":
            return self.payload(start)
        if name == "vars":
            return self.variable(start)
        if name in _PLAIN:
            return self.named(start, *_PLAIN[name])
        if name in _SCOPES:
            return self.scoped(start, name)
        self.scanner.skip_space()
        if self.scanner.at("("):
            return self.call(start, name)
        hint = f"A text stands in quotes: '{name}'."
        if name not in SYNAPSE_FUNCTIONS:
            hint = did_you_mean(name, ROOTS) or hint
        raise ExpressionError(f"'{name}' is no value", start, hint)

    # ---------------------------------------------------------------- roots

    def payload(self, start: int) -> Node:
        path = self.path()
        return self.made(Payload(start, self.text_from(start), path))

    def variable(self, start: int) -> Node:
        name = self.member("the name of a variable")
        before = self.body_reads
        path = self.path()
        return Variable(start, self.text_from(start), name, path, reads_body=self.body_reads > before)

    def scoped(self, start: int, root: str) -> Node:
        scopes = _SCOPES[root]
        position = self.scanner.position + 1
        scope = self.member(f"{' or '.join(scopes)}")
        if scope not in scopes:
            hint = did_you_mean(scope, scopes) or f"There are {', '.join(scopes)}."
            raise ExpressionError(f"{root} has no '{scope}'", position, hint)
        return self.named(start, *scopes[scope])

    def named(self, start: int, what: str, reader: Callable[[str], Read]) -> Node:
        name = self.member(f"the name of a {what}")
        return Named(start, what, name, reader(name))

    def member(self, wanted: str) -> str:
        """``.name``, ``["name"]``, ``.["name"]`` or ``."name"``."""
        scanner = self.scanner
        scanner.skip_space()
        dotted = scanner.take(".")
        scanner.skip_space()
        if scanner.take("["):
            scanner.skip_space()
            name = scanner.string()
            if name is None:
                raise scanner.unexpected(f"{wanted} in quotes")
            scanner.expect("]")
            return name
        if dotted:
            name = scanner.string()
            if name is not None:
                return name
            match = scanner.match(_NAME)
            if match is not None:
                return match[0]
        raise scanner.unexpected(wanted if dotted else f"'.' and {wanted}")

    def path(self) -> Path:
        return parse_path(self.scanner, self)

    def text_from(self, start: int) -> str:
        return self.scanner.text[start : self.scanner.position]

    # ---------------------------------------------------------------- functions

    def call(self, start: int, name: str) -> Node:
        function = SYNAPSE_FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"there is no function {name}()", start, did_you_mean(name, SYNAPSE_FUNCTIONS))
        arguments = self.arguments()
        if name == "registry" and self.at_property():
            arguments += self.arguments()
        least, most = function.min_arguments, function.max_arguments
        if not least <= len(arguments) <= most:
            takes = f"{least}" if least == most else f"{least} to {most}"
            hint = f"For example {function.examples[0][0]}."
            raise ExpressionError(f"{name}() takes {takes} argument(s), not {len(arguments)}", start, hint)
        node = self.made(self.called(start, name, arguments))
        before = self.body_reads
        path = self.path()
        if path.is_whole:
            return node
        return Inside(start, self.text_from(start), node, path, reads_body=self.body_reads > before)

    def called(self, start: int, name: str, arguments: list[Node]) -> Node:
        if name == "exists":
            return Exists(start, arguments[0])
        if name == "xpath":
            variable = arguments[1] if len(arguments) > 1 else None
            return XPathCall(start, arguments[0], variable, self.namespaces)
        return Call(start, SYNAPSE_FUNCTIONS[name], arguments)

    def arguments(self) -> list[Node]:
        scanner = self.scanner
        scanner.expect("(")
        found: list[Node] = []
        scanner.skip_space()
        while not scanner.take(")"):
            if found:
                scanner.expect(",", "',' or ')'")
            found.append(self.expression())
            scanner.skip_space()
        return found

    def at_property(self) -> bool:
        """``.property(`` after ``registry(…)``; the parenthesis stays."""
        return self.scanner.match(_PROPERTY) is not None

    # ---------------------------------------------------------------- inside paths

    def key(self, scanner: Scanner) -> Key | Operand:
        scanner.skip_space()
        start = scanner.position
        if scanner.at("-") and not _NEGATIVE_NUMBER.match(scanner.text, start):
            scanner.take("-")
            node: Node = Negative(start, self.expression())
        else:
            node = self.expression()
        if isinstance(node, Constant) and type(node.value) in (str, int):
            return node.value  # type: ignore[no-any-return]  # the type is checked in this very line
        return _operand(node)

    def value(self, scanner: Scanner) -> Operand | None:
        """A root or a function; names that are neither belong to the condition."""
        scanner.skip_space()
        start = scanner.position
        if scanner.take("$"):
            return _operand(self.payload(start))
        match = _NAME.match(scanner.text, start)
        if match is None or (match[0] not in ROOTS and match[0] not in SYNAPSE_FUNCTIONS):
            return None
        scanner.position = match.end()
        return _operand(self.word(start, match[0]))


def _operand(node: Node) -> Operand:
    def read(current: Any, scope: Any) -> Any:
        return node.evaluate(scope.message)

    return read


def _number(match: re.Match[str]) -> int | float:
    text = match[0]
    if len(text) > _MAX_DIGITS:
        raise ExpressionError("the number has too many digits", match.start())
    return float(text) if match[1] else whole(int(text))
