"""One request and its answer: framing, what an application is told, what goes over the wire."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.http import RawHeaders
from engine.errors import Fault
from engine.testing.wire import PlayedConnection
from engine.transports.http_in_cycle import HIGH_WATER, Cycle

CLOSE = b"connection: close\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"


def made(method: str = "GET", *, version10: bool = False, whole: bool = True) -> tuple[PlayedConnection, Cycle]:
    """A cycle whose request has arrived, or only its head."""
    connection = PlayedConnection()
    connection.default_headers = [(b"server", b"x")]
    cycle = Cycle(connection, method, "/p", [], None if not whole else 0, version10=version10)
    if whole:
        cycle.end_of_body()
    return connection, cycle


async def stream(cycle: Cycle, status: int, length: int | None, *pieces: bytes) -> None:
    cycle.begin(status, [], length)
    for piece in pieces:
        await cycle.send(piece)
    cycle.end()


LINE = b"content-length: 2\r\n"

WHOLE = {
    # name: (method, HTTP/1.0, status, headers, body, lines on the wire, body on the wire)
    "body": ("GET", False, 200, [], b"ok", LINE, b"ok"),
    "header": ("GET", False, 200, [(b"a", b"1")], b"ok", b"a: 1\r\n" + LINE, b"ok"),
    "empty": ("GET", False, 200, [], b"", b"content-length: 0\r\n", b""),
    "1.0": ("GET", True, 200, [], b"ok", LINE + b"connection: keep-alive\r\n", b"ok"),
    "204": ("GET", False, 204, [], b"", b"", b""),
    "304": ("GET", False, 304, [(b"etag", b'"e"')], b"no", b'etag: "e"\r\n', b""),
    "HEAD": ("HEAD", False, 200, [], b"ok", LINE, b""),
    "unknown status": ("GET", False, 299, [], b"ok", LINE, b"ok"),
}


@pytest.mark.parametrize(("method", "old", "status", "headers", "body", "lines", "sent"), WHOLE.values(), ids=WHOLE)
def test_a_whole_answer(
    method: str, old: bool, status: int, headers: RawHeaders, body: bytes, lines: bytes, sent: bytes
) -> None:
    connection, cycle = made(method, version10=old)
    cycle.respond(status, headers, body)
    start, fields, rest = taken_apart(connection.written)
    assert start.startswith(b"HTTP/1.1 %d " % status)
    assert (fields, rest) == (b"server: x\r\n" + lines, sent)
    assert (cycle.keep_alive, cycle.complete, connection.writes, connection.calls) == (True, True, 1, ["answered"])


STREAMED = {
    # name: (method, HTTP/1.0, length, pieces, lines on the wire, body on the wire, kept alive)
    "length": ("GET", False, 2, [b"o", b"k"], LINE, b"ok", True),
    "chunked": ("GET", False, None, [b"o", b"k"], CHUNKED, b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", True),
    "empty piece is no chunk": ("GET", False, None, [b"", b"ok"], CHUNKED, b"2\r\nok\r\n0\r\n\r\n", True),
    "1.0, length": ("GET", True, 2, [b"ok"], LINE + b"connection: keep-alive\r\n", b"ok", True),
    "1.0, no length": ("GET", True, None, [b"o", b"k"], CLOSE, b"ok", False),
    "HEAD, length": ("HEAD", False, 2, [b"o", b"k"], LINE, b"", True),
    "HEAD, chunked": ("HEAD", False, None, [b"ok"], CHUNKED, b"", True),
}


@pytest.mark.parametrize(
    ("method", "old", "length", "pieces", "lines", "sent", "kept"), STREAMED.values(), ids=STREAMED
)
async def test_a_streamed_answer(
    method: str, old: bool, length: int | None, pieces: list[bytes], lines: bytes, sent: bytes, kept: bool
) -> None:
    connection, cycle = made(method, version10=old)
    await stream(cycle, 200, length, *pieces)
    _, fields, rest = taken_apart(connection.written)
    assert (fields, rest) == (b"server: x\r\n" + lines, sent)
    assert (cycle.keep_alive, cycle.complete, connection.calls) == (kept, True, ["answered"])


def taken_apart(written: bytes) -> tuple[bytes, bytes, bytes]:
    """Status line, header lines and body."""
    head, _, body = written.partition(b"\r\n\r\n")
    start, _, fields = head.partition(b"\r\n")
    return start, fields + b"\r\n", body


@pytest.mark.parametrize(("length", "lines"), [(b"7", b"content-length: 7\r\n"), (None, CHUNKED)])
def test_an_answer_to_head_tells_the_length_of_a_body_nobody_sends(length: bytes | None, lines: bytes) -> None:
    connection, cycle = made("HEAD")
    cycle.respond_to_head(200, [], length)
    assert taken_apart(connection.written)[1:] == (b"server: x\r\n" + lines, b"")


@pytest.mark.parametrize("pieces", [[b"o"], [b"okk"], [b"ok", b"k"], []])
async def test_a_body_of_another_length_than_announced(pieces: list[bytes]) -> None:
    _, cycle = made()
    with pytest.raises(ValueError, match="than"):
        await stream(cycle, 200, 2, *pieces)
    assert not cycle.complete


@pytest.mark.parametrize(
    "pair",
    [
        (b"x", b"a\r\nset-cookie: b"),
        (b"x", b"a\nb"),
        (b"x", b"a\rb"),
        (b"x\r\ny", b"a"),
        (b"x", b"a\0b"),
        (b"x", b"\x1b[2J"),
    ],
)
def test_a_control_character_in_a_header_is_refused(pair: tuple[bytes, bytes]) -> None:
    connection, cycle = made()
    with pytest.raises(ValueError, match="line break"):
        cycle.respond(200, [pair], b"ok")
    assert (connection.written, cycle.started) == (b"", False)


def test_an_answer_before_the_request_has_ended_is_the_last() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.respond(200, [], b"ok")
    assert connection.written.endswith(LINE + CLOSE + b"\r\nok")
    assert not cycle.keep_alive


async def test_nothing_is_written_after_the_end_or_for_a_client_that_left() -> None:
    connection, cycle = made()
    cycle.respond(200, [], b"ok")
    written = connection.written
    cycle.respond(200, [], b"more")
    assert connection.written == written
    connection, cycle = made()
    cycle.disconnect()
    await stream(cycle, 200, 2, b"ok")
    assert (connection.written, connection.calls) == (b"", [])


async def test_a_piece_waits_until_the_client_has_taken_it() -> None:
    connection, cycle = made()
    connection.drained.clear()
    sending = asyncio.ensure_future(stream(cycle, 200, None, b"a", b"b"))
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
    assert cycle.whole_body == b"ab"
    assert [await cycle.read(), await cycle.read()] == [b"ab", b""]


async def test_a_body_in_pieces() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    assert await cycle.read() == b"a"
    waiting = asyncio.ensure_future(cycle.read())
    await asyncio.sleep(0)
    assert connection.calls == ["resume"]
    cycle.feed(b"b")
    assert await waiting == b"b"
    waiting = asyncio.ensure_future(cycle.read())
    await asyncio.sleep(0)
    cycle.end_of_body()
    assert await waiting == b""


@pytest.mark.parametrize(
    ("pieces", "paused"),
    [([HIGH_WATER], False), ([HIGH_WATER + 1], True), ([HIGH_WATER, 1], True), ([1, 1], False)],
)
async def test_a_body_nobody_reads_is_bounded(pieces: list[int], paused: bool) -> None:
    connection, cycle = made("POST", whole=False)
    for size in pieces:
        cycle.feed(b"x" * size)
    assert connection.calls == (["pause"] if paused else [])


async def test_a_short_body_is_read_whole() -> None:
    _, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    reading = asyncio.ensure_future(cycle.read_all())
    for piece in (b"b", b"c"):
        await asyncio.sleep(0)
        assert not reading.done()
        cycle.feed(piece)
    cycle.end_of_body()
    assert await reading == b"abc"


async def test_what_arrived_before_the_client_left_is_told_first() -> None:
    _, cycle = made("POST", whole=False)
    cycle.feed(b"a")
    cycle.disconnect()
    assert await cycle.read() == b"a"
    with pytest.raises(Fault, match="the client left") as caught:
        await cycle.read()
    assert caught.value.status == 400


async def test_a_reader_hears_that_the_client_left() -> None:
    _, cycle = made("POST", whole=False)
    waiting = asyncio.ensure_future(cycle.read())
    await asyncio.sleep(0)
    cycle.disconnect()
    with pytest.raises(Fault, match="the client left"):
        await waiting


def test_who_wants_to_know_is_told_once_that_the_client_left() -> None:
    told: list[bool] = []
    for complete in (False, True):
        _, cycle = made()
        cycle.on_disconnect = lambda complete=complete: told.append(complete)  # type: ignore[misc]
        if complete:
            cycle.respond(200, [], b"")
        cycle.disconnect()
        cycle.disconnect()
    assert told == [False]


async def test_100_continue_goes_to_a_client_that_waits_for_it_once() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.expects_continue = True
    waiting = asyncio.ensure_future(cycle.read())
    await asyncio.sleep(0)
    assert connection.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    cycle.feed(b"a")
    await waiting
    cycle.end_of_body()
    await cycle.read()
    assert connection.writes == 1


async def test_no_100_continue_beside_the_answer() -> None:
    connection, cycle = made("POST", whole=False)
    cycle.expects_continue = True
    cycle.respond(413, [], b"no")
    cycle.disconnect()
    with pytest.raises(Fault):
        await cycle.read()
    assert b"100 Continue" not in connection.written


def test_a_body_in_chunks_of_one_byte_costs_linear_time() -> None:
    """What is held is counted, not summed up for each piece: else 240 kB from a client stop the loop for seconds."""
    connection, cycle = made("POST", whole=False)
    sizes: list[int] = []

    class Piece(bytes):
        def __len__(self) -> int:
            sizes.append(1)
            return 1

    for _ in range(1000):
        cycle.feed(Piece(b"a"))
    assert len(sizes) <= 2 * 1000
    assert "pause" not in connection.calls


async def test_reading_pauses_above_the_high_water_mark_and_counts_anew_after_a_read() -> None:
    connection, cycle = made("POST", whole=False)
    for _ in range(2):
        cycle.feed(b"a" * HIGH_WATER)
        assert "pause" not in connection.calls
        assert len(await cycle.read()) == HIGH_WATER
    cycle.feed(b"a" * HIGH_WATER)
    cycle.feed(b"a")
    assert "pause" in connection.calls
