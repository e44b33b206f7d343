"""Limits on the request head and on time, over real sockets. Every request gets one answer, and can read it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httptools
import pytest
from uvicorn.server import ServerState

from engine.errors import Fault
from engine.transports.http_in_exchange import HttpExchange
from engine.transports.http_in_protocol import HttpInLimits, HttpInProtocol, Serve, sweep
from engine.transports.write_batch import WriteBatch

OK = b"HTTP/1.1 200 OK\r\n"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


class Answers:
    """The statuses and bodies in what a connection received."""

    def __init__(self, received: bytes) -> None:
        self.statuses: list[int] = []
        self.bodies: list[bytes] = []
        self._parse(received)

    def _parse(self, received: bytes) -> None:
        while received:
            head, _, rest = received.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields[b"content-length"])
            self.statuses.append(int(head.split()[1]))
            self.bodies.append(rest[:length])
            received = rest[length:]


async def reading(exchange: HttpExchange) -> None:
    """Reads the whole body, then says how long it was."""
    size = 0
    with contextlib.suppress(Fault):
        while piece := await exchange.read():
            size += len(piece)
        exchange.respond(200, [], b"%d" % size)


async def eager(exchange: HttpExchange) -> None:
    """Answers without reading the body."""
    exchange.respond(200, [], b"early")


@contextlib.asynccontextmanager
async def serving(serve: Serve, lost: asyncio.Event | None = None, **limits: Any) -> AsyncIterator[int]:
    """A server on a free port, swept often; gives the port. ``lost`` is set when a connection has ended."""
    loop = asyncio.get_running_loop()

    class Watched(HttpInProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if lost is not None:
                lost.set()

    state = ServerState()
    batch = WriteBatch(loop)
    server = await loop.create_server(
        lambda: Watched(serve, state, loop, HttpInLimits(**limits), batch), "127.0.0.1", 0
    )
    sweeper = asyncio.create_task(sweep(state.connections, 0.01))
    try:
        yield server.sockets[0].getsockname()[1]
        assert not sweeper.done()
    finally:
        sweeper.cancel()
        server.close()
        for connection in list[Any](state.connections):
            connection._transport.close()
        async with asyncio.timeout(5):
            while state.connections:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0)


ANSWER = b""
"""In a list of pieces to send: wait for an answer first."""


async def exchange(port: int, *pieces: bytes, half_close: bool = False) -> bytes:
    """Send the pieces, one by one, and read until the server closes; ``half_close`` says that no more will come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        async with asyncio.timeout(10):
            for piece in pieces:
                if piece == ANSWER:
                    received += await reader.read(1 << 16)
                writer.write(piece)
                await writer.drain()
            if half_close:
                writer.write_eof()
            return received + await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


Run = Callable[[Coroutine[Any, Any, None]], None]


LAST = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
LONG = b"x: " + b"y" * 3000 + b"\r\n"

H2C = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n\r\n"

CASES = {
    "upgrade": ([GET[:-2] + H2C + LAST], [200, 200]),
    "upgrade with a body": ([POST[:-2] + H2C + b"abcd" + LAST], [200, 200]),
    "upgrade, the body later": ([POST[:-2] + H2C, b"ab", b"cd" + LAST], [200, 200]),
    "upgrade with a body like a request": (
        [POST.replace(b": 4", b": %d" % len(GET))[:-2] + H2C, GET, LAST],
        [200, 200],
    ),
    "upgrade with chunks": ([CHUNKED[:-2] + H2C, b"1\r\na\r\n0\r\n\r\n" + LAST], [200, 200]),
    "upgrade with a bad chunk": ([CHUNKED[:-2] + H2C, b"zz\r\n"], [400]),
    "upgrade behind a request": ([GET + POST[:-2] + H2C + b"abcd" + LAST], [200, 200, 200]),
    "upgrades in one read": ([(GET[:-2] + H2C) * 3_000 + LAST], [200] * 3_001),
    "upgrade, a body that stops": ([POST[:-2] + H2C + b"ab"], [408]),
    "CONNECT": ([b"CONNECT h:1 HTTP/1.1\r\nhost: x\r\n\r\n" + GET], [400]),
    "served": ([LAST], [200]),
    "kept alive": ([GET, ANSWER, GET, ANSWER, LAST], [200, 200, 200]),
    "pipelined": ([GET + GET + LAST], [200, 200, 200]),
    "head at once, too long": ([b"GET / HTTP/1.1\r\n" + LONG + b"\r\n"], [431]),
    "head in pieces, too long": ([b"GET / HTTP/1.1\r\n", LONG], [431]),
    "request line too long": ([b"GET /" + b"y" * 3000], [431]),
    "second head too long": ([GET, ANSWER, b"GET / HTTP/1.1\r\n" + LONG + b"\r\n"], [200, 431]),
    "long body is no long head": ([POST.replace(b": 4", b": 9000") + b"y" * 9000 + LAST], [200, 200]),
    "garbage": ([b"\x16\x03\x01\x02\x00\r\n\r\n"], [400]),
    "not a version": ([b"GET / HTTX/1.1\r\n\r\n"], [400]),
    "two lengths": ([b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"], [400]),
    "length and chunks": (
        [b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n"],
        [400],
    ),
    "bad chunk": ([CHUNKED, b"zz\r\n"], [400]),
    "garbage behind a request": ([GET + b"\x00garbage\r\n\r\n"], [200, 400]),
    "garbage behind two requests": ([GET + GET + b"\x00garbage\r\n\r\n" + GET], [200, 200, 400]),
    "garbage behind the last request": ([LAST + b"\x00garbage\r\n\r\n"], [200]),
    "bad chunk behind a request": ([GET + CHUNKED + b"zz\r\n"], [200, 400]),
    "head too long behind a request": ([GET + b"GET / HTTP/1.1\r\n" + LONG + b"\r\n" + GET], [200, 431]),
    "body stops behind a request": ([GET + POST + b"ab"], [200, 408]),
    "head stops": ([b"GET / HTTP/1.1\r\nhost"], [408]),
    "blank lines between requests": ([b"\r\n" + GET, ANSWER, b"\r\n", LAST], [200, 200]),
    "second head stops": ([GET, ANSWER, b"GET / HTTP/1.1\r\nhost"], [200, 408]),
    "body stops": ([POST + b"ab"], [408]),
    "body never begins": ([POST], [408]),
    "chunks stop": ([CHUNKED + b"1\r\na\r\n"], [408]),
}


@pytest.mark.parametrize(("pieces", "statuses"), CASES.values(), ids=CASES)
def test_answers(run: Run, pieces: list[bytes], statuses: list[int]) -> None:
    async def main() -> None:
        async with serving(reading, head=2000, head_time=0.1, body_time=0.1) as port:
            assert Answers(await exchange(port, *pieces)).statuses == statuses
            assert Answers(await exchange(port, LAST)).statuses == [200]

    run(main())


HALF_CLOSED = {
    "one request": (GET, [200]),
    "a body": (POST + b"abcd", [200]),
    "pipelined": (GET + POST + b"abcd" + GET, [200, 200, 200]),
    "nothing": (b"", []),
    "a blank line": (b"\r\n", []),
    "a blank line behind a request": (GET + b"\r\n", [200]),
    "half a head": (b"GET / HTTP/1.1\r\nhost", [400]),
    "half a body": (POST + b"ab", [400]),
    "half a body behind a request": (GET + POST + b"ab", [200, 400]),
    "garbage behind a request": (GET + b"\x00garbage\r\n\r\n", [200, 400]),
}


@pytest.mark.parametrize(("sent", "statuses"), HALF_CLOSED.values(), ids=HALF_CLOSED)
def test_a_client_that_sends_no_more_gets_its_answers(run: Run, sent: bytes, statuses: list[int]) -> None:
    """They are made after the end of the client's half has arrived."""

    async def main() -> None:
        async def late(exchange: HttpExchange) -> None:
            await asyncio.sleep(0.02)
            await reading(exchange)

        async with serving(late) as port:
            pieces = [sent] if sent else []
            assert Answers(await exchange(port, *pieces, half_close=True)).statuses == statuses

    run(main())


SIZE = 64_000_000


async def whole(exchange: HttpExchange) -> None:
    """Answers ``SIZE`` bytes in one write."""
    exchange.respond(200, [], b"y" * SIZE)


async def streaming(exchange: HttpExchange) -> None:
    """Answers ``SIZE`` bytes, no faster than the client takes them."""
    exchange.begin(200, [], SIZE)
    for _ in range(SIZE // 64_000):
        await exchange.send(b"y" * 64_000)
    exchange.end()


@pytest.mark.parametrize("serve", [whole, streaming])
@pytest.mark.parametrize("request_bytes", [GET, LAST], ids=["kept alive", "last"])
def test_a_client_that_does_not_read_is_cut_off(run: Run, serve: Serve, request_bytes: bytes) -> None:
    async def main() -> None:
        lost = asyncio.Event()
        async with serving(serve, lost, body_time=0.1) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1000)
            writer.write(request_bytes)
            assert await reader.readline() == OK
            await asyncio.wait_for(lost.wait(), 10)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                async with asyncio.timeout(10):
                    await reader.readexactly(SIZE)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    run(main())


@pytest.mark.parametrize("serve", [whole, streaming])
@pytest.mark.parametrize("request_bytes", [GET, LAST], ids=["kept alive", "last"])
def test_a_slow_reader_that_keeps_moving_gets_all(run: Run, serve: Serve, request_bytes: bytes) -> None:
    async def main() -> None:
        async with serving(serve, body_time=0.3, keep_alive=0.1, linger=0.1) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request_bytes)
            await reader.readuntil(b"\r\n\r\n")
            for _ in range(16):
                await asyncio.sleep(0.03)  # the pace is the point: longer than body_time in all
                assert len(await reader.readexactly(SIZE // 16)) == SIZE // 16
            writer.close()
            await writer.wait_closed()

    run(main())


def test_requests_of_a_client_that_reads_no_answers_are_not_served(run: Run) -> None:
    """Neither the answers that nobody takes nor the requests that wait may pile up here."""

    async def main() -> None:
        waiting: list[int] = []
        lost = asyncio.Event()

        async def long(exchange: HttpExchange) -> None:
            connection: Any = exchange._connection
            waiting.append(len(connection._queue))
            exchange.respond(200, [], b"y" * 100_000)

        fat = GET[:-2] + b"x: " + b"y" * 10_000 + b"\r\n\r\n"
        async with serving(long, lost, body_time=0.2) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1000)
            writer.write(fat * 3_000)
            await asyncio.wait_for(lost.wait(), 10)
            assert len(waiting) < 300  # as many as the buffers of two sockets hold
            assert max(waiting) < 60  # as many as came in one read
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    run(main())


def test_flows_that_go_on_after_their_answers_are_bounded(run: Run) -> None:
    async def main() -> None:
        go_on = asyncio.Event()

        async def lingering(exchange: HttpExchange) -> None:
            exchange.respond(202, [], b"")
            await go_on.wait()

        async with serving(lingering, flows=5) as port:
            assert Answers(await exchange(port, GET * 6, LAST)).statuses == [202] * 5 + [503, 503]
            go_on.set()
            await asyncio.sleep(0)
            assert Answers(await exchange(port, LAST)).statuses == [202]

    run(main())


def test_a_client_that_reads_late_gets_the_answers_to_all_its_requests(run: Run) -> None:
    async def main() -> None:
        numbers = iter(range(301))

        async def long(exchange: HttpExchange) -> None:
            exchange.respond(200, [], b"%d:" % next(numbers) + b"y" * 100_000)

        async with serving(long) as port:
            answers = Answers(await exchange(port, GET * 300, LAST))
            assert answers.statuses == [200] * 301
            assert [int(body.partition(b":")[0]) for body in answers.bodies] == list(range(301))

    run(main())


@pytest.mark.parametrize("size", [1_000_000, 8_000_000])
def test_client_that_sends_a_huge_header_can_read_the_answer(run: Run, size: int) -> None:
    async def main() -> None:
        async with serving(reading) as port:
            huge = b"GET / HTTP/1.1\r\nx: " + b"y" * size + b"\r\n\r\n"
            [body] = Answers(await exchange(port, huge)).bodies
            assert body == b'{"error":{"code":431,"message":"the request line and headers are too long"}}'

    run(main())


def test_body_that_stops_after_its_answer_gets_no_second_one(run: Run) -> None:
    async def main() -> None:
        async with serving(eager, body_time=0.1) as port:
            assert Answers(await exchange(port, POST + b"ab")).bodies == [b"early"]

    run(main())


def test_slow_body_that_keeps_moving_is_served(run: Run) -> None:
    async def main() -> None:
        async with serving(reading, body_time=0.2) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(POST)
            for byte in b"abcd":
                await asyncio.sleep(0.08)  # the pace is the point: longer than body_time in all
                writer.write(bytes([byte]))
            assert (await reader.readline()) == OK
            writer.close()
            await writer.wait_closed()

    run(main())


def test_flow_that_does_not_read_is_no_fault_of_the_client(run: Run) -> None:
    """A paused body is the engine's own back-pressure: no 408, however long it takes."""

    async def main() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def late(exchange: HttpExchange) -> None:
            begun.set()
            await go_on.wait()
            await reading(exchange)

        async with serving(late, body_time=0.05) as port:
            size = 4_000_000
            head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size
            client = asyncio.create_task(exchange(port, head + b"y" * size))
            await begun.wait()
            await asyncio.sleep(0.2)  # four times body_time
            go_on.set()
            assert Answers(await client).bodies == [b"%d" % size]

    run(main())


def test_refused_connection_ends_though_the_client_goes_on_sending(run: Run) -> None:
    async def main() -> None:
        async with serving(reading, head=100, linger=0.1) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)

            async def send_for_ever() -> None:
                while True:
                    writer.write(b"GET / HTTP/1.1\r\nx: " + b"y" * 1000)
                    await writer.drain()
                    await asyncio.sleep(0.01)

            # The second is what uvloop up to 0.22 says of a closed connection.
            with pytest.raises((ConnectionError, RuntimeError)):
                await asyncio.wait_for(send_for_ever(), 10)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    run(main())


def test_parser_is_the_strict_one() -> None:
    """The limits lean on llhttp's refusal of ambiguous framing."""
    with pytest.raises(httptools.HttpParserError):
        httptools.HttpRequestParser(object()).feed_data(b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n")
