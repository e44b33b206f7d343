"""Requests become messages and find their flow; the client is played by the tests."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from engine.core.flow import Flow
from engine.core.http import RawHeaders
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.wire import PlayedConnection, WrittenAnswer
from engine.transports.http_in import HttpReceiver, Route, Router
from engine.transports.http_in_cycle import HIGH_WATER
from engine.transports.http_in_exchange import HttpExchange

Serve = Callable[[MessageContext], Awaitable[None]]
JSON = [(b"content-type", b"application/json")]


class Served:
    """A router with one flow, made of a function."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.asked: list[tuple[str, str, str]] = []

    def route(
        self, method: str, path: str, query: str, headers: RawHeaders | None = None, scheme: str = "http"
    ) -> Route | None:
        self.asked.append((method, path, query))
        if path.startswith("/none"):
            return None
        return Route(cast(Flow, self), "/rest?q=1", {"uri.var.id": "7"})


class Client:
    """Sends a request in pieces and reads the answer; ``leaves`` after the last piece in place of ending the body."""

    def __init__(self, *pieces: bytes, leaves: bool = False, client: str = "127.0.0.1") -> None:
        self.connection = PlayedConnection(pieces, leaves=leaves, client=client)
        self.method = ""

    @property
    def answer(self) -> WrittenAnswer:
        return WrittenAnswer(self.connection.written, self.method)

    def header(self, name: bytes) -> bytes | None:
        values = [value for key, value in self.answer.headers if key == name]
        assert len(values) < 2
        return values[0] if values else None


async def call(
    played: Client, serve: Serve, method: str = "GET", target: str = "/p", headers: Any = (), length: int | None = 0
) -> Served:
    router = Served(serve)
    played.method = method
    exchange = HttpExchange(played.connection, method, target, list(headers), length)
    played.connection.play(exchange)
    await HttpReceiver(lambda: cast(Router, router))(exchange)
    return router


async def respond(message: MessageContext) -> None:
    await message.exchange.answer(message)


async def test_a_request_becomes_a_message() -> None:
    seen: list[MessageContext] = []

    async def serve(message: MessageContext) -> None:
        seen.append(message)
        await message.exchange.accept()

    client = Client(b'{"a":1}')
    router = await call(client, serve, "POST", "/p%20q?q=%201", [*JSON, (b"content-length", b"7"), (b"x-a", b"1")], 7)
    [message] = seen
    assert router.asked == [("POST", "/p%20q", "q=%201")]
    assert message.payload.json() == {"a": 1}
    assert message.axis2 == {
        "HTTP_METHOD": "POST",
        "REST_URL_POSTFIX": "/rest?q=1",
        "TransportInURL": "/p%20q?q=%201",
        "REMOTE_ADDR": "127.0.0.1",
    }
    assert (message.to, message.properties, message.headers.get("X-A")) == ("/p%20q?q=%201", {"uri.var.id": "7"}, "1")
    asked = message.exchange
    assert (asked.method, asked.path, asked.query, asked.client) == ("POST", "/p%20q", "q=%201", "127.0.0.1")


async def test_a_request_without_body_is_empty() -> None:
    client = Client()
    await call(client, respond, "POST")
    assert (client.answer.status, client.answer.body) == (200, b"")


async def test_nobody_serves_the_path() -> None:
    client = Client()
    await call(client, respond, target="/none%3C")
    assert (client.answer.status, client.header(b"content-type")) == (404, b"application/json")
    said = {"error": {"code": "not-found", "message": "there is no service at /none%3C"}}
    assert json.loads(client.answer.body) == said


async def test_a_client_that_leaves_before_its_request_is_a_message_gets_no_answer() -> None:
    client = Client(leaves=True)
    await call(client, respond, "POST", length=5)
    assert client.connection.written == b""


async def test_a_body_whose_first_piece_is_all_is_no_stream() -> None:
    async def serve(message: MessageContext) -> None:
        assert message.payload.raw() == b"ab"
        await message.exchange.accept()

    client = Client(b"ab")
    await call(client, serve, "POST", length=2)
    assert client.answer.status == 202


async def test_a_short_body_is_waited_for() -> None:
    async def serve(message: MessageContext) -> None:
        assert message.payload.raw() == b"abcde"
        await message.exchange.accept()

    client = Client(b"ab", b"c", b"de")
    await call(client, serve, "POST", length=5)
    assert client.answer.status == 202


async def test_the_client_of_a_short_body_may_leave_before_its_end() -> None:
    async def serve(message: MessageContext) -> None:
        raise AssertionError("no flow sees half a body")

    client = Client(b"ab", leaves=True)
    await call(client, serve, "POST", length=5)
    assert client.connection.written == b""


@pytest.mark.parametrize("length", [HIGH_WATER + 1, None])
async def test_a_long_body_is_a_stream(length: int | None) -> None:
    async def serve(message: MessageContext) -> None:
        stream = message.payload.stream
        assert stream is not None
        assert stream.length == length
        assert [await stream.read() for _ in range(4)] == [b"ab", b"c", last, b""]
        await message.exchange.accept()

    last = b"d" * (HIGH_WATER - 2)
    client = Client(b"ab", b"c", last)
    await call(client, serve, "POST", length=length)
    assert client.answer.status == 202


async def test_a_client_that_waits_for_100_gets_it_when_somebody_reads() -> None:
    async def serve(message: MessageContext) -> None:
        assert client.connection.written == b""
        assert message.payload.stream is not None
        assert await message.payload.stream.read() == b"ab"
        await message.exchange.accept()

    client = Client(b"ab")
    exchange = HttpExchange(client.connection, "POST", "/p", [], 2)
    exchange.expects_continue = True
    client.connection.play(exchange, at_once=False)
    await HttpReceiver(lambda: cast(Router, Served(serve)))(exchange)
    assert client.connection.written.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 ")


async def test_a_body_nobody_took_is_given_up_with_the_flow() -> None:
    seen: list[Any] = []

    async def serve(message: MessageContext) -> None:
        seen.append(message.payload.stream)
        message.payload = Payload()
        await message.exchange.answer(message)

    await call(Client(b"ab", b"c"), serve, "POST", length=None)
    assert await seen[0].read() == b""


async def test_a_body_that_stops_is_the_clients_fault() -> None:
    async def serve(message: MessageContext) -> None:
        stream = message.payload.stream
        assert stream is not None
        assert await stream.read() == b"ab"
        with pytest.raises(Fault, match="the client left") as caught:
            await stream.read()
        assert caught.value.status == 400

    client = Client(b"ab", b"", leaves=True)
    await call(client, serve, "POST", length=None)
    assert client.connection.written == b""
