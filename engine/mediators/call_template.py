"""<call-template>"""

from __future__ import annotations

from typing import Any

from engine.core.env import env_of
from engine.core.faults import with_handler
from engine.core.mediator import Mediator
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("with-param")
class WithParam(Node):
    """One argument."""

    name: str = attr("Name of the parameter.")
    value: Value = attr("Text, `{expression}` evaluated now, or `{{expression}}` evaluated at each use.")

    def argument(self, message: MessageContext) -> Any:
        """The value of this moment, or the Value itself when the template evaluates it at each use."""
        return self.value if self.value.is_lazy else self.value.evaluate(message)


@element("call-template", kind="mediator", category="core")
class CallTemplate(Mediator):
    """Run a template with arguments.

    `{expression}` is evaluated once, here; an XPath that finds an element passes the element. `{{expression}}` is
    evaluated inside the template at each use, against the body of that moment (Synapse trap 7).

    Example::

        <call-template target="greet"><with-param name="who" value="{$trp:User}"/></call-template>
    """

    target: str = attr("Name of the template.", refers="template")
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    arguments: tuple[WithParam, ...] = children("The arguments.", tag="with-param")

    async def mediate(self, message: MessageContext) -> bool:
        arguments = {each.name: each.argument(message) for each in self.arguments}
        work = env_of(message).template(self.target).invoke(message, arguments)
        return await with_handler(message, self.on_error, work)
