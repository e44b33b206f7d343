"""<proxy>"""

from __future__ import annotations

from typing import ClassVar

from engine.core.artifact import Served, check_name
from engine.core.env import Endpoint, env_of
from engine.core.flow import Flow, Part
from engine.core.mediator import Mediator
from engine.declare.fields import attr, body, child, children, element, slot
from engine.declare.spec import Node, OneOf
from engine.message.context import MessageContext


@element("parameter", open_content=True)
class Parameter(Node):
    """A service parameter. Those of Axis2 services have no meaning here and are kept for tools."""

    name: str = attr("Name of the parameter.")


@element(
    "target",
    rules=(
        OneOf(("in_key", "in_steps"), optional=True),
        OneOf(("out_key", "out_steps"), optional=True),
        OneOf(("fault_key", "fault_steps"), optional=True),
        OneOf(("endpoint_key", "endpoint"), optional=True),
    ),
)
class Target(Node):
    """What the proxy does with a message."""

    in_key: str | None = attr("Sequence for requests.", name="inSequence", default=None, refers="sequence")
    out_key: str | None = attr("Sequence for answers.", name="outSequence", default=None, refers="sequence")
    fault_key: str | None = attr("Sequence for faults.", name="faultSequence", default=None, refers="sequence")
    endpoint_key: str | None = attr(
        "Endpoint called when the in sequence has run to its end.", name="endpoint", default=None, refers="endpoint"
    )
    in_steps: tuple[Mediator, ...] | None = body("Mediators for requests.", tag="inSequence")
    out_steps: tuple[Mediator, ...] | None = body("Mediators for answers.", tag="outSequence")
    fault_steps: tuple[Mediator, ...] | None = body("Mediators for faults.", tag="faultSequence")
    endpoint: Endpoint | None = slot("The same, written in place.", of="endpoint")


@element("proxy", kind="artifact", category="artifact", open_content=True)
class Proxy(Served):
    """Serve HTTP requests at /services/NAME.

    The in sequence runs on the request. If it comes to its end, the target endpoint is called (Synapse trap 44). The
    answer goes through the out sequence, or straight to the client where there is none. A fault runs the fault
    sequence, which ends the flow.

    Example::

        <proxy name="hello">
          <target>
            <inSequence>
              <payloadFactory media-type="json"><format>{"hello": "world"}</format><args/></payloadFactory>
              <respond/>
            </inSequence>
          </target>
        </proxy>
    """

    kind: ClassVar[str] = "proxy"

    name: str = attr("Name of the service.")
    transports: str = attr("Transports, separated by commas: http, https.", default="http,https")
    start_on_load: bool = attr("Whether it serves requests at once.", name="startOnLoad", default=True)
    pinned_servers: str = attr("Servers it runs on; kept for tools.", name="pinnedServers", default="")
    service_group: str = attr("Axis2 service group; kept for tools.", name="serviceGroup", default="")
    target: Target | None = child("What it does.", tag="target")
    parameters: tuple[Parameter, ...] = children("Service parameters.", tag="parameter")

    def __post_init__(self) -> None:
        check_name("proxy", self.name)

    @property
    def address(self) -> str | None:
        return f"/services/{self.name}" if self.start_on_load else None

    def flow(self) -> Flow:
        """The conversation that requests go through; built once per deployment."""
        me, target = f"proxy '{self.name}'", self.target
        if target is None:
            return Flow(me, Part(me), Part(me), Part(me))
        return Flow(
            me,
            Part(f"inSequence of {me}", target.in_steps, target.in_key),
            Part(f"outSequence of {me}", target.out_steps, target.out_key),
            Part(f"faultSequence of {me}", target.fault_steps, target.fault_key),
            _Keyed(target.endpoint_key) if target.endpoint_key else target.endpoint,
        )


class _Keyed:
    """A target endpoint named by attribute, looked up when a message comes."""

    def __init__(self, key: str) -> None:
        self.key = key

    async def send(self, message: MessageContext) -> None:
        await env_of(message).endpoint(self.key).send(message)
