"""Run mediators, sequences and flows in a test, without a server.

    harness = Harness()
    message = harness.message(b'{"a": 1}')
    await harness.run('<property name="x" expression="json-eval($.a)"/>', message)
    assert message.properties["x"] == "1"

Nothing is mocked but the client and the back end: loading, checking, expressions and faults are the engine's own.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from engine.core.http import HttpClient, HttpRequest, HttpResponse, RawHeaders
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.core.wire import body_of, headers_of
from engine.declare.build import Builder
from engine.declare.catalog import Catalog
from engine.declare.spec import SYNAPSE
from engine.deploy import loader
from engine.deploy.linker import link
from engine.deploy.loader import LoadedFile, Stamp
from engine.deploy.snapshot import Snapshot
from engine.errors import Problem
from engine.message import correlation
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.runtime.catalog import language
from engine.runtime.config import Config, Limits
from engine.runtime.services import ProcessServices
from engine.source import Element, Source
from engine.testing.wire import PlayedConnection, WrittenAnswer
from engine.transports.http_in import HttpReceiver, Router
from engine.transports.http_in_exchange import HttpExchange


class LoadError(AssertionError):
    """The XML of a test has problems; ``problems`` are all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Answer:
    """What the client got."""

    status: int
    headers: Headers
    body: bytes


@dataclass(slots=True)
class StubExchange:
    """A client that remembers its answers."""

    method: str = "POST"
    path: str = "/services/test"
    query: str = ""
    client: str = "127.0.0.1"
    scheme: str = "http"
    answers: list[Answer] = field(default_factory=list)
    accepted: bool = False

    @property
    def answered(self) -> bool:
        return self.accepted or bool(self.answers)

    async def answer(self, message: MessageContext) -> None:
        if message.payload.pending:
            await message.payload.load(1 << 30)
        body, content_type = body_of(message, is_answer=True)
        assert isinstance(body, bytes)  # loaded above
        status = int(message.axis2.get("HTTP_SC") or 200)
        self.answers.append(Answer(status, Headers(headers_of(message, content_type)), body))

    async def accept(self) -> None:
        self.accepted = True


Responder = Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]


class StubClient:
    """An HTTP client that records requests and answers from a function; by default ``200 {}``."""

    def __init__(self, responder: Responder | None = None) -> None:
        self.requests: list[HttpRequest] = []
        self._responder = responder or (lambda request: response())

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        answer = self._responder(request)
        return answer if isinstance(answer, HttpResponse) else await answer


def response(
    status: int = 200, body: bytes = b"{}", content_type: str = "application/json", headers: RawHeaders | None = None
) -> HttpResponse:
    """A back end's answer."""
    return HttpResponse(status, "", [(b"content-type", content_type.encode()), *(headers or [])], body)


async def request(
    router: Router,
    method: str,
    target: str,
    body: bytes = b"",
    content_type: str = "application/json",
    *,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A request as a client sends it, through routing and the HTTP edge; ``target`` is path and query."""
    sent = Headers([(b"host", b"test:8290")])
    if body:
        sent.set("Content-Type", content_type)
        sent.set("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        sent.set(name, value)
    connection = PlayedConnection([body])
    exchange = HttpExchange(connection, method, target, sent.raw, len(body))
    exchange.correlation = _own_id(sent)
    connection.play(exchange)
    await HttpReceiver(lambda: router)(exchange)
    answer = WrittenAnswer(connection.written, method)
    return Answer(answer.status, Headers(answer.headers), answer.body)


class Harness:
    """An engine in miniature: the language, artifacts given as XML, a client and a registry of the test's choice.

    ``artifacts`` is the inside of a ``<definitions>`` element; names it lacks are faults at run time. ``registry`` is
    a folder, a fresh temporary one by default.
    """

    def __init__(
        self,
        artifacts: str = "",
        *,
        http: HttpClient | None = None,
        registry: Path | None = None,
        catalog: Catalog | None = None,
        connectors: Mapping[str, dict[str, Any]] | None = None,
        namespaces: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.catalog = catalog or language()
        self.http = http or StubClient()
        self._namespaces = namespaces
        folder = registry or Path(tempfile.mkdtemp(prefix="myelin-test-"))
        self.services = ProcessServices(
            Config(
                registry=str(folder),
                message_stores=str(folder / "message-stores"),
                connectors=dict(connectors or {}),
                limits=limits or Limits(),
            ),
            self.http,
        )
        weakref.finalize(self, self.services.close)
        if registry is None:
            weakref.finalize(self.services, shutil.rmtree, folder, ignore_errors=True)
        self.snapshot = self._deployed(artifacts)

    def message(
        self,
        body: bytes = b"",
        content_type: str = "application/json",
        *,
        headers: Mapping[str, str] | None = None,
        exchange: StubExchange | None = None,
    ) -> MessageContext:
        """A request from a client."""
        all_headers = Headers()
        if body:
            all_headers.set("Content-Type", content_type)
        for name, value in (headers or {}).items():
            all_headers.set(name, value)
        payload = Payload(body, content_type if body else "", origin="client")
        message = MessageContext(self.snapshot, exchange or StubExchange(), payload, all_headers)
        if own := _own_id(all_headers):
            message.correlation = own[1]
        return message

    def steps(self, xml: str) -> tuple[Mediator, ...]:
        """The mediators in an XML text. Raises LoadError for any problem, warnings included."""
        builder = Builder(self.catalog)
        steps = builder.mediators(self._wrapped("sequence", xml).children)
        if len(builder.problems):
            raise LoadError(builder.problems)
        return cast(tuple[Mediator, ...], steps)

    def problems(self, xml: str) -> list[str]:
        """The problems of mediators in an XML text, as ``line:column: severity[code]: text``; lines begin at 1."""
        builder = Builder(self.catalog)
        builder.mediators(self._wrapped("sequence", xml).children)
        return [str(problem).removeprefix("test.xml:") for problem in builder.problems]

    async def run(self, xml: str, message: MessageContext) -> bool:
        """Build and run mediators. Gives whether all of them ran; raises Fault as they do."""
        return await run(self.steps(xml), message)

    async def serve(self, path: str, message: MessageContext) -> Answer | None:
        """Send a message through the proxy at ``path``; the answer, or None for an empty 202."""
        route = self.snapshot.route("POST", path, "")
        assert route is not None, f"nothing is served at {path}"
        await route.flow.serve(message)
        exchange = cast(StubExchange, message.exchange)
        return exchange.answers[0] if exchange.answers else None

    async def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        content_type: str = "application/json",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request as a client sends it, to what is deployed here."""
        return await request(self.snapshot, method, target, body, content_type, headers=headers)

    def _wrapped(self, tag: str, xml: str) -> Element:
        # No line break before the text: places in it are those of the test's own string.
        start = f'<{tag} xmlns="{SYNAPSE}" {self._namespaces}>'
        return Source("test.xml", f"{start}{xml}</{tag}>".encode()).parse()

    def _deployed(self, artifacts: str) -> Snapshot:
        file = LoadedFile("test.xml", Stamp(0, 0))
        for each in self._wrapped("definitions", artifacts).children:
            loader.build(each, self.catalog, file)
        connectors = {tag.partition(".")[0] for tag in self.catalog.tags("mediator") if "." in tag}
        linked = link([file], {}, connectors, lambda path: self.services.registry.get(path) is not None)
        if linked.problems.has_errors:
            raise LoadError(linked.problems)
        return Snapshot(linked.artifacts, self.services, self.catalog)


def _own_id(headers: Headers) -> tuple[bytes, bytes] | None:
    """The header with the id that the client gave its request."""
    return next((pair for pair in headers.raw if pair[0] in correlation.NAMES), None)
