"""Messages become answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from engine.errors import Fault
from engine.message.context import Environment, MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.testing.wire import PlayedConnection, WrittenAnswer
from engine.transports.http_in_exchange import HttpExchange, RequestBody

Serve = Callable[[MessageContext], Awaitable[None]]
JSON = [(b"content-type", b"application/json")]


class Client:
    """Sends a request in pieces and reads the answer; ``leaves`` after the last piece in place of ending the body."""

    def __init__(self, *pieces: bytes, leaves: bool = False) -> None:
        self.connection = PlayedConnection(pieces, leaves=leaves)
        self.method = ""

    @property
    def answer(self) -> WrittenAnswer:
        return WrittenAnswer(self.connection.written, self.method)

    @property
    def complete(self) -> bool:
        return "answered" in self.connection.calls

    def header(self, name: bytes) -> bytes | None:
        values = [value for key, value in self.answer.headers if key == name]
        assert len(values) < 2
        return values[0] if values else None


async def call(client: Client, serve: Serve, method: str = "GET", headers: Any = (), length: int | None = 0) -> None:
    """A request whose message ``serve`` answers."""
    client.method = method
    exchange = HttpExchange(client.connection, method, "/p", list(headers), length)
    client.connection.play(exchange)
    body: bytes | RequestBody = RequestBody(exchange, b"") if exchange.more_body else exchange.whole_body
    message = MessageContext(cast(Environment, None), exchange, Payload(body, origin="client"), Headers(headers))
    message.axis2 = {"TransportInURL": "/p"}
    await serve(message)


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


async def test_an_answer() -> None:
    client = Client()
    await call(client, back_end(201, [*JSON, (b"x-a", b"1"), (b"connection", b"x"), (b"server", b"y")], b"{}"))
    assert (client.answer.status, client.answer.body) == (201, b"{}")
    assert client.answer.headers == [*JSON, (b"x-a", b"1"), (b"content-length", b"2")]


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
    assert client.answer.status == status


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
    await call(client, serve, headers=[(b"content-type", b"text/xml")])
    assert (client.answer.status, b"Fault" in client.answer.body) == (status, True)


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_body(status: int) -> None:
    stream = Stream(b"x")
    client = Client()
    await call(client, back_end(status, [(b"etag", b"e"), (b"content-length", b"7")], stream))
    assert (client.answer.body, client.answer.headers, stream.closed) == (b"", [(b"etag", b"e")], True)


async def test_no_entity_body() -> None:
    async def serve(message: MessageContext) -> None:
        message.payload = Payload(b"abc", "text/plain")
        message.axis2["NO_ENTITY_BODY"] = "true"
        await message.exchange.answer(message)

    client = Client()
    await call(client, serve)
    assert (client.answer.body, client.header(b"content-length")) == (b"", b"0")


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
    assert (client.answer.status, client.answer.body, client.header(b"content-length")) == (200, b"", length)


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
    assert client.answer.headers == [(b"x-a", b"1"), (b"content-length", b"0")]


@pytest.mark.parametrize("length", [4, None])
async def test_a_streamed_answer(length: int | None) -> None:
    stream = Stream(b"ab", b"cd", length=length)
    client = Client()
    await call(client, back_end(200, [], stream))
    assert client.answer.body == b"abcd"
    assert client.header(b"content-length") == (None if length is None else b"4")
    assert (client.complete, client.answer.complete, stream.closed) == (True, True, True)


async def test_a_streamed_answer_that_breaks_off_is_not_completed() -> None:
    stream, client = Stream(b"ab", Fault("broken")), Client()
    with pytest.raises(Fault, match="broken"):
        await call(client, back_end(200, [], stream))
    assert (client.answer.pieces, client.complete, stream.closed) == ([b"ab"], False, True)


async def test_the_head_does_not_wait_for_the_body() -> None:
    go_on = asyncio.Event()
    client = Client()
    answering = asyncio.create_task(call(client, back_end(200, [], Stream(go_on, b"late"))))
    await asyncio.sleep(0)
    assert client.answer.status == 200
    go_on.set()
    await answering
    assert client.answer.body == b"late"


class ClosedStream(Stream):
    """One that wakes its reader with an error when it is closed, as those of back ends do."""

    def __init__(self, *pieces: Any) -> None:
        super().__init__(*pieces)
        self.left = asyncio.Event()

    async def read(self) -> bytes:
        if self.pieces:
            return await super().read()
        await self.left.wait()
        raise Fault("closed")

    def close(self) -> None:
        super().close()
        self.left.set()


async def test_a_client_that_leaves_ends_the_transfer_at_once() -> None:
    stream = ClosedStream(b"ab")
    client = Client()
    exchange = HttpExchange(client.connection, "GET", "/p", [])
    exchange.end_of_body()
    message = MessageContext(cast(Environment, None), exchange, Payload(stream, origin="backend"), Headers())
    answering = asyncio.create_task(exchange.answer(message))
    while not client.connection.written.endswith(b"ab\r\n"):  # noqa: ASYNC110 - a plain attribute
        await asyncio.sleep(0)
    exchange.disconnect()
    await answering
    assert (client.complete, client.answer.complete, stream.closed) == (False, False, True)


async def test_a_client_that_left_gets_nothing() -> None:
    stream = Stream(b"ab")
    client = Client(leaves=True)
    await call(client, back_end(200, [], stream))
    assert (client.connection.written, client.complete, stream.closed) == (b"", False, True)


async def test_an_answer_may_be_the_request_itself() -> None:
    client = Client(*[b"%d" % number for number in range(9)])
    await call(client, respond, "POST", length=None)
    assert (client.answer.body, client.complete) == (b"012345678", True)


async def test_a_closed_body_is_at_its_end() -> None:
    exchange = HttpExchange(PlayedConnection(), "POST", "/p", [], 5)
    body = RequestBody(exchange, b"ab")
    assert body.length == 5
    body.close()
    body.close()
    assert await body.read() == b""


async def test_a_refusal() -> None:
    for status, kept in ((404, True), (408, False), (413, False)):
        client = Client()
        exchange = HttpExchange(client.connection, "GET", "/p", [])
        exchange.end_of_body()
        exchange.refuse(status, "code", "text")
        assert (client.answer.status, client.answer.body) == (status, b'{"error":{"code":"code","message":"text"}}')
        assert (exchange.answered, exchange.keep_alive) == (True, kept)


async def test_an_answer_with_a_header_that_cannot_be_sent_leaves_room_for_another() -> None:
    async def serve(message: MessageContext) -> None:
        message.payload = Payload(b"{}", "application/json")
        message.headers.raw.append((b"x-bad\r\nevil", b"1"))
        with pytest.raises(Fault, match="line break"):
            await message.exchange.answer(message)
        assert not message.exchange.answered
        message.headers.raw.clear()
        message.axis2["HTTP_SC"] = 500
        await message.exchange.answer(message)

    client = Client()
    await call(client, serve)
    assert (client.complete, client.answer.status, client.connection.writes) == (True, 500, 1)
