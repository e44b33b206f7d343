"""Requests that stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, Fault, TransportError
from engine.testing.scripted import Script, back_end, client

Run = Callable[[Coroutine[Any, Any, None]], None]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nno"
TOO_LARGE = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
PIECE = bytes(range(256)) * 256
LARGE = 20 * 1024 * 1024


class Source:
    """A request body of given pieces: an Event is waited for, an exception raised."""

    def __init__(self, *pieces: bytes | asyncio.Event | Exception, length: int | None = None) -> None:
        self.length = length
        self.pieces = list(pieces)
        self.taken = 0
        self.closed = False

    async def read(self) -> bytes:
        while self.taken < len(self.pieces):
            piece = self.pieces[self.taken]
            self.taken += 1
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                return piece
            await piece.wait()
        return b""

    def close(self) -> None:
        self.closed = True


def recording(received: list[bytes], size: int, opened: list[asyncio.StreamWriter]) -> Script:
    """Takes requests of ``size`` body bytes on the wire."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            received.append(head.split(b"\r\n")[2] + b"|" + await reader.readexactly(size))
            writer.write(OK)

    return script


@pytest.mark.parametrize(
    ("source", "how", "on_the_wire"),
    [
        ((b"ab", b"c"), {}, b"Transfer-Encoding: chunked|2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
        ((), {}, b"Transfer-Encoding: chunked|0\r\n\r\n"),
        ((b"ab", b"c", 3), {}, b"Content-Length: 3|abc"),
        ((b"ab", b"c", 3), {"chunked": False}, b"Content-Length: 3|abc"),
        ((b"ab", b"c"), {"chunked": False}, b"Content-Length: 3|abc"),
        ((b"ab", b"c"), {"http10": True}, b"Content-Length: 3|abc"),
        ((0,), {}, b"Content-Length: 0|"),
    ],
)
def test_framing(run: Run, source: tuple[Any, ...], how: dict[str, bool], on_the_wire: bytes) -> None:
    received: list[bytes] = []
    opened: list[asyncio.StreamWriter] = []
    length = source[-1] if source and isinstance(source[-1], int) else None
    pieces = [piece for piece in source if isinstance(piece, bytes)]

    async def scenario() -> None:
        size = len(on_the_wire.partition(b"|")[2])
        async with back_end(recording(received, size, opened)) as url, client() as out:
            for _ in range(2):
                body = Source(*pieces, length=length)
                response = await out.send(HttpRequest("POST", url, [], body, **how))
                assert response.body == b"ok"
                assert not body.closed
            assert received == [on_the_wire] * 2
            assert len(opened) == (2 if how.get("http10") else 1)

    run(scenario())


def test_a_collected_body_is_bounded(run: Run) -> None:
    async def scenario() -> None:
        async with client(max_collected=5) as out:
            body = Source(b"abc", b"def", b"ghi")
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", "http://127.0.0.1:9/", [], body, chunked=False))
            assert caught.value.code == ErrorCode.SENDING
            assert caught.value.message == "the request body is larger than 5 bytes and may not be sent in chunks"
            assert (body.taken, body.closed) == (2, True)

    run(scenario())


@pytest.mark.parametrize("length", [None, LARGE])
def test_large_requests_go_no_faster_than_the_back_end_takes_them(run: Run, length: int | None) -> None:
    count = LARGE // len(PIECE)
    go = asyncio.Event()
    received = bytearray()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await go.wait()
        for _ in range(count):
            if length is None:
                assert await reader.readexactly(7) == b"10000\r\n"
            received.extend(await reader.readexactly(len(PIECE)))
            if length is None:
                assert await reader.readexactly(2) == b"\r\n"
        writer.write(OK)

    async def scenario() -> None:
        body = Source(*[PIECE] * count, length=length)
        async with back_end(script) as url, client() as out:
            sending = asyncio.ensure_future(out.send(HttpRequest("POST", url, [], body)))
            await asyncio.wait([sending], timeout=0.2)  # sockets take some MB, the rest must stay in the source
            assert 0 < body.taken < count
            go.set()
            assert (await sending).body == b"ok"
            assert received == PIECE * count

    run(scenario())


def test_large_bytes(run: Run) -> None:
    received: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.append(await reader.readexactly(LARGE))
        writer.write(OK)

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            assert (await out.send(HttpRequest("POST", url, [], PIECE * (LARGE // len(PIECE))))).body == b"ok"
            assert received == [PIECE * (LARGE // len(PIECE))]

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "rest", "status", "text"),
    [(OK, b"", 200, b"ok"), (TOO_LARGE + b"no", b"way", 413, b"noway")],
    ids=["complete", "refusal in parts"],
)
def test_an_early_answer_can_end_the_sending(run: Run, answer: bytes, rest: bytes, status: int, text: bytes) -> None:
    never, taken, left = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"ab\r\n")
            writer.write(answer)
            await taken.wait()
            writer.write(rest)
            await reader.read()
        finally:
            left.set()

    async def scenario() -> None:
        body = Source(b"ab", never, b"cd")
        async with back_end(script) as url, client() as out:
            response = await out.send(HttpRequest("POST", url, [], body))
            assert body.closed
            taken.set()
            received = b""
            if isinstance(response.body, bytes):
                received = response.body
            else:
                while piece := await response.body.read():
                    received += piece
            assert (response.status, received) == (status, text)
            await left.wait()

    run(scenario())


async def whole(body: Any) -> bytes:
    """All of an answer that arrives in parts."""
    pieces = []
    while piece := await body.read():
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("begun", [BEGUN, b"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nno"], ids=["200", "404"])
def test_sending_goes_on_beside_an_early_answer(run: Run, begun: bytes) -> None:
    """A back end that answers while it reads gets all of the request; then the connection serves another."""
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        while True:
            await reader.readuntil(b"ab\r\n")
            writer.write(begun)
            assert await reader.readexactly(12) == b"2\r\ncd\r\n0\r\n\r\n"
            writer.write(b"way")

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            for _ in range(2):
                go = asyncio.Event()
                body = Source(b"ab", go, b"cd")
                response = await out.send(HttpRequest("POST", url, [], body))
                assert not body.closed
                go.set()
                assert await whole(response.body) == b"noway"
                assert not body.closed
            assert len(opened) == 1

    run(scenario())


def test_sending_ends_with_an_early_answer(run: Run) -> None:
    """The answer's end is the end: what is still to come goes nowhere, and the connection serves no other request."""
    left = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"ab\r\n")
        writer.write(BEGUN)
        await go.wait()
        writer.write(b"way")
        assert await reader.read() == b""
        left.set()

    async def scenario() -> None:
        body = Source(b"ab", asyncio.Event(), b"cd")
        async with back_end(script) as url, client() as out:
            response = await out.send(HttpRequest("POST", url, [], body))
            assert not body.closed
            go.set()
            assert await whole(response.body) == b"noway"
            assert body.closed
            await left.wait()

    go = asyncio.Event()
    run(scenario())


def test_a_source_that_fails_ends_an_early_answer(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"ab\r\n")
        writer.write(BEGUN)
        await reader.read()

    async def scenario() -> None:
        go, fault = asyncio.Event(), Fault("the client stopped half-way", status=400)
        async with back_end(script) as url, client() as out:
            response = await out.send(HttpRequest("POST", url, [], Source(b"ab", go, fault)))
            go.set()
            with pytest.raises(Fault) as caught:
                await whole(response.body)
            assert caught.value is fault

    run(scenario())


def test_giving_up_an_early_answer_ends_the_sending(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"ab\r\n")
        writer.write(BEGUN)
        assert await reader.read() == b""

    async def scenario() -> None:
        body = Source(b"ab", asyncio.Event())
        async with back_end(script) as url, client() as out:
            response = await out.send(HttpRequest("POST", url, [], body))
            assert not isinstance(response.body, bytes)
            response.body.close()
            assert body.closed

    run(scenario())


@pytest.mark.parametrize("pieces", [1, 320], ids=["silent", "not reading"])
def test_an_early_answer_that_stops_ends_the_sending(run: Run, pieces: int) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(BEGUN)
        await stay.wait()

    async def scenario() -> None:
        body = Source(*[PIECE] * pieces, asyncio.Event())
        async with back_end(script) as url, client(idle_timeout=0.05) as out:
            response = await out.send(HttpRequest("POST", url, [], body))
            with pytest.raises(TransportError) as caught:
                await whole(response.body)
            assert (caught.value.code, body.closed) == (ErrorCode.TIMEOUT, True)
            stay.set()

    stay = asyncio.Event()
    run(scenario())


def test_a_request_that_goes_on_keeps_its_early_answer_waiting(run: Run) -> None:
    """The silence of the back end does not count while it takes what a slow source sends."""
    taken = [asyncio.Event() for _ in range(6)]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"ab\r\n")
        writer.write(BEGUN)
        for event in taken:
            await reader.readuntil(b"cd\r\n")
            event.set()
        writer.write(b"way")

    async def scenario() -> None:
        steps = [asyncio.Event() for _ in taken]
        body = Source(b"ab", *[part for step in steps for part in (step, b"cd")])
        async with back_end(script) as url, client(idle_timeout=0.2) as out:
            response = await out.send(HttpRequest("POST", url, [], body))
            reading = asyncio.ensure_future(whole(response.body))
            for step, event in zip(steps, taken, strict=True):
                await asyncio.wait([reading], timeout=0.08)  # the pace is the point: 0.48 s in all
                step.set()
                await event.wait()
            assert await reading == b"noway"

    run(scenario())


def test_a_back_end_that_leaves_while_the_body_is_sent(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"ab\r\n")

    async def scenario() -> None:
        body = Source(b"ab", asyncio.Event(), b"cd")
        async with back_end(script) as url, client() as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", url, [], body))
            assert caught.value.code == ErrorCode.CONNECTION_CLOSED
            assert body.closed

    run(scenario())


def test_a_source_that_fails(run: Run) -> None:
    left = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        left.set()

    async def scenario() -> None:
        fault = Fault("the client stopped half-way", status=400)
        async with back_end(script) as url, client() as out:
            with pytest.raises(Fault) as caught:
                await out.send(HttpRequest("POST", url, [], Source(b"ab", fault)))
            assert caught.value is fault
            await left.wait()

    run(scenario())


@pytest.mark.parametrize(("pieces", "sent"), [([b"ab"], 2), ([b"ab", b"cde"], 5)])
def test_a_source_that_lied_about_its_length(run: Run, pieces: list[bytes], sent: int) -> None:
    received: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.append(await reader.read(4))

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", url, [], Source(*pieces, length=4)))
            assert caught.value.code == ErrorCode.SENDING
            assert caught.value.message == f"the request body has {sent} bytes where 4 were announced"

    run(scenario())


def test_a_source_may_be_slower_than_the_response_timeout(run: Run) -> None:
    slow = asyncio.Event()
    received: list[bytes] = []

    async def scenario() -> None:
        body = Source(b"ab", slow, b"c")
        async with back_end(recording(received, 18, [])) as url, client(response_timeout=0.05) as out:
            sending = asyncio.ensure_future(out.send(HttpRequest("POST", url, [], body)))
            await asyncio.wait([sending], timeout=0.15)
            slow.set()
            assert (await sending).status == 200
            assert received == [b"Transfer-Encoding: chunked|2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"]

    run(scenario())


@pytest.mark.parametrize(("pieces", "timeout"), [(320, None), (1, None), (1, 0.05)])
def test_a_back_end_that_takes_or_answers_too_late(run: Run, pieces: int, timeout: float | None) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await stay.wait()

    async def scenario() -> None:
        body = Source(*[PIECE] * pieces)
        async with back_end(script) as url, client(response_timeout=0.1) as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", url, [], body, timeout))
            assert caught.value.code == ErrorCode.TIMEOUT
            stay.set()

    stay = asyncio.Event()
    run(scenario())


def test_a_back_end_that_takes_a_little_at_a_time_has_the_time_of_the_exchange(run: Run) -> None:
    """Each piece is taken in time; the whole is not."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while await reader.read(100_000):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()

    async def scenario() -> None:
        body = Source(*[PIECE] * 3200)
        async with back_end(script) as url, client(response_timeout=5, total_timeout=0.3) as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", url, [], body))
            assert caught.value.code == ErrorCode.TIMEOUT
            assert caught.value.message == f"the exchange with {url}/ did not end within 0.3 s"
            assert body.closed

    run(scenario())


def test_a_body_that_could_not_be_begun_is_left_for_another_try(run: Run) -> None:
    async def scenario() -> None:
        async with back_end(recording([], 0, [])) as url:
            pass
        body = Source(b"ab")
        async with client() as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("POST", url, [], body))
            assert caught.value.code == ErrorCode.CONNECTION_FAILED
            assert (body.taken, body.closed) == (0, False)

    run(scenario())
