"""<endpoint>"""

from __future__ import annotations

from typing import ClassVar

from engine.core.artifact import Artifact
from engine.core.env import env_of
from engine.declare.fields import attr, children, element, slot
from engine.declare.spec import Node, OneOf
from engine.endpoints.leaf import Leaf
from engine.endpoints.suspension import Suspension
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("property", open_content=True)
class EndpointProperty(Node):
    """A property set on every message that is sent."""

    name: str = attr("Name of the property.")
    value: str = attr("Value.", default="")
    scope: str = attr("Scope.", default="default")


@element("endpoint", kind=("artifact", "endpoint"), category="endpoint", rules=(OneOf(("key", "type")),))
class Endpoint(Artifact):
    """Define where messages go, here or under a name for use elsewhere.

    Example::

        <endpoint name="orders"><http method="post" uri-template="https://api.example.com/orders"/></endpoint>
    """

    kind: ClassVar[str] = "endpoint"
    _suspension: Suspension | None = None

    name: str = attr("Name, for endpoints of their own file.", default="")
    key: Value | None = attr(
        "Use the endpoint of this name; `{expression}` chooses at run time.", default=None, refers="endpoint"
    )
    type: Leaf | None = slot("The kind of endpoint.", of="endpoint-type")
    properties: tuple[EndpointProperty, ...] = children("Properties for each message.", tag="property")

    def __post_init__(self) -> None:
        if self.type is not None:
            self._suspension = self.type.suspension(self.name or str(self.where))

    @property
    def state(self) -> str:
        """ACTIVE, TIMEOUT or SUSPENDED, in this process."""
        return self._suspension.state if self._suspension is not None else "ACTIVE"

    async def send(self, message: MessageContext) -> None:
        """Send the message; it becomes the answer. Raises Fault."""
        for each in self.properties:
            if each.scope == "axis2":
                message.set_axis2(each.name, each.value)
            else:
                message.set_property(each.name, each.value)
        if self.type is not None and self._suspension is not None:
            await self.type.send(message, self._suspension)
            return
        await self._send_by_key(message)

    async def _send_by_key(self, message: MessageContext) -> None:
        key = self.key.text(message) if self.key is not None else None
        if not key:
            raise Fault(f"the endpoint key '{self.key.source if self.key else ''}' gives no name")
        env = env_of(message)
        if message.depth >= env.limits.depth:
            raise Fault(f"endpoint '{key}' is entered {message.depth} levels deep; does it name itself?")
        message.depth += 1
        try:
            await env.endpoint(key).send(message)
        finally:
            message.depth -= 1
