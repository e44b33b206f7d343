"""The message context: one message on its way through a flow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.errors import Fault
from engine.message import addressing, correlation
from engine.message.content_type import DEFAULT_TYPES
from engine.message.ending import Ending
from engine.message.headers import Headers
from engine.message.parameters import Parameters
from engine.message.payload import Payload


class Registry(Protocol):
    """Named resources that outlive a message, addressed as ``conf:/…``, ``gov:/…`` or a plain path."""

    def get(self, path: str) -> bytes | None: ...

    def put(self, path: str, content: bytes) -> None: ...

    def delete(self, path: str) -> None: ...

    def file_of(self, path: str) -> Path:
        """Where on this machine what is written to ``path`` lies: workers lock it. Raises Fault for a bad path."""


class Environment(Protocol):
    """What expressions may ask of the world around a message."""

    @property
    def registry(self) -> Registry: ...

    @property
    def settings(self) -> Mapping[str, str]:
        """The properties file of the configuration: ``${configs.x}``, ``get-property('file', 'x')``."""

    def entry(self, key: str) -> Any:
        """The value of a local entry (text or an XML element), or of a registry resource; None when unknown."""

    def secret(self, alias: str) -> str | None:
        """The secret of that name (``wso2:vault-lookup('alias')``); None when unknown."""


class Exchange(Protocol):
    """The client's side of a message: what was asked, and the one answer."""

    method: str
    path: str
    query: str
    """The raw query string without ``?``."""
    client: str
    scheme: str
    """``https`` when the client speaks TLS, here or to a trusted proxy; else ``http``."""

    @property
    def answered(self) -> bool: ...

    async def answer(self, message: MessageContext) -> None:
        """Send the message as the answer. A second answer is refused with a warning in the log."""

    async def accept(self) -> None:
        """Answer 202 without a body now, while the flow goes on (FORCE_SC_ACCEPTED)."""


class MessageContext:
    """One message: payload, headers, properties in their scopes, and its way back to the client.

    Never shared between branches that run at the same time: clone it. Clones share the values of properties and
    variables, so nobody changes a value in place: who changes one sets a new one.
    """

    __slots__ = (
        "axis2",
        "axis2_client",
        "branches",
        "connections",
        "continues",
        "correlation",
        "created",
        "depth",
        "ending",
        "env",
        "exchange",
        "frames",
        "functions",
        "headers",
        "is_response",
        "one_way",
        "operation",
        "payload",
        "properties",
        "receive",
        "resumed",
        "to",
        "trace",
        "variables",
    )

    def __init__(self, env: Environment, exchange: Exchange, payload: Payload, headers: Headers) -> None:
        self.env = env
        self.exchange = exchange
        self.payload = payload
        self.headers = headers
        self.properties: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        """What ``<variable>`` sets: typed values, read as ``${vars.x}`` and ``$var:x``; they survive a call."""
        self.axis2: dict[str, Any] = {}
        self.axis2_client: dict[str, Any] = {}
        self.operation: dict[str, Any] = {}
        self.connections: dict[str, Any] = {}
        """What ``<connector.init>`` left for the later operations of the flow, by connector name."""
        self.functions: list[Parameters] = []
        """Template parameters, innermost last: what ``$func:`` reads."""
        self.to: str | None = None
        """The address of the next hop (header ``To``); None is the client, WS-Addressing's anonymous URI."""
        self.is_response = False
        self.continues = False
        """Set by ``send`` and ``loopback``: the flow goes on with ``receive`` or the out sequence."""
        self.one_way = False
        """Whether it was sent to where no answer comes from: nothing goes on with it (``core/vfs.py``)."""
        self.receive: str | None = None
        """The name of the sequence that takes the answer of a ``send`` instead of the out sequence."""
        self.depth = 0
        """Named sequences and templates entered and not left yet; bounds recursion."""
        self.ending = Ending()
        """What is to be done when the conversation is over: permits given back, transactions closed."""
        self.frames: list[Any] = []
        """Where the message is: the lists of steps it has entered, outermost first (``core/frames.py``)."""
        self.resumed = False
        """Whether an answer of a back end has come back into this flow: a branch that had one goes on (trap 26)."""
        self.branches: Any = None
        """What all messages of one request share (``core/branches.py``); None outside any flow."""
        self.trace: Any = None
        """Who watches what each step does (``core/trace.py``)."""
        self.created = time.time()
        self.correlation = b""
        """What ``correlation_id`` is made of: given by the transport, or when it is first asked for."""

    @property
    def correlation_id(self) -> str:
        """One id for all messages of a request, in logs and answers; the client's own when it sent a safe one."""
        if not self.correlation:
            self.correlation = next(correlation.ids)
        return self.correlation.decode("ascii")

    # ---------------------------------------------------------------- properties

    def set_property(self, name: str, value: Any) -> None:
        """Set in the default scope. None is a no-op: the previous value stays (Synapse trap 5)."""
        if value is not None:
            self.properties[name] = value

    def set_axis2(self, name: str, value: Any) -> None:
        """Set in the axis2 scope. ``messageType`` also changes the content type (Synapse trap 17)."""
        self.axis2[name] = value
        if name == "messageType" and value is not None:
            self.axis2["ContentType"] = value
            self.headers.set("Content-Type", str(value))

    def axis2_value(self, name: str) -> Any:
        """What the axis2 scope says: its own properties, then those of the client scope, as Axis2's contexts do.

        What a message came as is there too: ContentType with its parameters, messageType without (ServerWorker.java).
        The client's host is its address: names are not looked up.
        """
        value = self.axis2.get(name)
        if value is None:
            value = self.axis2_client.get(name)
        if value is None and name == "ContentType":
            return self.headers.get("content-type")
        if value is None and name == "messageType":
            return self.payload.media or None
        if value is None and name == "REMOTE_HOST":
            return self.axis2.get("REMOTE_ADDR")
        return value

    @property
    def requested(self) -> str:
        """What the client asked for: path and query. A request's ``to`` until somebody sets it."""
        exchange = self.exchange
        return f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path

    @property
    def destination(self) -> str | None:
        """Where the message goes: ``to``, and for a SOAP request that nobody has redirected yet its wsa:To.

        A body that is still a stream is not waited for, and one that is no SOAP after all has no such header.
        """
        given = self.to not in (self.requested, self.exchange.path) or self.is_response
        if given or self.payload.pending or self.payload.kind not in ("soap11", "soap12"):
            return self.to
        try:
            address = addressing.text(self.payload.envelope(), "To")
        except Fault:
            return self.to
        return address if ":" in address and not addressing.is_anonymous(address) else self.to

    @property
    def message_type(self) -> str:
        """The content type that chooses the formatter: ``messageType``, else Content-Type, else the payload's own."""
        value = self.axis2.get("messageType") or self.headers.get("content-type")
        return str(value) if value else DEFAULT_TYPES.get(self.payload.kind, "")

    # ---------------------------------------------------------------- life

    def become_response(self, status: int, reason: str, headers: Headers, payload: Payload) -> None:
        """Turn into the answer of a back end: new headers and axis2 properties, same properties (Synapse trap 37).

        A request body that nobody will read any more is given up; while the answer is still arriving the body may
        still be on its way to the back end, and belongs to who sends it there.
        """
        request_type = self.axis2.get("messageType")
        if payload.stream is None:
            self.payload.close()
        self.payload, self.headers = payload, headers
        self.axis2 = {"HTTP_SC": status, "HTTP_SC_DESC": reason}
        if payload.media:
            self.axis2["messageType"] = payload.media
        elif request_type is not None:
            self.axis2["messageType"] = request_type
        self.is_response = self.resumed = True
        self.to = None

    def clone(self, payload: Payload | None = None) -> MessageContext:
        """A branch's own message: payload, headers and properties copied, exchange and environment shared.

        ``payload`` is the twin's in place of a copy. The twin is in no list of steps yet.
        """
        payload = self.payload.copy() if payload is None else payload
        twin = MessageContext(self.env, self.exchange, payload, self.headers.copy())
        twin.properties = dict(self.properties)
        twin.variables = dict(self.variables)
        twin.axis2 = dict(self.axis2)
        twin.axis2_client = dict(self.axis2_client)
        twin.operation = self.operation
        twin.connections = dict(self.connections)
        twin.functions = list(self.functions)
        twin.to, twin.is_response, twin.created = self.to, self.is_response, self.created
        twin.depth = self.depth
        twin.ending, twin.branches, twin.trace = self.ending, self.branches, self.trace
        self.correlation = twin.correlation = self.correlation or next(correlation.ids)
        return twin

    def adopt(self, other: MessageContext) -> None:
        """Go on as ``other``, a clone that has ended: all but the place in the flow and the direction."""
        self.payload, self.headers, self.to = other.payload, other.headers, other.to
        self.properties, self.variables, self.connections = other.properties, other.variables, other.connections
        self.axis2, self.axis2_client = other.axis2, other.axis2_client
