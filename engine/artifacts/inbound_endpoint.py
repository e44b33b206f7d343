"""<inboundEndpoint>"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from engine.artifacts.message_store import StoreParameter
from engine.core.artifact import require_name
from engine.core.background import Active
from engine.core.env import Environment
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import Node

_PORT = "inbound.http.port"


@element("parameters")
class InboundParameters(Node):
    """The settings."""

    items: tuple[StoreParameter, ...] = children("One setting.", tag="parameter")


@element("inboundEndpoint", kind="artifact", category="artifact")
class InboundEndpoint(Active):
    """Take HTTP requests on a port of its own, whatever their path, and run a sequence on them.

    ``inbound.http.port`` is the port, on the same address as the engine's own; all else is as there. A fault goes to
    ``onError``. With ``suspend`` nothing listens. Other protocols than http are errors that name the way out.

    Example::

        <inboundEndpoint name="orders" protocol="http" sequence="takeOrder" onError="refuse" suspend="false">
          <parameters><parameter name="inbound.http.port">8390</parameter></parameters>
        </inboundEndpoint>
    """

    kind: ClassVar[str] = "inbound-endpoint"

    name: str = attr("Name of the endpoint.")
    protocol: str = attr("Protocol: http.", default="")
    class_: str = attr("Java class of a listener of one's own.", default="")
    sequence: str | None = attr("Sequence that takes the requests.", default=None, refers="sequence")
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    suspend: bool = attr("Whether it rests.", default=False)
    interval: str = attr("Milliseconds between two looks, for protocols that poll.", default="")
    parameters: InboundParameters | None = child("Settings.", tag="parameters")

    def __post_init__(self) -> None:
        require_name("inbound endpoint", self.name)
        if self.protocol.strip().lower() != "http":
            what = f"the protocol '{self.protocol}'" if self.protocol else f"the class '{self.class_}'"
            raise Unacceptable(
                f"{what} is not for this engine.",
                code="unsupported",
                hint="Over HTTP the protocol 'http', a <proxy> or an <api> take messages; "
                "let a bridge of the broker or the file server call one of them.",
            )
        if self.sequence is None:
            hint = 'Add sequence="…".'
            raise Unacceptable("an inbound endpoint needs a sequence.", code="missing-attribute", hint=hint)
        self._port = self._read_port()
        me = f"inbound endpoint '{self.name}'"
        fault = Part(f"onError of {me}", key=self.on_error)
        self._flow = Flow(me, Part(f"sequence of {me}", key=self.sequence), Part(me), fault)

    def _read_port(self) -> int:
        items = self.parameters.items if self.parameters is not None else ()
        text = next((each.value.strip() for each in items if each.name == _PORT), "")
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Unacceptable(f"the parameter '{_PORT}' must be the number of a port, and is '{text}'.")
        return int(text)

    async def run(self, current: Callable[[], Environment]) -> None:
        if not self.suspend:
            await current().serve_port(self._port, self._flow)
