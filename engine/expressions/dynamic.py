"""Attribute and parameter values that may be dynamic: ``text``, ``{expression}``, ``{{expression}}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.expressions.base import Expression, ExpressionError
from engine.expressions.compile import compile_expression
from engine.message.context import MessageContext
from engine.message.headers import Headers


class Value:
    """A value as the author wrote it.

    Dynamic only if its first character is ``{`` and its last is ``}``, spaces included (Synapse trap 8). ``{{…}}`` is
    lazy: the receiver evaluates it at each use, with nothing but the payload in sight (trap 7).
    """

    __slots__ = ("expression", "is_lazy", "reads_body", "source")

    def __init__(self, source: str, expression: Expression | None = None, *, is_lazy: bool = False) -> None:
        self.source = source
        self.expression = expression
        self.is_lazy = is_lazy
        self.reads_body = expression is not None and expression.reads_body

    @property
    def is_static(self) -> bool:
        return self.expression is None

    def text(self, message: MessageContext) -> str | None:
        """The value as text; None for a null."""
        if self.expression is None:
            return self.source
        return self.expression.text(_payload_only(message) if self.is_lazy else message)

    def evaluate(self, message: MessageContext) -> Any:
        """The value as an argument: an XML element stays one, all else is text (trap 7)."""
        if self.expression is None:
            return self.source
        return self.expression.argument(_payload_only(message) if self.is_lazy else message)

    def __repr__(self) -> str:
        return f"Value({self.source!r})"


def parse_value(text: str, namespaces: Mapping[str, str]) -> Value:
    """Compile a value. Raises ExpressionError with the offset in ``text``."""
    if len(text) < 3 or not (text[0] == "{" and text[-1] == "}"):
        return Value(text)
    braces = 2 if text.startswith("{{") and text.endswith("}}") else 1
    try:
        expression = compile_expression(text[braces:-braces], namespaces)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.offset + braces, error.hint) from None
    return Value(text, expression, is_lazy=braces == 2)


def _payload_only(message: MessageContext) -> MessageContext:
    bare = MessageContext(message.env, message.exchange, message.payload, Headers())
    bare.functions = [{}]
    return bare
