"""Arbitrary and mutated bytes, cut anywhere, into a client connection.

Nothing is raised into the event loop, no request has two answers, and the connection ends or serves the next request.
``make fuzz`` looks for what nobody has found yet, for five minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from engine.errors import Fault
from engine.transports.http_in_exchange import HttpExchange
from engine.transports.http_in_protocol import HttpInLimits, HttpInProtocol
from engine.transports.write_batch import WriteBatch
from tests.transports.played import CUTS, PlayedTransport, Watch, cut, mutated, until

LIMITS = HttpInLimits()
SHORT_HEADS = HttpInLimits(head=300)
"""Which refusal a head near the limit gets, and whether it gets one, depends on how its bytes are read."""
WATCH = Watch()

GOOD = (
    b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"HEAD /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd",
    b"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: trailer\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    b"POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc",
    b"GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n",
)
"""Each is served, and the connection goes on."""
LAST = (
    b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    b"POST /a HTTP/1.0\r\nContent-Length: 1\r\n\r\na",
)
"""Each is served and ends the connection."""
WORDS = (
    b"\r\n", b"\n", b"\r", b" ", b":", b"\0", b"\x80", b"\r\n\r\n", b"Host: i\r\n", b"Connection: close\r\n",
    b"Content-Length: 3\r\n", b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n", b"CONNECT", b"OPTIONS *", b"HTTP/1.0",
    b"HTTP/2.0", b"x" * 400, b"0\r\n\r\n", b"fffffffffffffffff", b"-1",
)  # fmt: skip

HTTP10 = b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
STREAMS = st.one_of(
    st.binary(max_size=200),
    mutated(st.sampled_from([*GOOD, *LAST, HTTP10]), WORDS),
    mutated(st.sampled_from(GOOD), WORDS),
)


@dataclass
class Served:
    """How requests are answered, and which came."""

    how: str = "read"
    methods: list[str] = field(default_factory=list)

    async def __call__(self, exchange: HttpExchange) -> None:
        self.methods.append(exchange.method)
        if self.how == "late":
            for _ in range(3):
                await asyncio.sleep(0)
        if self.how == "early":
            exchange.respond(200, [], b"early")
            return
        pieces = []
        with contextlib.suppress(Fault):
            while piece := await exchange.read():
                pieces.append(piece)
            if self.how == "streams":
                exchange.begin(200, [], None)
                for piece in [*pieces, b"end"]:
                    await exchange.send(piece)
                exchange.end()
            else:
                exchange.respond(200, [(b"x-size", b"%d" % len(b"".join(pieces)))], b"".join(pieces))


HOW = st.sampled_from(["read", "late", "early", "streams"])


class Errors(logging.Handler):
    """What was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record.getMessage())


@pytest.fixture(scope="module", autouse=True)
def errors() -> Errors:
    handler = Errors()
    logging.getLogger("myelin.http").addHandler(handler)
    return handler


class Played:
    """A connection to which pieces come as a client sends them, no faster than they are read."""

    def __init__(self, served: Served, limits: HttpInLimits = LIMITS) -> None:
        loop = asyncio.get_running_loop()
        self.state = ServerState()
        self.protocol = HttpInProtocol(served, self.state, loop, limits, WriteBatch(loop))
        self.transport = PlayedTransport(self.protocol, loop)

    async def send(self, pieces: Sequence[bytes], turns: int) -> None:
        for piece in pieces:
            await until(lambda: self.transport.reading or self.transport.is_closing())
            if self.transport.is_closing():
                return
            self.protocol.data_received(piece)
            for _ in range(turns):
                await asyncio.sleep(0)

    async def settle(self) -> None:
        """Let everything happen that does not wait for the client."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def end(self, how: str) -> None:
        """The client leaves, or falls silent; afterwards nothing may be left of the connection."""
        if how == "lost":
            self.transport.lose(ConnectionResetError())
        elif how == "eof" and not self.transport.is_closing() and not self.protocol.eof_received():
            self.transport.close()
        await self.settle()
        now = asyncio.get_running_loop().time()
        for late in (1_000, 2_000):  # first what is missing is missed, then the refusal has been left unread
            self.protocol.check_times(now + late)
            await self.settle()
        await until(lambda: self.transport.lost and not self.state.tasks)
        assert not self.state.connections


@dataclass
class Answers:
    """What a client reads: final statuses with their bodies. Fails on anything that is not an answer."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    cut_off: bool = False

    def __init__(self, written: bytes, methods: Sequence[str]) -> None:
        self.statuses, self.bodies, self.cut_off = [], [], False
        while written:
            written = self._next(written, methods[len(self.statuses)] if len(self.statuses) < len(methods) else "")

    def _next(self, written: bytes, method: str) -> bytes:
        head, separator, rest = written.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        assert start.startswith(b"HTTP/1.1 "), written
        assert separator, written
        status = int(start.split()[1])
        if status == 100:
            assert not lines
            return rest
        fields = dict(line.split(b": ", 1) for line in lines)
        refusal = status >= 400  # it may answer what was read of a HEAD, and is the last in any case
        if method == "HEAD" and not refusal:
            body = b""
        elif fields.get(b"transfer-encoding") == b"chunked":
            body, rest = self._chunks(rest)
        elif b"content-length" not in fields:
            assert fields[b"connection"] == b"close"  # HTTP/1.0 knows no chunks
            body, rest = rest, b""
        else:
            length = int(fields[b"content-length"])
            body, rest = rest[:length], rest[length:]
            assert len(body) == length
        if fields.get(b"connection") == b"close" or refusal:
            assert not rest, "something follows the last answer"
        self.statuses.append(status)
        self.bodies.append(body)
        return rest

    def _chunks(self, rest: bytes) -> tuple[bytes, bytes]:
        body = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            piece, rest = rest[: int(size, 16)], rest[int(size, 16) + 2 :]
            if not piece:
                return body, rest
            body += piece
        self.cut_off = True
        return body, b""


@given(STREAMS, CUTS, HOW, st.integers(0, 4), st.sampled_from(["lost", "eof", "silent"]))
def test_any_bytes(errors: Errors, data: bytes, cuts: list[int], how: str, turns: int, end: str) -> None:
    served = Served(how)

    async def example() -> Answers:
        played = Played(served, SHORT_HEADS)
        await played.send(cut(data, cuts), turns)
        if end != "lost":
            await played.settle()
        await played.end(end)
        return Answers(bytes(played.transport.written), served.methods)

    answers: list[Answers] = []

    async def kept() -> None:
        answers.append(await example())

    assert WATCH.run(kept()) == []
    assert errors.records == []
    # One answer for each request that was served, and at most one refusal, which is the last.
    assert len(answers[0].statuses) <= len(served.methods) + 1
    assert [status for status in answers[0].statuses[:-1] if status >= 400] == []
    assert set(answers[0].statuses) <= {200, 400, 408, 431}


@given(STREAMS, CUTS, CUTS)
def test_where_bytes_are_cut_changes_nothing(data: bytes, cuts: list[int], others: list[int]) -> None:
    """A parser that could be told apart by the sizes of reads would see other requests than one in front of it."""

    async def answered(places: list[int]) -> tuple[list[int], list[bytes], list[str]]:
        served = Served("read")
        played = Played(served)
        await played.send(cut(data, places), 20)
        await played.settle()
        await played.end("eof")
        answers = Answers(bytes(played.transport.written), served.methods)
        return answers.statuses, answers.bodies, served.methods[: answers.statuses.count(200)]

    async def example() -> None:
        assert await answered(cuts) == await answered(others)

    assert WATCH.run(example()) == []


@given(st.lists(st.sampled_from(GOOD), max_size=5), st.one_of(st.none(), st.sampled_from(LAST)), CUTS,
       st.sampled_from(["read", "late", "streams"]), st.integers(0, 4))  # fmt: skip
def test_good_requests(requests: list[bytes], last: bytes | None, cuts: list[int], how: str, turns: int) -> None:
    """Each has its answer, in order; the connection is usable after them, or closed after the last."""
    served = Served(how)
    sent = [*requests, *([last] if last else [])]

    async def example() -> None:
        played = Played(served)
        await played.send(cut(b"".join(sent), cuts), turns)
        await until(lambda: not played.state.tasks)
        await played.settle()
        assert [request.split()[0].decode() for request in sent] == served.methods
        assert Answers(bytes(played.transport.written), served.methods).statuses == [200] * len(sent)
        assert played.transport.is_closing() is (last is not None)
        if last is None:
            await played.send([GOOD[0]], 20)
            assert len(Answers(bytes(played.transport.written), served.methods).statuses) == len(sent) + 1
        await played.end("silent")

    assert WATCH.run(example()) == []
