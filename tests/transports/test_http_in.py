"""Requests become messages, messages become answers; the ASGI side is played by the tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from engine.core.flow import Flow
from engine.core.http import RawHeaders
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.transports.http_in import HttpReceiver, RequestBody, Route, Router

Serve = Callable[[MessageContext], Awaitable[None]]
JSON = [(b"content-type", b"application/json")]
NO_MORE = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


def piece(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


class Served:
    """A router with one flow, made of a function."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.asked: list[tuple[str, str, str]] = []

    def route(self, method: str, path: str, query: str, headers: RawHeaders | None = None) -> Route | None:
        self.asked.append((method, path, query))
        if path.startswith("/none"):
            return None
        return Route(cast(Flow, self), "/rest?q=1", {"uri.var.id": "7"})


class Client:
    """Plays the events of a request and keeps those of the answer."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for event in events:
            self.events.put_nowait(event)
        self.asked = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []
        self.complete = False

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        return await self.events.get()

    async def send(self, event: Any) -> None:
        if event["type"] == "http.response.start":
            assert not self.status, "a second answer"
            self.status, self.headers = event["status"], event["headers"]
            return
        assert not self.complete
        self.pieces.append(event["body"])
        self.complete = not event.get("more_body", False)
        await asyncio.sleep(0)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def header(self, name: bytes) -> bytes | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2
        return values[0] if values else None


async def call(
    played: Client, serve: Serve, method: str = "GET", path: bytes = b"/p", headers: Any = (), **scope: Any
) -> Served:
    router = Served(serve)
    full = {
        "type": "http",
        "method": method,
        "raw_path": path,
        "query_string": b"",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
    }
    await HttpReceiver(lambda: cast(Router, router))(full | scope, played.receive, played.send)
    return router


async def respond(message: MessageContext) -> None:
    await message.exchange.answer(message)


def back_end(status: int, headers: Any, body: Any = b"") -> Serve:
    """A flow that answers what a back end said."""

    async def serve(message: MessageContext) -> None:
        fields = Headers(headers)
        payload = Payload(body, fields.get("content-type") or "", origin="backend")
        message.become_response(status, "", fields, payload)
        await message.exchange.answer(message)

    return serve


class Stream:
    """A back end's body of given pieces; an exception is raised, an Event waited for."""

    def __init__(self, *pieces: Any, length: int | None = None) -> None:
        self.pieces = list(pieces)
        self.length = length
        self.closed = False

    async def read(self) -> bytes:
        while self.pieces:
            part = self.pieces.pop(0)
            if isinstance(part, Exception):
                raise part
            if isinstance(part, bytes):
                return part
            await part.wait()
        return b""

    def close(self) -> None:
        self.closed = True


# -------------------------------------------------------------------- the request


async def test_a_request_becomes_a_message() -> None:
    seen: list[MessageContext] = []

    async def serve(message: MessageContext) -> None:
        seen.append(message)
        await message.exchange.accept()

    client = Client(piece(b'{"a":1}', more=False))
    headers = [*JSON, (b"content-length", b"7"), (b"x-a", b"1")]
    router = await call(client, serve, "POST", b"/p%20q", headers, query_string=b"q=%201")
    [message] = seen
    assert router.asked == [("POST", "/p%20q", "q=%201")]
    assert message.payload.json() == {"a": 1}
    assert message.axis2 == {
        "HTTP_METHOD": "POST",
        "REST_URL_POSTFIX": "/rest?q=1",
        "TransportInURL": "/p%20q?q=%201",
        "REMOTE_ADDR": "127.0.0.1",
    }
    assert (message.to, message.properties, message.headers.get("X-A")) == ("/p%20q", {"uri.var.id": "7"}, "1")
    asked = message.exchange
    assert (asked.method, asked.path, asked.query, asked.client) == ("POST", "/p%20q", "q=%201", "127.0.0.1")


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"0")]])
async def test_a_request_without_body_waits_for_none(headers: Any) -> None:
    client = Client()
    await call(client, respond, "POST", headers=headers)
    assert (client.status, client.body, client.asked) == (200, b"", 0)


async def test_a_client_without_address() -> None:
    async def serve(message: MessageContext) -> None:
        assert message.axis2["REMOTE_ADDR"] == ""
        await message.exchange.accept()

    client = Client()
    await call(client, serve, client=None)
    assert client.status == 202


async def test_nobody_serves_the_path() -> None:
    client = Client()
    await call(client, respond, path=b"/none%3C")
    assert (client.status, client.header(b"content-type")) == (404, b"application/json")
    assert json.loads(client.body) == {"error": {"code": "not-found", "message": "there is no service at /none%3C"}}


async def test_a_client_that_leaves_before_its_request_is_a_message() -> None:
    client = Client(GONE)
    await call(client, respond, "POST", headers=[(b"content-length", b"5")])
    assert client.status == 400


@pytest.mark.parametrize(
    ("header", "length"), [((b"content-length", b"5"), 5), ((b"transfer-encoding", b"chunked"), None)]
)
async def test_a_long_body_is_a_stream(header: tuple[bytes, bytes], length: int | None) -> None:
    async def serve(message: MessageContext) -> None:
        stream = message.payload.stream
        assert stream is not None
        assert stream.length == length
        assert [await stream.read() for _ in range(4)] == [b"ab", b"c", b"de", b""]
        await message.exchange.accept()

    client = Client(piece(b"ab"), piece(b"c"), piece(b""), piece(b"de"), NO_MORE)
    await call(client, serve, "POST", headers=[header])
    assert (client.status, client.events.qsize()) == (202, 0)


async def test_a_body_that_stops_is_the_clients_fault() -> None:
    body = RequestBody(b"ab", Client(GONE).receive, 5)
    assert await body.read() == b"ab"
    with pytest.raises(Fault, match="the client left") as caught:
        await body.read()
    assert caught.value.status == 400


async def test_a_body_is_read_from_its_first_reading_to_its_end() -> None:
    body = RequestBody(b"ab", Client(piece(b"c", more=False)).receive, None)
    assert not body.being_read
    await body.read()
    assert body.being_read
    await body.read()
    assert not body.being_read
    assert await body.read() == b""


async def test_a_closed_body_is_at_its_end() -> None:
    body = RequestBody(b"ab", Client().receive, 5)
    body.close()
    body.close()
    assert (await body.read(), body.being_read) == (b"", False)


async def test_a_body_nobody_took_is_given_up_with_the_flow() -> None:
    seen: list[Any] = []

    async def serve(message: MessageContext) -> None:
        seen.append(message.payload.stream)
        await back_end(200, [], Stream(b"x"))(message)

    await call(Client(piece(b"ab")), serve, "POST", headers=[(b"content-length", b"5")])
    assert await seen[0].read() == b""


# -------------------------------------------------------------------- the answer


async def test_an_answer() -> None:
    client = Client()
    await call(client, back_end(201, [*JSON, (b"x-a", b"1"), (b"connection", b"x"), (b"server", b"y")], b"{}"))
    assert (client.status, client.body) == (201, b"{}")
    assert client.headers == [*JSON, (b"x-a", b"1"), (b"content-length", b"2")]


STATUSES: list[tuple[Any, int]] = [
    (None, 200), (201, 201), ("404", 404), (599, 599), (600, 500), (199, 500), ("abc", 500), ("", 500),
]  # fmt: skip


@pytest.mark.parametrize(("value", "status"), STATUSES)
async def test_the_status_is_http_sc(value: Any, status: int) -> None:
    async def serve(message: MessageContext) -> None:
        if value is not None:
            message.axis2["HTTP_SC"] = value
        await message.exchange.answer(message)

    client = Client()
    await call(client, serve)
    assert client.status == status


ENVELOPE = (
    b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    b"<e:Fault><faultcode>e:Server</faultcode><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>"
)


@pytest.mark.parametrize(
    ("made_here", "as_200", "status"), [(True, None, 500), (True, "true", 200), (False, None, 200)]
)
async def test_a_soap_fault_of_the_flow_is_500(made_here: bool, as_200: str | None, status: int) -> None:
    async def serve(message: MessageContext) -> None:
        source = Payload(ENVELOPE, "text/xml", "client")
        message.payload = source
        if made_here:
            message.payload = Payload()
            message.payload.set_envelope(source.envelope())
        if as_200:
            message.axis2["FAULTS_AS_HTTP_200"] = as_200
        await message.exchange.answer(message)

    client = Client()
    await call(client, serve)
    assert (client.status, b"Fault" in client.body) == (status, True)


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_body(status: int) -> None:
    stream = Stream(b"x")
    client = Client()
    await call(client, back_end(status, [(b"etag", b"e"), (b"content-length", b"7")], stream))
    assert (client.body, client.headers, stream.closed) == (b"", [(b"etag", b"e")], True)


async def test_no_entity_body() -> None:
    async def serve(message: MessageContext) -> None:
        message.payload = Payload(b"abc", "text/plain")
        message.axis2["NO_ENTITY_BODY"] = "true"
        await message.exchange.answer(message)

    client = Client()
    await call(client, serve)
    assert (client.body, client.header(b"content-length")) == (b"", b"0")


HEADS = {
    # name: (the back end's headers, Content-Length of the answer)
    "length": ([(b"content-length", b"7")], b"7"),
    "no length": ([], None),
    "not a length": ([(b"content-length", b"7, 7")], None),
}


@pytest.mark.parametrize(("headers", "length"), HEADS.values(), ids=HEADS)
async def test_head_has_the_back_ends_length(headers: Any, length: bytes | None) -> None:
    client = Client()
    await call(client, back_end(200, headers), "HEAD")
    assert (client.status, client.body, client.header(b"content-length")) == (200, b"", length)


async def test_head_of_what_the_flow_made_has_its_length() -> None:
    async def cleared(message: MessageContext) -> None:
        message.become_response(200, "", Headers([(b"content-length", b"7")]), Payload(b"1234567", "", "backend"))
        message.payload.clear()
        await message.exchange.answer(message)

    for flow in (cleared, respond):
        client = Client()
        await call(client, flow, "HEAD")
        assert client.header(b"content-length") == b"0"


async def test_trap_44_a_second_answer_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(message: MessageContext) -> None:
        await message.exchange.answer(message)
        await message.exchange.answer(message)
        await message.exchange.accept()

    client = Client()
    await call(client, serve)
    assert client.complete
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == ["a second answer was not sent"]


async def test_what_the_client_said_about_itself_does_not_come_back() -> None:
    client = Client()
    headers = [(b"authorization", b"t"), (b"cookie", b"a"), (b"accept", b"*/*"), (b"x-a", b"1")]
    await call(client, respond, headers=headers)
    assert client.headers == [(b"x-a", b"1"), (b"content-length", b"0")]


@pytest.mark.parametrize("length", [4, None])
async def test_a_streamed_answer(length: int | None) -> None:
    stream = Stream(b"ab", b"cd", length=length)
    client = Client()
    await call(client, back_end(200, [], stream))
    assert client.pieces == [b"ab", b"cd", b""]
    assert client.header(b"content-length") == (None if length is None else b"4")
    assert (client.complete, stream.closed) == (True, True)


async def test_a_streamed_answer_that_breaks_off_is_not_completed() -> None:
    stream, client = Stream(b"ab", Fault("broken")), Client()
    with pytest.raises(Fault, match="broken"):
        await call(client, back_end(200, [], stream))
    assert (client.pieces, client.complete, stream.closed) == ([b"ab"], False, True)


async def test_a_client_that_leaves_ends_the_transfer() -> None:
    stream = Stream(*[b"x"] * 100)
    client = Client(GONE)
    await call(client, back_end(200, [], stream))
    assert (client.complete, stream.closed) == (False, True)
    assert len(client.pieces) < 5


async def test_a_client_that_leaves_is_noticed_although_nobody_reads_its_request() -> None:
    stream = Stream(*[b"x"] * 100)
    client = Client(piece(b"ab"), GONE)
    await call(client, back_end(200, [], stream), "POST", headers=[(b"content-length", b"5")])
    assert (client.complete, stream.closed) == (False, True)


async def test_an_answer_leaves_the_rest_of_a_request_to_its_reader() -> None:
    """The answer is the request itself: no piece may go to the watch for a leaving client."""
    client = Client(*[piece(b"%d" % number) for number in range(9)], NO_MORE)
    await call(client, respond, "POST", headers=[(b"transfer-encoding", b"chunked")])
    assert (client.body, client.complete) == (b"012345678", True)


async def test_the_watch_for_a_leaving_client_ends_with_the_answer() -> None:
    client = Client()
    await call(client, back_end(200, [], Stream(b"a", b"b")))
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
