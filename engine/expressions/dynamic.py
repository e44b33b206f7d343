"""Values that may be dynamic: ``text``, ``{expression}``, ``{{expression}}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import ErrorCode, Fault
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.compile import compile_expression
from engine.expressions.values import is_node_set
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.parameters import Parameters


class Value:
    """The value of an attribute or a parameter: a static text, or an expression in braces.

    A value in double braces is lazy: whoever receives it keeps the Value and evaluates it at each use. It sees the body
    of that moment and nothing else; properties, headers and parameters are null inside (Synapse trap 7 and its
    correction).
    """

    __slots__ = ("expression", "is_lazy", "reads_body", "source")

    def __init__(self, source: str, expression: Expression | None = None, *, is_lazy: bool = False) -> None:
        self.source = source
        self.expression = expression
        self.is_lazy = is_lazy
        self.reads_body = expression is not None and expression.reads_body

    @property
    def remark(self) -> str:
        """What the author should know, if anything."""
        return "" if self.expression is None else self.expression.remark

    @property
    def is_static(self) -> bool:
        return self.expression is None

    @property
    def reader(self) -> Callable[[MessageContext], str | None]:
        """``text``, by the shortest way: for those who ask often."""
        return self.text if self.expression is None or self.is_lazy else self.expression.text

    def text(self, message: MessageContext) -> str | None:
        """The value as text; None for a null. Raises Fault as expressions do."""
        if self.expression is None:
            return self.source
        return self.expression.text(self._scope(message) if self.is_lazy else message)

    def evaluate(self, message: MessageContext) -> Any:
        """The value as an argument: one XML element stays an element, all else is text (Synapse trap 7).

        A lazy value that finds several elements stays all of them: they may be the parts of an ``<iterate>``.

        Raises Fault as expressions do, and for a lazy value that needs a body nobody has read yet.
        """
        if self.expression is None:
            return self.source
        if not self.is_lazy:
            return self.expression.argument(message)
        scope = self._scope(message)
        found = self.expression.evaluate(scope)
        return found if is_node_set(found) and len(found) > 1 else self.expression.argument(scope)

    def __repr__(self) -> str:
        return f"Value({self.source!r})"

    def _scope(self, message: MessageContext) -> MessageContext:
        if self.reads_body and message.payload.pending:
            raise Fault(f"{self.source} needs a body that no mediator has read yet", code=ErrorCode.BAD_PAYLOAD)
        body_only = MessageContext(message.env, message.exchange, message.payload, Headers())
        body_only.functions = [Parameters()]
        return body_only


def parse_value(text: str, namespaces: Mapping[str, str], place: str = "") -> Value:
    """Compile a value: dynamic only if its very first and last characters are braces (Synapse trap 8).

    ``{}`` is the text of an empty JSON object. Raises ExpressionError with the offset in ``text``.
    """
    if not (len(text) > 2 and text[0] == "{" and text[-1] == "}"):
        return Value(text)
    is_lazy = len(text) > 4 and text.startswith("{{") and text.endswith("}}")
    braces = 2 if is_lazy else 1
    try:
        expression = compile_expression(text[braces:-braces], namespaces, place)
    except ExpressionError as error:
        hint = error.hint or "A value in braces is an expression."
        raise ExpressionError(error.message, error.offset + braces, hint) from None
    return Value(text, expression, is_lazy=is_lazy)
