"""An ASGI application sees an ordinary request, and its events become an answer."""

from __future__ import annotations

from typing import Any

import pytest

from engine.testing.wire import PlayedConnection, WrittenAnswer
from engine.transports.http_in_asgi import Application, asgi
from engine.transports.http_in_exchange import HttpExchange


async def served(app: Application, *pieces: bytes, leaves: bool = False) -> WrittenAnswer:
    connection = PlayedConnection(pieces, leaves=leaves)
    exchange = HttpExchange(connection, "POST", "/a%20b?q=1", [(b"x-a", b"1")], None)
    connection.play(exchange)
    await asgi(app)(exchange)
    return WrittenAnswer(connection.written)


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def test_the_request() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["method"], scope["path"], scope["raw_path"], scope["query_string"], scope["headers"]))
        seen.append(scope["client"])
        while True:
            event = await receive()
            seen.append(event["body"])
            if not event["more_body"]:
                break
        await send(start())
        await send(body(b""))

    await served(app, b"ab", b"c")
    assert seen == [("POST", "/a b", b"/a%20b", b"q=1", [(b"x-a", b"1")]), ("127.0.0.1", 0), b"ab", b"c"]


async def test_a_client_that_leaves() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(await receive())

    await served(app, leaves=True)
    assert seen == [{"type": "http.disconnect"}]


@pytest.mark.parametrize("length", [(), ((b"content-length", b"4"),)])
@pytest.mark.parametrize("pieces", [[b"abcd"], [b"ab", b"cd"], [b"ab", b"cd", b""]])
async def test_the_answer(pieces: list[bytes], length: tuple[tuple[bytes, bytes], ...]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(201, *length, (b"x-b", b"2")))
        for number, piece in enumerate(pieces, 1):
            await send(body(piece, more=number < len(pieces)))

    answer = await served(app, b"")
    assert (answer.status, answer.body, answer.complete) == (201, b"abcd", True)
    assert (b"x-b", b"2") in answer.headers
