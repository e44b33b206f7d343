"""Arbitrary and mutated bytes, cut anywhere, as the answer of a back end.

Nothing is raised into the event loop, a request has one answer or a TransportError, and what is left of an answer never
becomes the next one. ``make fuzz`` looks for what nobody has found yet, for five minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.transports.http_out import HttpOut
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_dial import Dialer
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import Origin
from engine.transports.write_batch import WriteBatch
from tests.transports.played import CUTS, PlayedTransport, Watch, cut, mutated, until

TIMES = HttpOutSettings(connect_timeout=1, response_timeout=1, idle_timeout=1, keep_alive=1)
SHORT_HEADS = HttpOutSettings(connect_timeout=1, response_timeout=1, idle_timeout=1, keep_alive=1, max_head=300)
WATCH = Watch()

_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd": (200, b"abcd"),
    b"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n": (404, b""),
    b"HTTP/1.1 204 No Content\r\n\r\n": (204, b""),
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n": (304, b""),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\na": (201, b"a"),
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok": (200, b"ok"),
    _CHUNKED + b"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n": (200, b"abcd"),
    _CHUNKED + b"1\r\na\r\n0\r\nX: trailer\r\n\r\n": (200, b"a"),
}
"""Each is an answer to a GET, after which the connection can be used again."""
LAST = {
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nabcd": (200, b"abcd"),
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok": (200, b"ok"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more": (200, b"ok"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX: ": (200, b"ok"),
}
"""Each is an answer to a GET, after which the connection is not used again."""
HEADS = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n": (200, b""),
    b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n": (404, b""),
}
"""Each is an answer to a HEAD, after which the connection can be used again."""
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nall until the end"
"""Its body ends with the connection."""
WORDS = (
    b"\r\n", b"\n", b"\r", b" ", b":", b"\0", b"\x80", b"\r\n\r\n", b"Connection: close\r\n", b"Content-Length: 3\r\n",
    b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Connection: upgrade\r\nUpgrade: x\r\n", b"101", b"000", b"HTTP/2.0", b"HTTP/1.0", b"ICY ", b"x" * 400,
    b"0\r\n\r\n", b"fffffffffffffffff", b"-1", b"HTTP/1.1 100 Continue\r\n\r\n",
)  # fmt: skip

STREAMS = st.one_of(st.binary(max_size=200), mutated(st.sampled_from([*GOOD, *LAST, TO_THE_END]), WORDS))
SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"
METHODS = st.sampled_from(["GET", "HEAD", "POST", "POST with its length", "POST in chunks"])
TAKES = st.sampled_from(["all", "nothing", "closes"])
ENDS = st.sampled_from(["reset", "eof", "silence"])


class Sent:
    """A request body of three pieces."""

    def __init__(self, length: int | None) -> None:
        self.length = length
        self.given_up = False
        self._pieces = [b"c", b"b", b"a"]

    async def read(self) -> bytes:
        await asyncio.sleep(0)
        return self._pieces.pop() if self._pieces else b""

    def close(self) -> None:
        self.given_up = True

    @property
    def over(self) -> bool:
        return self.given_up or not self._pieces


class PlayedDialer(Dialer):
    """Opens connections to nobody."""

    def __init__(self, settings: HttpOutSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        self.batch = WriteBatch(asyncio.get_running_loop())
        self.opened: list[tuple[Connection, PlayedTransport]] = []

    async def open(self, origin: Origin) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(loop, self.settings, self.batch)
        self.opened.append((connection, PlayedTransport(connection, loop)))
        return connection


@dataclass(frozen=True)
class Outcome:
    """What a flow sees: an answer, or an error with its code."""

    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    error: int | None = None


class Played:
    """A client, and the back end that the test plays for it."""

    def __init__(self, settings: HttpOutSettings) -> None:
        self.client = HttpOut(settings)
        self.dialer = self.client._dialer = PlayedDialer(settings)

    async def ask(self, request: HttpRequest, takes: str = "all") -> Outcome:
        """Send it and take so much of the answer."""
        try:
            response = await self.client.send(request)
            pieces, body = [], response.body
            if isinstance(body, bytes):
                pieces.append(body)
            elif takes == "closes":
                body.close()
            elif takes == "all":
                while piece := await body.read():
                    pieces.append(piece)
        except TransportError as error:
            return Outcome(error=error.code)
        return Outcome(response.status, tuple(response.headers), b"".join(pieces))

    async def asked(self, path: bytes) -> tuple[Connection, PlayedTransport]:
        """Wait for a request with that path; gives where it came."""
        await until(lambda: any(path in transport.written for _, transport in self.dialer.opened))
        return next(each for each in self.dialer.opened if path in each[1].written)

    async def answer(self, path: bytes, pieces: Sequence[bytes], turns: int = 0, end: str = "silence") -> None:
        """Send an answer no faster than it is read, then end the connection or not."""
        connection, transport = await self.asked(path)
        for piece in pieces:
            await until(lambda: transport.reading or transport.is_closing())
            if transport.is_closing():
                return
            connection.data_received(piece)
            for _ in range(turns):
                await asyncio.sleep(0)
        if end == "reset":
            transport.lose(ConnectionResetError())
        elif end == "eof" and not transport.is_closing():
            connection.eof_received()
            transport.close()

    async def exchange(
        self, path: str, pieces: Sequence[bytes], turns: int = 0, end: str = "silence", method: str = "GET"
    ) -> Outcome:
        """A request and the answer to it."""
        asking = asyncio.create_task(self.ask(HttpRequest(method, f"http://h/{path}")))
        await self.answer(f"/{path} ".encode(), pieces, turns, end)
        return await asking

    async def rest(self) -> None:
        """Nothing is asked for a time: idle connections are closed, and there must be no others."""
        await asyncio.sleep(2 * TIMES.keep_alive)
        assert all(transport.lost for _, transport in self.dialer.opened)

    async def close(self) -> None:
        await self.client.close()
        assert all(transport.lost for _, transport in self.dialer.opened)


def request(method: str) -> HttpRequest:
    body: bytes | Sent = b""
    if method == "POST":
        body = b"abc"
    elif method.startswith("POST"):
        body = Sent(3 if "length" in method else None)
    return HttpRequest(method.split()[0], "http://h/first", body=body)


@given(STREAMS, CUTS, METHODS, TAKES, st.integers(0, 4), ENDS)
def test_any_bytes(data: bytes, cuts: list[int], method: str, takes: str, turns: int, end: str) -> None:
    outcomes = []

    async def example() -> None:
        played = Played(SHORT_HEADS)
        sent = request(method)
        asking = asyncio.create_task(played.ask(sent, takes))
        await played.answer(b"/first ", cut(data, cuts), turns, end)
        outcomes.append(await asking)
        assert await played.exchange("second", [SECOND]) == Outcome(200, ((b"content-length", b"6"),), b"second")
        await played.rest()
        assert not isinstance(sent.body, Sent) or sent.body.over
        await played.close()

    assert WATCH.run(example()) == []
    outcome = outcomes[0]
    if outcome.error is None:
        assert 200 <= outcome.status <= 999
    else:
        assert outcome.error in {
            ErrorCode.RECEIVING, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_CLOSED, ErrorCode.PROTOCOL_VIOLATION
        }  # fmt: skip


@given(STREAMS, st.integers(0, 4))
def test_bytes_that_nobody_asked_for(data: bytes, turns: int) -> None:
    """On a connection that rests: it is given up, and the next request goes another way."""

    async def example() -> None:
        played = Played(TIMES)
        await played.exchange("first", [SECOND])
        connection, transport = played.dialer.opened[0]
        if data:
            connection.data_received(data)
        for _ in range(turns):
            await asyncio.sleep(0)
        assert transport.is_closing() is bool(data)
        assert (await played.exchange("second", [SECOND])).body == b"second"
        assert len(played.dialer.opened) == (2 if data else 1)
        await played.close()

    assert WATCH.run(example()) == []


@given(STREAMS, CUTS, CUTS, st.sampled_from(["GET", "HEAD"]))
def test_where_bytes_are_cut_changes_nothing(data: bytes, cuts: list[int], others: list[int], method: str) -> None:
    async def outcome(places: list[int]) -> Outcome:
        played = Played(TIMES)
        asking = asyncio.create_task(played.ask(request(method)))
        await played.answer(b"/first ", cut(data, places), 3, "eof")
        result = await asking
        await played.close()
        return result

    async def example() -> None:
        assert await outcome(cuts) == await outcome(others)

    assert WATCH.run(example()) == []


@given(st.lists(st.sampled_from([*GOOD, *LAST, *HEADS]), max_size=5), CUTS, st.integers(0, 4))
def test_good_answers(answers: list[bytes], cuts: list[int], turns: int) -> None:
    """Each request has its own, over as few connections as can be."""
    right = GOOD | LAST | HEADS

    async def example() -> None:
        played = Played(TIMES)
        for number, answer in enumerate(answers):
            method = "HEAD" if answer in HEADS else "GET"
            outcome = await played.exchange(f"{number}", cut(answer, cuts), turns, method=method)
            assert (outcome.status, outcome.body) == right[answer]
        ended = [number for number, answer in enumerate(answers[:-1]) if answer in LAST]
        assert len(played.dialer.opened) == len(ended) + (1 if answers else 0)
        await played.close()

    assert WATCH.run(example()) == []


@given(CUTS, st.integers(0, 4))
def test_a_body_that_ends_with_the_connection(cuts: list[int], turns: int) -> None:
    async def example() -> None:
        played = Played(TIMES)
        outcome = await played.exchange("first", cut(TO_THE_END, cuts), turns, "eof")
        assert outcome == Outcome(200, (), b"all until the end")
        await played.close()

    assert WATCH.run(example()) == []
