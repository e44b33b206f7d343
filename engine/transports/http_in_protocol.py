"""A client connection: HTTP/1.1 on httptools, run by uvicorn's server in place of its own protocol class.

Nothing of ASGI is between the parser and what answers: no scope, no events. Answers leave in one write, idle timers
are one sweep a second instead of one timer per request, and there are limits that uvicorn's class lacks: size of the
head, time for head and body.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import cast

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from engine.core.http import RawHeaders, end_to_end
from engine.errors import ErrorCode
from engine.message import correlation
from engine.transports.http_in_cycle import Cycle
from engine.transports.http_in_exchange import HttpExchange
from engine.transports.write_batch import WriteBatch

log = logging.getLogger("myelin.http")

Serve = Callable[[HttpExchange], Awaitable[None]]
"""Answers one request."""


@dataclass(frozen=True, slots=True)
class HttpInLimits:
    """Bounds for clients. Times in seconds."""

    head: int = 64 * 1024
    """Bytes of request line and headers."""
    head_time: float = 20.0
    """From the first byte of a request to the end of its head."""
    body_time: float = 60.0
    """Between two pieces of a request's body, and while a client takes nothing of an answer that waits for it."""
    keep_alive: float = 60.0
    """An idle connection stays open so long."""
    connections: int = 10_000
    flows: int = 20_000
    """Flows under way, also those that go on after their answer or without their client."""
    linger: float = 5.0
    """How long the rest of a refused request is read and thrown away, so that the client can read the answer."""


_NOTICED = correlation.NAMES | {b"host", b"content-length", b"transfer-encoding", b"connection", b"expect"}
"""The headers that this connection itself reads: one look finds out that a header is none of them."""
_REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}
_REFUSAL = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"


class HttpInProtocol(asyncio.Protocol):
    """Parses requests and has each answered, one at a time. ``sweep`` keeps its times."""

    def __init__(
        self,
        serve: Serve,
        server_state: ServerState,
        loop: asyncio.AbstractEventLoop,
        limits: HttpInLimits,
        batch: WriteBatch,
    ) -> None:
        self.client = ""
        """The client's address."""
        self.scheme = "http"
        self._serve = serve
        self._loop = loop
        self._state = server_state
        self._limits = limits
        self._batch = batch
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._cycle: HttpExchange | None = None
        """The request being answered."""
        self._parsing: HttpExchange | None = None
        """The request whose body is arriving."""
        self._queue: deque[HttpExchange] = deque()
        self._refusal: tuple[int, str] | None = None
        """What the request behind those in progress will be answered: nothing is read after it."""
        self._writable: asyncio.Future[None] | None = None
        self._unsent = 0
        self._unsent_since = 0.0
        self._reading = True
        self._closing = False
        self._in_head = True
        self._begun = False
        """Whether a request has begun to arrive and is not complete."""
        self._upgrades = False
        """Whether the parser expects another protocol behind the head of this request."""
        self._fruitless = 0
        """Bytes that brought nothing of a body yet: of a head, of trailers, of the framing of chunks."""
        self._last_active = loop.time()
        self._url = b""
        self._headers: RawHeaders = []

    # ---------------------------------------------------------------- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own classes
        if transport.get_extra_info("sslcontext") is not None:
            self.scheme = "https"
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.client = str(peer[0])
        if len(self._state.connections) > self._limits.connections:
            self.refuse(503, "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._state.connections.discard(self)
        for cycle in (self._cycle, self._parsing, *self._queue):
            if cycle is not None:
                cycle.disconnect()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return  # the rest of a refused request
        if not (self._in_head and self._begun):
            self._last_active = self._loop.time()  # a head counts from its first byte
        self._fruitless += len(data)
        self._parse(data)
        if self._fruitless > self._limits.head:
            self._refuse_long()

    def eof_received(self) -> bool:
        """The client sends no more but may still read: what it asked is answered before the connection ends."""
        if self._begun:
            self.refuse(400, "the request ended before it was complete")
        if self._closing or self._cycle is None or self.scheme == "https":
            return False  # TLS has no half-closed connections
        if self._refusal is None:
            last = self._queue[-1] if self._queue else self._cycle
            last.keep_alive = False
        return True

    def pause_writing(self) -> None:
        self._writable = self._writable or self._loop.create_future()
        self._unsent, self._unsent_since = 0, self._loop.time()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        self._last_active = self._loop.time()
        if writable is not None and not writable.done():
            writable.set_result(None)

    # ---------------------------------------------------------------- httptools

    def on_message_begin(self) -> None:
        self._begun = True

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        url, headers = self._url, self._headers
        self._url, self._headers = b"", []
        self._in_head = False
        if self._upgrades:
            self._upgrades = False  # this is the head that _stay_with_http made
            return
        pipelined = self._cycle is not None  # such a head may have come in the same read as the request before it
        if (pipelined or self._fruitless > self._limits.head) and _head_size(url, headers) > self._limits.head:
            self.refuse(431, "the request line and headers are too long")
        parser = self._parser
        self._upgrades = parser.should_upgrade()
        if self._closing or self._refusal is not None:
            return
        cycle = HttpExchange(
            self,
            parser.get_method().decode("ascii"),
            (url if url.startswith(b"/") else _origin_form(url)).decode("latin-1"),
            headers,
        )
        cycle.keep_alive = keep_alive = parser.should_keep_alive()
        says_how = False
        hosts = 0
        for name, value in headers:
            if name not in _NOTICED:
                continue
            if name == b"host":
                hosts += 1
            elif name == b"content-length":
                cycle.length = int(value)
            elif name == b"transfer-encoding":
                cycle.length = None
            elif name == b"connection":
                says_how = True
            elif name == b"expect":
                cycle.expects_continue = value.lower() == b"100-continue"
            elif name == b"activityid" or cycle.correlation is None:
                cycle.correlation = (name, value)
        if says_how:
            cycle.headers = end_to_end(headers)
        if says_how or not keep_alive:  # else it can only be HTTP/1.1, and asking the parser costs a formatted text
            version = parser.get_http_version()
            cycle.version10 = version == "1.0"
            if version not in ("1.0", "1.1"):
                self.refuse(400, "the request is not HTTP/1.1")
                return
        if hosts != 1 and not (cycle.version10 and hosts == 0):
            self.refuse(400, "a request has one Host header")  # RFC 9112 section 3.2
            return
        if self._upgrades and cycle.method == "CONNECT":
            self.refuse(400, "this server is no proxy that CONNECT could go through")
            return
        self._parsing = cycle
        if not pipelined:
            self._begin(cycle)
        else:
            # One answer after the other.
            self._queue.append(cycle)
            self.pause_reading()

    def on_body(self, body: bytes) -> None:
        self._fruitless = 0
        if self._parsing is not None and not self._closing:
            self._parsing.feed(body)

    def on_message_complete(self) -> None:
        if self._upgrades:
            return  # the parser passes over the body of such a request
        self._in_head, self._begun, self._fruitless = True, False, 0
        if self._headers:
            self._headers = []  # trailers: nobody reads them, and they are not of the next request
        if self._parsing is not None:
            self._parsing.end_of_body()
            self._parsing = None

    # ---------------------------------------------------------------- for the cycle

    @property
    def default_headers(self) -> RawHeaders:
        """Date, which uvicorn's server renews once a second."""
        return self._state.default_headers

    def write(self, data: bytes) -> None:
        self._batch.write(self._transport, data)

    async def drain(self) -> None:
        self._batch.flush()
        if self._writable is not None:
            await self._writable

    def pause_reading(self) -> None:
        if self._reading and not self._closing:
            self._reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._reading and not self._closing and self._refusal is None:
            self._reading = True
            self._last_active = self._loop.time()
            self._transport.resume_reading()

    def answered(self, cycle: Cycle) -> None:
        """Take the next request, or end the connection."""
        self._state.total_requests += 1
        self._last_active = self._loop.time()
        self._cycle = None
        if not cycle.keep_alive:
            self._close(unread=cycle.more_body)
        elif self._queue:
            self._begin(self._queue.popleft())
        elif self._refusal is not None:
            self._refuse_now(*self._refusal)
        if not self._reading and not self._queue:
            self.resume_reading()

    # ---------------------------------------------------------------- for the server

    def shutdown(self) -> None:
        """Stop: an idle connection closes now, a busy one after its answer."""
        if self._cycle is None:
            self._close(unread=False)
        else:
            self._cycle.keep_alive = False

    def abort(self) -> None:
        """End the connection now, whatever is on its way."""
        self._transport.abort()

    def check_times(self, now: float) -> None:
        """Close an idle connection; answer 408 to a client that fell silent in the middle of a request.

        A client that reads nothing of its answer is cut off: it would hold a flow and a back end for ever.
        """
        waited = now - self._last_active
        if self._writable is not None:
            self._check_writing(now)
        elif self._closing:
            if waited > self._limits.linger:
                self._transport.abort()
        elif self._parsing is not None:
            if waited > self._limits.body_time and self._reading:
                self.refuse(408, "the request body stopped arriving")
        elif self._cycle is None and self._begun:
            if waited > self._limits.head_time:
                self.refuse(408, "the request head did not arrive in time")
        elif self._cycle is None and waited > self._limits.keep_alive:
            self._close(unread=False)

    def refuse(self, status: int, text: str) -> None:
        """The one answer to a request that is not served, after which the connection ends.

        Requests that came whole before it are answered first. A request that has its answer, or the beginning of one,
        gets no other.
        """
        if self._closing or self._refusal is not None:
            return
        if self._cycle is None or self._cycle is self._parsing:
            self._refuse_now(status, text)
            return
        if self._parsing is not None:
            self._queue.remove(self._parsing)
            self._parsing = None
        self._refusal = (status, text)
        self.pause_reading()

    # ---------------------------------------------------------------- inside

    def _parse(self, data: bytes | memoryview) -> None:
        while True:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                if not self._closing:
                    self._stay_with_http()
                    data = memoryview(data)[upgrade.args[0] :]
                    continue
            except httptools.HttpParserError as error:
                log.info("a request from %s is not HTTP: %s", self.client, error)
                self.refuse(400, "the request is not HTTP/1.1")
            return

    def _stay_with_http(self) -> None:
        """Go on after the head of a request that asks for another protocol; none is offered (RFC 9110 section 7.8).

        Java's client asks so with its first request. The parser would take what follows for the other protocol; a new
        one, given the head without the question, takes it for the body that it is, and for further requests.
        """
        length = self._parsing.length if self._parsing is not None else 0
        framing = b"transfer-encoding: chunked" if length is None else b"content-length: %d" % length
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % framing)

    def _refuse_long(self) -> None:
        if self._in_head:
            self.refuse(431, "the request line and headers are too long")
        else:
            self.refuse(400, "the framing or the trailers of the request body are too long")

    def _refuse_now(self, status: int, text: str) -> None:
        if not any(cycle is not None and cycle.started for cycle in (self._cycle, self._parsing)):
            body = b'{"error":{"code":%d,"message":"%b"}}' % (status, text.encode())
            self._batch.write(self._transport, _REFUSAL % (status, _REASONS[status], len(body)) + body)
        for cycle in (self._cycle, self._parsing, *self._queue):
            if cycle is not None:
                cycle.disconnect()
        self._close(unread=True)

    def _check_writing(self, now: float) -> None:
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since > self._limits.body_time:
            log.info("a client at %s does not read its answer", self.client)
            self._transport.abort()

    def _begin(self, cycle: HttpExchange) -> None:
        self._cycle = cycle
        cycle.task = self._loop.create_task(self._run(cycle))
        self._state.tasks.add(cycle.task)

    async def _run(self, cycle: HttpExchange) -> None:
        try:
            if self._writable is not None:
                await self._writable  # a client that takes no answers gets no further ones
            if len(self._state.tasks) > self._limits.flows:
                text = "too many flows are under way (limits.connections and limits.background)"
                cycle.refuse(503, ErrorCode.DEFAULT, text)
            elif not cycle.disconnected:
                await self._serve(cycle)
        except asyncio.CancelledError:
            if not cycle.started and not cycle.disconnected:
                cycle.refuse(503, 503, "the server is stopping")
            raise
        except Exception:
            log.exception("error while answering %s %s", cycle.method, cycle.path)
            if not cycle.started and not cycle.disconnected:
                cycle.refuse(500, 500, "internal error")
        finally:
            # Here, not in a callback of the task: that would be one more turn of the loop for every request.
            assert cycle.task is not None  # set when the task was made, before it ran
            self._state.tasks.discard(cycle.task)
            if not cycle.complete and not cycle.disconnected:
                # Half an answer must not look like a whole one.
                self._transport.abort()

    def _close(self, *, unread: bool) -> None:
        """Close; where the client may still be sending, only our half at first: a reset could overtake the answer."""
        if self._closing:
            return
        self._closing = True
        self._last_active = self._loop.time()
        self._batch.flush()
        if unread and self._transport.can_write_eof():
            if not self._reading:
                self._transport.resume_reading()
            with contextlib.suppress(OSError):
                self._transport.write_eof()
                return
        self._transport.close()


def _head_size(url: bytes, headers: RawHeaders) -> int:
    return len(url) + sum(len(name) + len(value) + 4 for name, value in headers)


def _origin_form(url: bytes) -> bytes:
    """``/path?query`` of a request target; the absolute form that proxies receive is cut to it (RFC 9112 3.2.2)."""
    if url.startswith(b"/"):
        return url
    _, separator, rest = url.partition(b"://")
    if not separator:
        return url
    _, slash, path = rest.partition(b"/")
    return slash + path if slash else b"/"


async def sweep(connections: Iterable[object], interval: float = 1.0) -> None:
    """Check the times of all connections for ever. ``connections`` is the server's live set."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(interval)
        now = loop.time()
        for connection in list(connections):
            if isinstance(connection, HttpInProtocol):
                connection.check_times(now)


def cut_off(connections: Iterable[object]) -> None:
    """End all connections now."""
    for connection in list(connections):
        if isinstance(connection, HttpInProtocol):
            connection.abort()


def http_in_protocol(serve: Serve, limits: HttpInLimits) -> Callable[..., asyncio.Protocol]:
    """What makes a protocol for each connection, in the form in which uvicorn's server asks for one."""
    batches: dict[asyncio.AbstractEventLoop, WriteBatch] = {}

    def protocol(
        config: Config, server_state: ServerState, app_state: object, _loop: asyncio.AbstractEventLoop | None = None
    ) -> HttpInProtocol:
        loop = _loop or asyncio.get_running_loop()
        batch = batches.get(loop) or batches.setdefault(loop, WriteBatch(loop))
        return HttpInProtocol(serve, server_state, loop, limits, batch)

    return protocol
