"""What mediators may ask of the engine around them. ``deploy/snapshot.py`` and ``runtime`` fulfil these protocols."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from engine.core.client_targets import LOOPBACK
from engine.core.http import HttpClient
from engine.core.mediator import Mediator
from engine.core.priorities import Priorities
from engine.message.context import Environment as MessageEnvironment
from engine.message.context import MessageContext, Registry

T = TypeVar("T")

PortSecurity: TypeAlias = Literal["none", "tls", "client certificates"]
"""Whether a port speaks TLS, and whether every client must show a certificate."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what grows with the input."""

    buffered_body: int = 32 * 1024 * 1024
    """Bytes of a body that a flow looks into. Bodies that only pass through have no limit."""
    buffered_total: int = 512 * 1024 * 1024
    """Bytes of all such bodies of one process together; 0: any number."""
    depth: int = 64
    """Named sequences and templates inside one another at run time."""
    branches: int = 100
    """Branches of one clone, iterate, foreach or scatter-gather that run at the same time."""
    background: int = 10_000
    """Pieces of work that nobody waits for: out-only messages, branches, events, local calls, flows that have sent
    their 202 (FORCE_SC_ACCEPTED). On each port no more flows are under way than this and ``connections`` together."""
    aggregate: int = 100_000
    """Messages that one group of an aggregate may hold."""
    database_threads: int = 8
    """Threads that work on databases."""
    database_timeout: float = 30.0
    """Seconds that one statement may take, and the wait for a thread and a connection with it."""
    client_targets: list[str] = field(default_factory=lambda: [LOOPBACK])
    """``host`` or ``host:port`` that clients may name in a message for the engine to send to; ``*`` for all,
    ``loopback`` for this machine, as long as the engine listens there only."""


@dataclass(frozen=True, slots=True)
class ScriptLimits:
    """Bounds on ``<script>``, and whether trusted Python may run."""

    time: float = 5.0
    """Seconds of one run."""
    memory: int = 64
    """Megabytes."""
    stack: int = 512
    """Kilobytes."""
    python: bool = False
    """Run scripts in Python too. They are trusted code: nothing confines them."""


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages may read the answers of APIs that have no CORS handler of their own."""

    allowed_origins: str = ""
    """Origins, separated by commas; ``*`` for all. Empty: no answer has CORS headers."""
    allowed_headers: str = ""
    """Request headers that they may send, separated by commas; ``*`` for all."""


class Sequence(Protocol):
    """A named sequence."""

    async def mediate(self, message: MessageContext) -> bool: ...


class Template(Protocol):
    """A sequence template."""

    async def invoke(
        self, message: MessageContext, arguments: Mapping[str, Any], computed: frozenset[str] = frozenset()
    ) -> bool: ...


class Endpoint(Protocol):
    """Where messages are sent."""

    def recipients(self, message: MessageContext) -> SequenceOf[Endpoint]:
        """Those that get a copy of the message each; empty when the message itself is to be sent. Raises Fault."""

    async def send(self, message: MessageContext) -> None:
        """Send the message; it becomes the answer. Raises Fault (TransportError) when there is none."""


class MessageQueue(Protocol):
    """Messages that wait, first in, first out."""

    async def put(self, message: MessageContext) -> None:
        """Keep a message whose body was read. Raises Fault when there is no room."""

    async def first(self, env: Environment) -> MessageContext:
        """The oldest message, which stays and belongs to ``env``; waits for one."""

    async def remove(self, message: MessageContext) -> None:
        """Take a message out, if it is still the first."""

    async def size(self) -> int: ...


class MessageStore(Protocol):
    """A named message store."""

    def queue(self, env: Environment) -> MessageQueue: ...


class PriorityExecutor(Protocol):
    """A named priority executor."""

    def priorities(self, env: Environment) -> Priorities: ...


class EventSource(Protocol):
    """A named source of events."""

    async def publish(self, message: MessageContext) -> None:
        """Send copies to its subscribers, in the background."""


class Conversation(Protocol):
    """What serves a request."""

    async def serve(self, message: MessageContext) -> None:
        """Never raises a Fault and never leaves without an answer."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the engine's own port serves, as far as ``pattern`` is the whole path and query of a request."""

    pattern: re.Pattern[str]


class PortServer(Protocol):
    """See ``Environment.serve_port``."""

    async def __call__(self, port: int, serves: Conversation | Services, security: PortSecurity = "none") -> None: ...


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What takes messages, as metrics name it. ``url`` is the path of an API."""

    type: Literal["proxy", "api", "inbound-endpoint"]
    name: str
    url: str = ""


class Meter(Protocol):
    """Counts what services do."""

    def served(self, service: ServiceName, seconds: float, *, failed: bool) -> None:
        """A conversation of ``service`` is over. ``failed``: a fault got as far as its fault sequence."""


class Environment(MessageEnvironment, Protocol):
    """The immutable snapshot a message began with, and the services of the process."""

    @property
    def http(self) -> HttpClient: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def scripts(self) -> ScriptLimits: ...

    @property
    def cors(self) -> Cors: ...

    @property
    def meter(self) -> Meter | None:
        """None when nobody counts."""

    @property
    def unhandled_fault_202(self) -> bool:
        """``compatibility.unhandled_fault_202``: lose unhandled faults in an empty 202, as the reference does."""

    @property
    def between_workers(self) -> Registry | None:
        """What the workers of one engine share for as long as it runs, and nobody else sees; None with one worker."""

    def connector_settings(self, connector: str) -> Mapping[str, Any]:
        """``connectors.NAME`` of the configuration; empty when there is none."""

    def datasource(self, name: str) -> Mapping[str, Any] | None:
        """``datasources.NAME`` of the configuration: url, user, password, properties of the pool. None when absent."""

    def sequence(self, name: str) -> Sequence:
        """Raises Fault when there is no such sequence. The same goes for the others."""

    def has_sequence(self, name: str) -> bool:
        """Whether there is a sequence of that name."""

    def template(self, name: str) -> Template: ...

    def connection(self, key: str) -> SequenceOf[Mediator]:
        """The operation of a connector in the local entry ``key``, which makes a connection. Raises Fault for none."""

    def endpoint(self, name: str) -> Endpoint: ...

    def message_store(self, name: str) -> MessageStore: ...

    def event_source(self, name: str) -> EventSource: ...

    async def serve_port(self, port: int, serves: Conversation | Services, security: PortSecurity = "none") -> None:
        """Take HTTP requests on a further port, each for a flow or a service, until cancelled; what is under way ends.

        Raises Fault when the port is taken, there is no server here, or the settings name no certificate for it.
        """

    def tls(self, host: str, port: int) -> ssl.SSLContext:
        """For a connection to a broker: whom to trust and what to show, by the settings ``back_ends``."""

    def durable_queue(self, name: str) -> MessageQueue:
        """The queue of that name that outlives the process; the same one at each call."""

    def priority_executor(self, name: str) -> PriorityExecutor: ...

    def conversation(self, path: str) -> Conversation | None:
        """What serves a POST to ``path``; None when nothing does."""

    def proxy(self, name: str) -> Conversation | None:
        """What the proxy of that name does, whatever its transports; None when there is none that runs."""

    @property
    def fault_sequence(self) -> Sequence | None:
        """The user's sequence named ``fault``: the handler of flows that have none of their own."""

    @property
    def default_endpoint(self) -> Endpoint:
        """Sends a message to the address it has (header To)."""

    def spawn(self, work: Coroutine[Any, Any, Any], name: str, *, counts: bool = False) -> None:
        """Run ``work`` in the background; its failure is logged, shutdown waits for it.

        What messages start ``counts``, unless something else bounds it. Raises Overloaded, and closes ``work``, when
        ``limits.background`` of that is under way.
        """

    def detach(self) -> None:
        """The flow at work goes on after its answer: it counts as background work now. Raises Overloaded."""

    def shared(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """The state that all messages of this process share under ``kind`` and ``name``, made at first use.

        For what outlives a message and must survive a deployment: caches, counters, groups of an aggregate.
        """


env_of: Callable[[MessageContext], Environment] = attrgetter("env")
"""The environment of a message, with all that the engine's rows above ``message`` know of it."""
