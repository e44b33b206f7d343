"""Answers that stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.testing.scripted import Script, back_end, client
from engine.transports.http_out import HttpOut
from engine.transports.http_out_body import AnswerBody

Run = Callable[[Coroutine[Any, Any, None]], None]


LARGE = 20 * 1024 * 1024
PIECE = bytes(range(256)) * 256


async def send(out: HttpOut, url: str) -> AnswerBody:
    body = (await out.send(HttpRequest("GET", url + "/p?token=secret"))).body
    assert isinstance(body, AnswerBody)
    return body


async def to_the_end(body: AnswerBody) -> None:
    while await body.read():
        pass


def large(head: bytes, chunked: bool, done: asyncio.Event) -> Script:
    """Sends LARGE bytes as fast as the client takes them."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        for _ in range(LARGE // len(PIECE)):
            writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if chunked else PIECE)
            await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")
        done.set()

    return script


@pytest.mark.parametrize(
    ("head", "chunked", "length"),
    [
        (b"Content-Length: %d\r\n" % LARGE, False, LARGE),
        (b"Transfer-Encoding: chunked\r\n", True, None),
        (b"", False, None),
    ],
    ids=["length", "chunked", "until the end"],
)
def test_large_answers_arrive_whole(run: Run, head: bytes, chunked: bool, length: int | None) -> None:
    async def scenario() -> None:
        async with back_end(large(head, chunked, asyncio.Event())) as url, client() as out:
            body = await send(out, url)
            assert body.length == length
            received = bytearray()
            while piece := await body.read():
                received += piece
            assert len(received) == LARGE
            assert received == PIECE * (LARGE // len(PIECE))
            assert await body.read() == b""

    run(scenario())


def test_an_unread_answer_costs_a_bounded_buffer(run: Run) -> None:
    done = asyncio.Event()

    async def scenario() -> None:
        async with back_end(large(b"Content-Length: %d\r\n" % LARGE, False, done)) as url, client() as out:
            body = await send(out, url)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await done.wait()  # sockets take some MB, the rest must stay with the back end
            assert not done.is_set()
            size = largest = 0
            while piece := await body.read():
                size += len(piece)
                largest = max(largest, len(piece))
            assert size == LARGE
            assert largest <= 64 * 1024 + 256 * 1024  # the mark plus one read of the event loop

    run(scenario())


def test_a_streamed_answer_frees_its_connection(run: Run) -> None:
    opened: list[asyncio.StreamWriter] = []
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
            await go.wait()
            writer.write(b"cd")

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            for _ in range(3):
                go.clear()
                body = await send(out, url)
                assert await body.read() == b"ab"
                go.set()
                assert await body.read() == b"cd"
                assert await body.read() == b""
            assert len(opened) == 1

    run(scenario())


def half(left: asyncio.Event) -> Script:
    """Sends half of a body and tells when the client has closed the connection."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
            await reader.read()
        finally:
            left.set()

    return script


def test_silence_within_a_body(run: Run) -> None:
    left = asyncio.Event()

    async def scenario() -> None:
        async with back_end(half(left)) as url, client(idle_timeout=0.05) as out:
            body = await send(out, url)
            assert await body.read() == b"ab"
            with pytest.raises(TransportError) as caught:
                await body.read()
            assert caught.value.code == ErrorCode.TIMEOUT
            assert caught.value.message == f"no more of the answer from {url}/p within 0.05 s"
            await left.wait()

    run(scenario())


@pytest.mark.parametrize("reads", [True, False], ids=["reader", "slow reader"])
def test_a_body_that_drips_ends_with_the_time_of_the_exchange(run: Run, reads: bool) -> None:
    left = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while not reader.at_eof():
                writer.write(b"1\r\nx\r\n")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await reader.read(1)
        finally:
            left.set()

    async def scenario() -> None:
        async with back_end(script) as url, client(total_timeout=0.2, idle_timeout=5) as out:
            body = await send(out, url)
            if not reads:
                await left.wait()
            with pytest.raises(TransportError) as caught:
                await to_the_end(body)
            assert caught.value.code == ErrorCode.TIMEOUT
            assert caught.value.message == f"the exchange with {url}/p did not end within 0.2 s"
            await left.wait()

    run(scenario())


def test_a_slow_reader_is_not_silence(run: Run) -> None:
    left = asyncio.Event()

    async def scenario() -> None:
        async with back_end(half(left)) as url, client(idle_timeout=0.02, response_timeout=0.02) as out:
            body = await send(out, url)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await left.wait()
            assert not left.is_set()
            assert await body.read() == b"ab"

    run(scenario())


def test_a_closed_body_closes_the_connection(run: Run) -> None:
    left = asyncio.Event()

    async def scenario() -> None:
        async with back_end(half(left)) as url, client() as out:
            body = await send(out, url)
            body.close()
            body.close()
            await left.wait()
            with pytest.raises(TransportError, match="closed before its end"):
                await body.read()

    run(scenario())


def test_a_forgotten_body_closes_the_connection(run: Run) -> None:
    left = asyncio.Event()

    async def scenario() -> None:
        async with back_end(half(left)) as url, client() as out:
            await send(out, url)
            await left.wait()

    run(scenario())


def test_a_reader_who_leaves_can_close(run: Run) -> None:
    left = asyncio.Event()

    async def scenario() -> None:
        async with back_end(half(left)) as url, client() as out:
            body = await send(out, url)
            assert await body.read() == b"ab"
            reading = asyncio.ensure_future(body.read())
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            body.close()
            await left.wait()

    run(scenario())


def test_what_arrived_before_a_failure_can_be_read(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
        await go.wait()
        writer.write(b"zz\r\n")

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            body = await send(out, url)
            assert await body.read() == b"ab"
            go.set()
            for _ in range(2):
                with pytest.raises(TransportError) as caught:
                    await body.read()
                assert caught.value.code == ErrorCode.PROTOCOL_VIOLATION

    go = asyncio.Event()
    run(scenario())


def test_trailers_without_end_are_refused(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n")
        while True:
            writer.write(b"T: v\r\n" * 1000)
            await writer.drain()

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            body = await send(out, url)
            assert await body.read() == b"ab"
            with pytest.raises(TransportError, match="more than 65536 bytes of head, trailer or chunk framing"):
                await body.read()

    run(scenario())
