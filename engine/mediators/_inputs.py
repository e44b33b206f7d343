"""Arguments of a function and the place for its result, as the second version of script and class have them."""

from __future__ import annotations

from typing import Any, Literal

from lxml import etree

from engine.declare.fields import attr, children, element
from engine.declare.spec import Node, OneOf
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.mediators._property_types import TypeName, from_constant, from_expression
from engine.message.context import MessageContext

Target = Literal["none", "body", "variable"]


@element("argument", rules=(OneOf(("value", "expression")),))
class Argument(Node):
    """One argument of the function, after the message."""

    name: str = attr("Name.")
    type: TypeName = attr("Type the value is converted to.", default="STRING")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)

    def evaluate(self, message: MessageContext) -> Any:
        """The typed value. Raises Fault for text that is no value of the type."""
        try:
            if self.value is not None:
                return from_constant(self.type, self.value)
            assert self.expression is not None
            return from_expression(self.type, self.expression.text(message))
        except ValueError:
            raise Fault(f"the argument '{self.name}' is no value of the type {self.type}") from None


@element("inputs")
class Inputs(Node):
    """The arguments of the function."""

    arguments: tuple[Argument, ...] = children("The arguments, in their order.", tag="argument")


def keep(message: MessageContext, target: Target, variable: str | None, result: Any) -> None:
    """Put a result where ``target`` says; ``variable`` names the variable."""
    if target == "variable":
        assert variable is not None
        message.variables[variable] = result
    elif target == "body":
        if isinstance(result, etree._Element):
            message.payload.set_content(result)
            message.set_axis2("messageType", "application/xml")
        elif isinstance(result, str):
            message.payload.set_text(result)
            message.set_axis2("messageType", "text/plain")
        else:
            message.payload.set_json(result)
            message.set_axis2("messageType", "application/json")
