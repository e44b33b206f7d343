"""One request and its answer: framing, what an application is told, what goes over the wire."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.transports.http_in_cycle import HIGH_WATER, Cycle

CLOSE = b"connection: close\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"


class Connection:
    """Records what a cycle asks of its connection."""

    def __init__(self) -> None:
        self.written = b""
        self.writes = 0
        self.calls: list[str] = []
        self.drained = asyncio.Event()
        self.drained.set()

    def write(self, data: bytes) -> None:
        self.written += data
        self.writes += 1

    async def drain(self) -> None:
        await self.drained.wait()

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def answered(self, cycle: Cycle) -> None:
        self.calls.append("answered")


def made(method: str = "GET", version: str = "1.1", *, whole: bool = True) -> tuple[Connection, Cycle]:
    """A cycle whose request has arrived, or only its head."""
    connection = Connection()
    cycle = Cycle(connection, {"method": method, "http_version": version}, [(b"server", b"x")])
    if whole:
        cycle.end_of_body()
    return connection, cycle


async def answer(cycle: Cycle, status: int, headers: list[tuple[bytes, bytes]], *pieces: bytes) -> None:
    await cycle.send({"type": "http.response.start", "status": status, "headers": headers})
    for number, piece in enumerate(pieces, 1):
        await cycle.send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})


LENGTH = (b"content-length", b"2")
LINE = b"content-length: 2\r\n"

WIRE = {
    # name: (method, version, status, headers, pieces, headers on the wire, body on the wire, kept alive)
    "whole": ("GET", "1.1", 200, [LENGTH], [b"ok"], LINE, b"ok", True),
    "in pieces": ("GET", "1.1", 200, [LENGTH], [b"o", b"k", b""], LINE, b"ok", True),
    "chunked": ("GET", "1.1", 200, [], [b"o", b"k", b""], CHUNKED, b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", True),
    "empty piece is no chunk": ("GET", "1.1", 200, [], [b"", b"ok"], CHUNKED, b"2\r\nok\r\n0\r\n\r\n", True),
    "1.0, length": ("GET", "1.0", 200, [LENGTH], [b"ok"], LINE + b"connection: keep-alive\r\n", b"ok", True),
    "1.0, no length": ("GET", "1.0", 200, [], [b"o", b"k"], CLOSE, b"ok", False),
    "204": ("GET", "1.1", 204, [], [b""], b"", b"", True),
    "304": ("GET", "1.1", 304, [(b"etag", b'"e"')], [b""], b'etag: "e"\r\n', b"", True),
    "HEAD, length": ("HEAD", "1.1", 200, [LENGTH], [b""], LINE, b"", True),
    "HEAD, with the body": ("HEAD", "1.1", 200, [LENGTH], [b"o", b"k"], LINE, b"", True),
    "HEAD, no length": ("HEAD", "1.1", 200, [], [b""], CHUNKED, b"", True),
    "close": ("GET", "1.1", 200, [LENGTH, (b"connection", b"close")], [b"ok"], LINE + CLOSE, b"ok", False),
    "unknown status": ("GET", "1.1", 299, [LENGTH], [b"ok"], LINE, b"ok", True),
}


@pytest.mark.parametrize(
    ("method", "version", "status", "headers", "pieces", "lines", "body", "kept"), WIRE.values(), ids=WIRE
)
async def test_what_goes_over_the_wire(
    method: str, version: str, status: int, headers: Any, pieces: list[bytes], lines: bytes, body: bytes, kept: bool
) -> None:
    connection, cycle = made(method, version)
    await answer(cycle, status, headers, *pieces)
    head, _, rest = connection.written.partition(b"\r\n\r\n")
    start, _, fields = head.partition(b"\r\n")
    assert start.startswith(b"HTTP/1.1 %d " % status)
    assert (fields + b"\r\n", rest) == (b"server: x\r\n" + lines, body)
    assert (cycle.keep_alive, cycle.complete, connection.calls) == (kept, True, ["answered"])


async def test_head_and_body_leave_in_one_write() -> None:
    connection, cycle = made()
    await answer(cycle, 200, [LENGTH], b"ok")
    assert connection.writes == 1


@pytest.mark.parametrize("pieces", [[b"o"], [b"okk"], [b"ok", b"k"], [b""]])
async def test_a_body_of_another_length_than_announced(pieces: list[bytes]) -> None:
    _, cycle = made()
    with pytest.raises(ValueError, match="another length"):
        await answer(cycle, 200, [LENGTH], *pieces)
    assert not cycle.complete


@pytest.mark.parametrize("pair", [(b"x", b"a\r\nset-cookie: b"), (b"x", b"a\nb"), (b"x", b"a\rb"), (b"x\r\ny", b"a")])
async def test_a_line_break_in_a_header_is_refused(pair: tuple[bytes, bytes]) -> None:
    connection, cycle = made()
    with pytest.raises(ValueError, match="line break"):
        await answer(cycle, 200, [LENGTH, pair], b"ok")
    assert (connection.written, cycle.started) == (b"", False)


async def test_an_answer_before_the_request_has_ended_is_the_last() -> None:
    connection, cycle = made("POST", whole=False)
    await answer(cycle, 200, [LENGTH], b"ok")
    assert connection.written.endswith(LINE + CLOSE + b"\r\nok")
    assert not cycle.keep_alive


async def test_nothing_is_written_after_the_end_or_for_a_client_that_left() -> None:
    connection, cycle = made()
    await answer(cycle, 200, [LENGTH], b"ok")
    written = connection.written
    await cycle.send({"type": "http.response.body", "body": b"more"})
    assert connection.written == written
    connection, cycle = made()
    cycle.disconnect()
    await answer(cycle, 200, [LENGTH], b"ok")
    assert (connection.written, connection.calls) == (b"", [])


async def test_a_piece_waits_until_the_client_has_taken_it() -> None:
    connection, cycle = made()
    connection.drained.clear()
    sending = asyncio.ensure_future(answer(cycle, 200, [], b"a", b"b"))
    done, _ = await asyncio.wait([sending], timeout=0.01)
    assert (done, connection.written[-6:]) == (set(), b"1\r\na\r\n")
    connection.drained.set()
    await sending
    assert connection.written.endswith(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


# -------------------------------------------------------------------- the request


async def test_a_body_that_came_with_the_head() -> None:
    _, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    cycle.feed(b"b")
    cycle.end_of_body()
    assert await cycle.receive() == {"type": "http.request", "body": b"ab", "more_body": False}


async def test_a_body_in_pieces() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    assert await cycle.receive() == {"type": "http.request", "body": b"a", "more_body": True}
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    assert connection.calls == ["resume"]
    cycle.feed(b"b")
    assert await waiting == {"type": "http.request", "body": b"b", "more_body": True}
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    cycle.end_of_body()
    assert await waiting == {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("pieces", "paused"),
    [([HIGH_WATER], False), ([HIGH_WATER + 1], True), ([HIGH_WATER, 1], True), ([1, 1], False)],
)
async def test_a_body_nobody_reads_is_bounded(pieces: list[int], paused: bool) -> None:
    connection, cycle = made("POST", whole=False)
    for size in pieces:
        cycle.feed(b"x" * size)
    assert connection.calls == (["pause"] if paused else [])


@pytest.mark.parametrize("end", ["disconnect", "complete"])
async def test_after_the_body_comes_only_the_end(end: str) -> None:
    _, cycle = made()
    assert (await cycle.receive())["more_body"] is False
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    assert not waiting.done()
    if end == "disconnect":
        cycle.disconnect()
    else:
        await answer(cycle, 200, [LENGTH], b"ok")
    assert await waiting == {"type": "http.disconnect"}
    assert await cycle.receive() == {"type": "http.disconnect"}


async def test_what_arrived_before_the_client_left_is_told_first() -> None:
    _, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    cycle.disconnect()
    assert await cycle.receive() == {"type": "http.request", "body": b"a", "more_body": True}
    assert await cycle.receive() == {"type": "http.disconnect"}


async def test_100_continue_goes_to_a_client_that_waits_for_it_once() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.expects_continue = True
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    assert connection.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    cycle.feed(b"a")
    await waiting
    cycle.end_of_body()
    await cycle.receive()
    assert connection.writes == 1


async def test_no_100_continue_beside_the_answer() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.expects_continue = True
    await answer(cycle, 413, [LENGTH], b"no")
    cycle.disconnect()
    assert await cycle.receive() == {"type": "http.disconnect"}
    assert b"100 Continue" not in connection.written
