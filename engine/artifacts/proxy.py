"""<proxy>"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from engine.artifacts._file_poller import FilePoller
from engine.artifacts._file_settings import FileSettings, without_effect
from engine.artifacts._schedule import Schedule
from engine.artifacts._wsdl import PublishWsdl, WithWsdl
from engine.core.artifact import Served, check_name
from engine.core.background import Active
from engine.core.env import Conversation, Endpoint, Environment, ServiceName, env_of
from engine.core.flow import Flow, Part
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, body, child, children, element, slot, text
from engine.declare.spec import Node, OneOf
from engine.message.context import MessageContext

SERVER_NAME = "MYELIN_SERVER_NAME"
"""The environment variable with the name of this server, for ``pinnedServers``."""

_KEEP_ADDRESS = "modifyUserWSDLPortAddress"
_SERVED = frozenset({"http", "https"})
_FILES = "vfs"
_LOCAL = "local"
"""That of other flows, which send to ``local://services/NAME``."""
_INTERVAL, _LONG = "transport.PollInterval", 300.0
"""Seconds between two looks into the folder of the transport vfs (Axis2's AbstractPollingTransportListener)."""


@element("mark", open_content=True)
class Mark(Node):
    """Something that is there or not."""


@element("parameter", open_content=True)
class Parameter(Node):
    """A service parameter.

    ``modifyUserWSDLPortAddress`` with the value false leaves the addresses in a published WSDL as they are. Those that
    begin with ``transport.vfs.`` are settings of the transport vfs. The others of Axis2 services have no meaning here
    and are kept for tools.
    """

    name: str = attr("Name of the parameter.")
    value: str = text("Its value.", default="")


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
class Proxy(Served, Active):
    """Serve HTTP requests at /services/NAME, and the files of a folder.

    The in sequence runs on the request. If it comes to its end, the target endpoint is called (Synapse trap 44). The
    answer goes through the out sequence, or straight to the client where there is none. A fault runs the fault
    sequence, which ends the flow.

    Other flows call it at ``local://services/NAME`` without a connection, whatever its ``transports``; with ``local``
    alone nobody else can.

    With ``vfs`` in ``transports`` the files of a folder are its requests: the parameters are those of an
    ``<inboundEndpoint>`` of the protocol file, with ``transport.PollInterval`` for the time between two looks (seconds,
    300 by default, or with ``ms`` behind the number). What the proxy answers is written to
    ``transport.vfs.ReplyFileURI``, under the name ``transport.vfs.ReplyFileName``.

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
    transports: str = attr("Transports, separated by commas or spaces: http, https, vfs, local.", default="http,https")
    start_on_load: bool = attr("Whether it serves requests at once.", name="startOnLoad", default=True)
    pinned_servers: str = attr(
        "Names of the servers that serve it: the host's, or that of the variable MYELIN_SERVER_NAME.",
        name="pinnedServers",
        default="",
    )
    service_group: str = attr("Axis2 service group; kept for tools.", name="serviceGroup", default="")
    target: Target | None = child("What it does.", tag="target")
    publish: PublishWsdl | None = child("The WSDL that clients get at ?wsdl.", tag="publishWSDL")
    parameters: tuple[Parameter, ...] = children("Service parameters.", tag="parameter")
    security: Mark | None = child("WS-Security: not supported.", tag="enableSec")
    reliable: Mark | None = child("WS-ReliableMessaging: not supported.", tag="enableRM")

    def __post_init__(self) -> None:
        check_name("proxy", self.name)
        for each, what in ((self.security, "WS-Security"), (self.reliable, "WS-ReliableMessaging")):
            if each is not None:
                raise Unacceptable(
                    f"{what} is not supported, and without it the service would take what it must refuse.",
                    code="unsupported",
                    hint=f"Let a gateway in front do {what} and remove its element, or take the proxy out.",
                )
        self._files, self._refused = self._poller()

    def _poller(self) -> tuple[FilePoller | None, Unacceptable | None]:
        """What takes the files of the transport vfs, or why it takes none."""
        if _FILES not in _words(self.transports):
            return None, None
        given = {each.name: each.value.strip() for each in self.parameters}
        try:
            schedule = Schedule(_seconds(given.get(_INTERVAL, "")))
            settings = FileSettings.read(given)
        except Unacceptable as error:
            return None, error
        path = f"/services/{self.name}"
        poller = FilePoller(f"proxy '{self.name}'", settings, self.flow(), schedule, self.message_properties, path=path)
        return poller, None

    async def run(self, current: Callable[[], Environment]) -> None:
        if self._files is not None and self.runs:
            await self._files.run(current)

    def remarks(self) -> Iterable[tuple[str, str]]:
        named = _words(self.transports)
        if self._refused is not None:
            yield f"it takes no files: {self._refused.message}", self._refused.hint
        elif named and not named & (_SERVED | {_FILES, _LOCAL}):
            yield (
                f"it is not served: the engine has no transport {', '.join(sorted(named))}.",
                "Add http to its transports to serve it at /services/NAME.",
            )
        elif named == {"https"}:
            yield "it is served over http too.", "Let what ends TLS in front of the engine refuse plain http."
        if self._files is not None:
            yield from without_effect({each.name: each.value for each in self.parameters})
        if not self._is_pinned_here:
            yield (
                f"it is not served: it is pinned to {self.pinned_servers}, and this server is none of them.",
                f"Set the variable {SERVER_NAME} to one of these names to serve it.",
            )

    @property
    def runs(self) -> bool:
        """Whether it works at all, by whatever transport."""
        return self.start_on_load and self._is_pinned_here

    @property
    def _is_pinned_here(self) -> bool:
        pinned = _words(self.pinned_servers)
        return not pinned or not pinned.isdisjoint({"localhost", socket.gethostname(), os.environ.get(SERVER_NAME, "")})

    @property
    def address(self) -> str | None:
        named = _words(self.transports)
        return f"/services/{self.name}" if self.runs and (not named or named & _SERVED) else None

    @property
    def message_properties(self) -> dict[str, str]:
        return {"proxy.name": self.name}

    def flow(self) -> Conversation:
        """The conversation that requests go through; built once per deployment."""
        flow = self._flow()
        if self.publish is None:
            return flow
        kept = any(each.name == _KEEP_ADDRESS and each.value.strip().lower() == "false" for each in self.parameters)
        return WithWsdl(flow, self.publish, with_own_address=not kept)

    def _flow(self) -> Flow:
        me, target = f"proxy '{self.name}'", self.target
        service = ServiceName("proxy", self.name)
        if target is None:
            return Flow(me, Part(me), Part(me), Part(me), service=service)
        return Flow(
            me,
            Part(f"inSequence of {me}", target.in_steps, target.in_key),
            Part(f"outSequence of {me}", target.out_steps, target.out_key),
            Part(f"faultSequence of {me}", target.fault_steps, target.fault_key),
            _Keyed(target.endpoint_key) if target.endpoint_key else target.endpoint,
            service,
        )


def _seconds(text: str) -> float:
    """Of an interval as Axis2 writes it: seconds, or ``250ms``. Raises Unacceptable."""
    number, unit = (text[:-2], 1000.0) if text.lower().endswith("ms") else (text, 1.0)
    if text and not number.strip().isdecimal():
        raise Unacceptable(f"the parameter '{_INTERVAL}' is '{text}', which is no whole number.")
    return max(int(number) / unit, 0.001) if text else _LONG


def _words(text: str) -> set[str]:
    return set(text.replace(",", " ").split())


class _Keyed:
    """A target endpoint named by attribute, looked up when a message comes."""

    def __init__(self, key: str) -> None:
        self.key = key

    def recipients(self, message: MessageContext) -> Sequence[Endpoint]:
        return env_of(message).endpoint(self.key).recipients(message)

    async def send(self, message: MessageContext) -> None:
        await env_of(message).endpoint(self.key).send(message)
