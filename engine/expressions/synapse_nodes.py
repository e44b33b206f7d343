"""The nodes of a ``${…}`` expression. Each raises EvaluationError for a message it has no value for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.expressions import variables
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.functions.registry import Function
from engine.expressions.jsonpath_getter import Getter, direct
from engine.expressions.jsonpath_steps import MISSING, Path, Scope
from engine.expressions.synapse_values import OPERATORS, EvaluationError, from_text, is_number, number, shown, text_of
from engine.expressions.values import is_node_set
from engine.expressions.xpath import XPath, compile_xpath
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

_XML_KINDS = frozenset({"xml", "soap11", "soap12"})

Namespaces = Mapping[str, str]


class Node(ABC):
    """A part of an expression. ``offset`` is where it stands, ``reads_body`` whether it looks into the payload."""

    __slots__ = ("offset", "reads_body")

    def __init__(self, offset: int, *, reads_body: bool = False) -> None:
        self.offset = offset
        self.reads_body = reads_body

    @abstractmethod
    def evaluate(self, message: MessageContext) -> Any:
        """The value as an operand. Raises EvaluationError, and Fault when the payload cannot be read."""

    def result(self, message: MessageContext) -> Any:
        """The value as that of a whole expression: the nodes themselves where an operand is their text."""
        return self.evaluate(message)


class Constant(Node):
    """A literal."""

    __slots__ = ("value",)

    def __init__(self, offset: int, value: Any) -> None:
        super().__init__(offset)
        self.value = value

    def evaluate(self, message: MessageContext) -> Any:
        return self.value


class Array(Node):
    """``[1, vars.x]``."""

    __slots__ = ("_items",)

    def __init__(self, offset: int, items: Sequence[Node]) -> None:
        super().__init__(offset, reads_body=_any_reads(items))
        self._items = tuple(items)

    def evaluate(self, message: MessageContext) -> Any:
        return [item.evaluate(message) for item in self._items]


# ---------------------------------------------------------------- roots


class Located(Node):
    """A value inside another: where the path begins differs."""

    __slots__ = ("_getter", "_path", "text")

    def __init__(self, offset: int, text: str, path: Path, *, reads_body: bool) -> None:
        super().__init__(offset, reads_body=reads_body)
        self.text = text
        plain = path.plain()
        self._path = path
        self._getter: Getter | None = direct(plain) if plain is not None else None

    def _inside(self, document: Any, message: MessageContext) -> Any:
        getter = self._getter
        value = getter(document) if getter is not None else self._path.find(document, Scope(document, message))
        if value is MISSING:
            raise EvaluationError(f"there is nothing at {self.text}", self.offset)
        return value


class Payload(Located):
    """``payload`` or ``$``, with or without a path."""

    __slots__ = ()

    def __init__(self, offset: int, text: str, path: Path) -> None:
        super().__init__(offset, text, path, reads_body=True)

    def evaluate(self, message: MessageContext) -> Any:
        """The JSON value; XML without a path is the text of the SOAP body."""
        value = self.result(message)
        return text_of(value) if isinstance(value, etree._Element) else value

    def result(self, message: MessageContext) -> Any:
        payload = message.payload
        if payload.kind == "empty":
            raise EvaluationError("the payload is empty", self.offset)
        if payload.kind in _XML_KINDS and self._path.is_whole:
            return variables.body(message)
        return self._inside(payload.json(), message)


class Variable(Located):
    """``vars.name``, with or without a path into its JSON. Text is read as JSON by a path."""

    __slots__ = ("_name",)

    def __init__(self, offset: int, text: str, name: str, path: Path, *, reads_body: bool) -> None:
        super().__init__(offset, text, path, reads_body=reads_body)
        self._name = name

    def evaluate(self, message: MessageContext) -> Any:
        value = message.variables.get(self._name)
        if value is None:
            raise EvaluationError(f"the variable '{self._name}' is not defined", self.offset)
        if self._path.is_whole:
            return value
        return self._inside(value if isinstance(value, dict) else self._json(value), message)

    def _json(self, value: Any) -> Any:
        if isinstance(value, etree._Element) or is_node_set(value):
            raise EvaluationError(f"the variable '{self._name}' is XML; use xpath('…', '{self._name}')", self.offset)
        return _decoded(value, self.offset) if isinstance(value, str) else value


class Inside(Located):
    """A path into the result of a function: ``registry('conf:/a.json').b``."""

    __slots__ = ("_value",)

    def __init__(self, offset: int, text: str, value: Node, path: Path, *, reads_body: bool) -> None:
        super().__init__(offset, text, path, reads_body=value.reads_body or reads_body)
        self._value = value

    def evaluate(self, message: MessageContext) -> Any:
        value = self._value.evaluate(message)
        return self._inside(_decoded(value, self.offset) if isinstance(value, str) else value, message)


class Named(Node):
    """A header, a property, a parameter or a configuration value: anything that is looked up by its name."""

    __slots__ = ("_name", "_read", "_what")

    def __init__(self, offset: int, what: str, name: str, read: Callable[[MessageContext], Any]) -> None:
        super().__init__(offset)
        self._what, self._name, self._read = what, name, read

    def evaluate(self, message: MessageContext) -> Any:
        """Text that is a number is one (Synapse's tryParseNumber); JSON and XML are their text."""
        value = self._read(message)
        if type(value) is str:
            return from_text(value)
        if value is None:
            raise EvaluationError(f"there is no {self._what} '{self._name}'", self.offset)
        return value if isinstance(value, (bool, int, float)) else from_text(text_of(value))


# ---------------------------------------------------------------- operators


class Binary(Node):
    """Two operands and what joins them. Both are evaluated, whatever the first one is."""

    __slots__ = ("_calculate", "_left", "_operator", "_right")

    def __init__(self, offset: int, operator: str, left: Node, right: Node) -> None:
        super().__init__(offset, reads_body=left.reads_body or right.reads_body)
        self._operator, self._left, self._right = operator, left, right
        self._calculate = OPERATORS[operator]

    def evaluate(self, message: MessageContext) -> Any:
        left, right = self._left.evaluate(message), self._right.evaluate(message)
        try:
            return self._calculate(left, right)
        except EvaluationError as error:
            raise error.at(self.offset) from None


class Logical(Node):
    """``and`` or ``or`` of two booleans."""

    __slots__ = ("_is_and", "_left", "_right")

    def __init__(self, offset: int, left: Node, right: Node, *, is_and: bool) -> None:
        super().__init__(offset, reads_body=left.reads_body or right.reads_body)
        self._left, self._right, self._is_and = left, right, is_and

    def evaluate(self, message: MessageContext) -> bool:
        left, right = _boolean(self._left, message), _boolean(self._right, message)
        return (left and right) if self._is_and else (left or right)


class Conditional(Node):
    """``condition ? one : other``."""

    __slots__ = ("_condition", "_one", "_other")

    def __init__(self, condition: Node, one: Node, other: Node) -> None:
        super().__init__(condition.offset, reads_body=_any_reads((condition, one, other)))
        self._condition, self._one, self._other = condition, one, other

    def evaluate(self, message: MessageContext) -> Any:
        return self._chosen(message).evaluate(message)

    def result(self, message: MessageContext) -> Any:
        return self._chosen(message).result(message)

    def _chosen(self, message: MessageContext) -> Node:
        return self._one if _boolean(self._condition, message) else self._other


class Negative(Node):
    """``-x`` in a slice."""

    __slots__ = ("_value",)

    def __init__(self, offset: int, value: Node) -> None:
        super().__init__(offset, reads_body=value.reads_body)
        self._value = value

    def evaluate(self, message: MessageContext) -> Any:
        value = self._value.evaluate(message)
        if not is_number(value):
            raise EvaluationError(f"{shown(value)} is not a number", self.offset)
        return -number(value)


# ---------------------------------------------------------------- functions


class Call(Node):
    """A function of the table. No argument may be null."""

    __slots__ = ("_arguments", "_function")

    def __init__(self, offset: int, function: Function, arguments: Sequence[Node]) -> None:
        super().__init__(offset, reads_body=_any_reads(arguments))
        self._function, self._arguments = function, tuple(arguments)

    def evaluate(self, message: MessageContext) -> Any:
        values = [argument.evaluate(message) for argument in self._arguments]
        if any(value is None for value in values):
            raise EvaluationError(f"{self._function.name}() takes no null", self.offset)
        try:
            return self._function.call(message, *values)
        except EvaluationError as error:
            raise error.at(self.offset) from None


class Exists(Node):
    """``exists(x)``: the one function that takes what has no value."""

    __slots__ = ("_value",)

    def __init__(self, offset: int, value: Node) -> None:
        super().__init__(offset, reads_body=value.reads_body)
        self._value = value

    def evaluate(self, message: MessageContext) -> bool:
        try:
            return self._value.evaluate(message) is not None
        except EvaluationError:
            return False


class XPathCall(Node):
    """``xpath('//a')`` on the message, ``xpath('//a', 'name')`` on a variable that is XML.

    ``'name.key'`` is the member of a variable that is a map, such as the payload in a connector's answer.
    """

    __slots__ = ("_fixed", "_namespaces", "_text", "_variable")

    def __init__(self, offset: int, text: Node, variable: Node | None, namespaces: Namespaces) -> None:
        self._text, self._variable, self._namespaces = text, variable, namespaces
        self._fixed: Expression | None = None
        if isinstance(text, Constant) and variable is None:
            self._fixed = self._compiled(text_of(text.value), text.offset + 1)
        super().__init__(offset, reads_body=self._fixed.reads_body if self._fixed is not None else True)

    def evaluate(self, message: MessageContext) -> str:
        expression, element = self._prepared(message)
        if element is None:
            return expression.text(message) or ""
        assert isinstance(expression, XPath)
        return expression.text_in(element, message)

    def result(self, message: MessageContext) -> Any:
        """The nodes, or whatever the XPath evaluates to."""
        expression, element = self._prepared(message)
        if element is None:
            return expression.evaluate(message)
        assert isinstance(expression, XPath)
        return expression.evaluate_in(element, message)

    def _prepared(self, message: MessageContext) -> tuple[Expression, etree._Element | None]:
        """The expression, and the element that is its document when that is not the message."""
        if self._fixed is not None:
            return self._fixed, None
        text = text_of(self._text.evaluate(message))
        if self._variable is None:
            return self._run_time(text), None
        name, _, key = text_of(self._variable.evaluate(message)).partition(".")
        if not key:
            return self._run_time(f"$var:{name}{text}"), None
        holder = message.variables.get(name)
        element = holder.get(key) if isinstance(holder, dict) else None
        if not isinstance(element, etree._Element):
            raise EvaluationError(f"the variable '{name}' has no XML in '{key}'", self.offset)
        expression = self._run_time(text)
        if not isinstance(expression, XPath):
            raise EvaluationError(f"{shown(text)} does not look into the variable '{name}'", self.offset)
        return expression, element

    def _run_time(self, text: str) -> Expression:
        try:
            return _compiled_xpath(text, tuple(sorted(self._namespaces.items())))
        except ExpressionError as error:
            raise EvaluationError(f"{shown(text)} is no XPath: {error.message}", self.offset) from None

    def _compiled(self, text: str, offset: int) -> Expression:
        try:
            return compile_xpath(text, self._namespaces)
        except ExpressionError as error:
            raise ExpressionError(error.message, offset + error.offset, error.hint) from None


@lru_cache(maxsize=256)
def _compiled_xpath(text: str, namespaces: tuple[tuple[str, str], ...]) -> Expression:
    return compile_xpath(text, dict(namespaces))


def _boolean(node: Node, message: MessageContext) -> bool:
    value = node.evaluate(message)
    if not isinstance(value, bool):
        raise EvaluationError(f"{shown(value)} is neither true nor false", node.offset)
    return value


def _decoded(text: str, offset: int) -> Any:
    try:
        return json.decode(text.encode("utf-8", "replace"))
    except DecodeError as error:
        raise EvaluationError(f"{shown(text)} is {error}", offset) from None


def _any_reads(nodes: Sequence[Node]) -> bool:
    return any(node.reads_body for node in nodes)
