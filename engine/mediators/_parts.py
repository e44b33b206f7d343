"""Small elements that several mediators have inside."""

from __future__ import annotations

from engine.declare.fields import attr, element
from engine.declare.spec import Node, OneOf
from engine.expressions.base import Expression
from engine.message.context import MessageContext


@element("property", rules=(OneOf(("value", "expression")),))
class NamedValue(Node):
    """A name and its value, constant or computed."""

    name: str = attr("Name.")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)

    def text(self, message: MessageContext) -> str | None:
        """The value as text; None for a null."""
        return self.expression.text(message) if self.expression is not None else self.value
