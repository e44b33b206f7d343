"""A ``{{expression}}`` parameter of a template: an expression that is evaluated each time it is read."""

from __future__ import annotations

from typing import Any

from engine.errors import ErrorCode, Fault
from engine.expressions.base import Expression
from engine.message.context import MessageContext
from engine.message.headers import Headers


class Deferred:
    """What ``call-template`` stores for ``{{expression}}``; ``$func:`` reads it against the body of that moment.

    Only the envelope is there: properties, headers and parameters are null inside (Synapse trap 7 and its correction).
    """

    __slots__ = ("expression",)

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def evaluate(self, message: MessageContext) -> Any:
        """The value now. Raises Fault when it needs a body that is still being received."""
        if self.expression.reads_body and message.payload.pending:
            raise Fault(
                f"the parameter {{{{{self.expression.source}}}}} needs a body that no mediator has read yet",
                code=ErrorCode.BAD_PAYLOAD,
            )
        return self.expression.evaluate(_body_only(message))


def _body_only(message: MessageContext) -> MessageContext:
    view = MessageContext(message.env, message.exchange, message.payload, Headers())
    view.functions = [{}]
    return view
