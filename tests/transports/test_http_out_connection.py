"""What only a connection without a socket can show: the order of things within one turn of the loop."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from engine.core.http import HttpRequest
from engine.testing.scripted import back_end, client
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_errors import NoAnswer
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import split_url
from engine.transports.write_batch import WriteBatch
from tests.transports.test_http_out import OK, keeping

HEAD = b"POST / HTTP/1.1\r\n\r\n"


class Transport:
    def __init__(self) -> None:
        self.written = b""
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.closing = True

    def get_write_buffer_size(self) -> int:
        return 0


def started() -> tuple[Connection, Transport, WriteBatch, asyncio.Future[object]]:
    """A request that will leave at the end of this turn."""
    loop = asyncio.get_running_loop()
    batch, transport = WriteBatch(loop), Transport()
    connection = Connection(loop, HttpOutSettings(), batch)
    connection.connection_made(cast(asyncio.Transport, transport))
    place = split_url("http://b/p?token=secret")
    waiter = connection.start(HEAD, b"", place, bodiless=False, single=False, timeout=None)
    return connection, transport, batch, cast("asyncio.Future[object]", waiter)


async def test_an_answer_before_the_request_has_left_answers_something_else() -> None:
    connection, transport, batch, waiter = started()
    connection.data_received(OK)
    with pytest.raises(NoAnswer) as caught:
        await waiter
    assert caught.value.unsent
    assert caught.value.message == "http://b/p answered something that is not HTTP/1.1: it came before the request"
    batch.flush()
    assert (transport.closing, transport.written) == (True, b"")


@pytest.mark.parametrize("left", [False, True])
async def test_whether_a_request_had_left_when_the_connection_ended(left: bool) -> None:
    connection, transport, batch, waiter = started()
    if left:
        batch.flush()
    connection.connection_lost(None)
    with pytest.raises(NoAnswer) as caught:
        await waiter
    assert caught.value.unsent is not left
    assert transport.written == (HEAD if left else b"")


async def test_an_answer_after_the_request_has_left() -> None:
    connection, transport, batch, waiter = started()
    batch.flush()
    connection.data_received(OK)
    await waiter
    assert transport.written == HEAD


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_what_never_left_is_sent_again(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rested connection brings an answer that nobody asked for, in the turn in which a request is given to it."""
    made: list[Connection] = []
    connection_made = Connection.connection_made

    def remember(connection: Connection, transport: asyncio.BaseTransport) -> None:
        made.append(connection)
        connection_made(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", remember)
    asked: list[bytes] = []
    async with back_end(keeping(OK, log=asked)) as url, client() as out:
        await out.send(HttpRequest(method, url))
        sending = asyncio.ensure_future(out.send(HttpRequest(method, url + "/again")))
        asyncio.get_running_loop().call_soon(made[0].data_received, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
        answer = await sending
        assert answer.body == b"ok"
        assert len(made) == 2
        assert [head.split(b" ")[1] for head in asked] == [b"/", b"/again"]
