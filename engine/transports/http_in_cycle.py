"""One request and its answer on the wire: the body as it arrives, the framing of what goes back."""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable
from typing import Protocol

from engine.core.http import WITHOUT_BODY, RawHeaders
from engine.errors import ErrorCode, Fault

HIGH_WATER = 128 * 1024
"""Bytes of a request body that wait unread before the connection stops reading its socket."""


def _status_line(status: int) -> bytes:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}".encode()


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}
_CHUNKED = b"transfer-encoding: chunked"
_as_line = b": ".join
_CONTROLS = bytes([*range(9), *range(10, 32), 127])


class Connection(Protocol):
    """What a cycle needs of its connection."""

    @property
    def client(self) -> str:
        """The client's address."""

    @property
    def scheme(self) -> str:
        """``https`` or ``http``."""

    @property
    def default_headers(self) -> RawHeaders:
        """What every answer says, such as Date."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None:
        """Wait until the client has taken enough of what was written."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def answered(self, cycle: Cycle) -> None:
        """The answer is complete."""


class Cycle:
    """A request being answered: ``read`` gives its body; ``respond``, or ``begin``, ``send`` and ``end``, answer it.

    ``target`` is the request target as the client wrote it, in origin form. ``length`` is the announced size of the
    body, None when it comes in chunks. Header names are lower case.
    """

    __slots__ = (
        "_body",
        "_chunked",
        "_connection",
        "_held",
        "_left",
        "_waiter",
        "answered",
        "client",
        "complete",
        "correlation",
        "disconnected",
        "expects_continue",
        "forwarded_host",
        "headers",
        "keep_alive",
        "length",
        "method",
        "more_body",
        "on_disconnect",
        "path",
        "query",
        "scheme",
        "started",
        "status",
        "target",
        "task",
        "version10",
    )

    def __init__(
        self,
        connection: Connection,
        method: str,
        target: str,
        headers: RawHeaders,
        length: int | None = 0,
        *,
        version10: bool = False,
    ) -> None:
        self._connection = connection
        self._body: list[bytes] = []
        self._held = 0
        """Bytes in ``_body``: counted, for a client may send its body in chunks of one byte."""
        self._waiter: asyncio.Future[None] | None = None
        self._chunked = False
        self._left: int | None = None
        """Bytes of the announced Content-Length still to come; None when chunked or ended by closing."""
        self.client = connection.client
        self.scheme = connection.scheme
        self.forwarded_host = ""
        """The host that the client called, when trusted proxies say so."""
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.length = length
        self.version10 = version10
        self.task: asyncio.Task[None] | None = None
        """What answers it."""
        self.correlation: tuple[bytes, bytes] | None = None
        """The header with the request's id, which the answer repeats; None when it brings none."""
        self.on_disconnect: Callable[[], None] | None = None
        """Called once when the client leaves before its answer is complete."""
        self.keep_alive = True
        self.expects_continue = False
        self.more_body = True
        self.answered = False
        """Whether somebody has begun to answer."""
        self.started = False
        """Whether the head of the answer is written."""
        self.complete = False
        self.status = 0
        """Of the answer, once its head is written."""
        self.disconnected = False

    # ---------------------------------------------------------------- from the connection

    def feed(self, piece: bytes) -> None:
        """A piece of the request body."""
        self._body.append(piece)
        self._held += len(piece)
        if self._held > HIGH_WATER:
            self._connection.pause_reading()
        if self._waiter is not None:
            self._wake()

    def end_of_body(self) -> None:
        self.more_body = False
        if self._waiter is not None:
            self._wake()

    def disconnect(self) -> None:
        """The client has left, or was told that its request is not served."""
        if self.disconnected:
            return
        self.disconnected = True
        self._wake()
        if self.on_disconnect is not None and not self.complete:
            self.on_disconnect()

    # ---------------------------------------------------------------- the request's body

    @property
    def whole_body(self) -> bytes:
        """The body once all of it has arrived, when nobody has read of it."""
        body = self._body
        return body[0] if len(body) == 1 else b"".join(body)

    async def read(self) -> bytes:
        """What has arrived since the last read, ``b""`` at the end. Raises Fault when the client leaves before it."""
        if self.expects_continue and not self.started:
            self.expects_continue = False
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._body:
            if not self.more_body:
                return b""
            if self.disconnected:
                # Also a client that stalled: http_in_protocol has answered it 408, so the wait below is bounded.
                raise Fault("the client left before its request was complete", code=ErrorCode.BAD_PAYLOAD, status=400)
            self._connection.resume_reading()
            await self._wait()
        data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body.clear()
        self._held = 0
        return data

    async def read_all(self) -> bytes:
        """The whole body, which must be a short one: nothing bounds it here. Raises Fault as ``read`` does."""
        pieces = []
        while piece := await self.read():
            pieces.append(piece)
        return b"".join(pieces)

    # ---------------------------------------------------------------- the answer

    def respond(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """The whole answer, in one write. Raises ValueError for a header with a control character."""
        if status in WITHOUT_BODY:
            self._finish(self._head(status, headers, b""))
            return
        head = self._head(status, headers, b"content-length: %d" % len(body))
        self._finish(head if self.method == "HEAD" else head + body)

    def respond_to_head(self, status: int, headers: RawHeaders, length: bytes | None) -> None:
        """The answer to HEAD: its length is that of a body nobody sends (RFC 9110 section 8.6), None when unknown."""
        framing = _CHUNKED if length is None else b"content-length: " + length
        self._finish(self._head(status, headers, framing))

    def begin(self, status: int, headers: RawHeaders, length: int | None) -> None:
        """The head of an answer whose body follows: ``length`` bytes, or in chunks as long as it may be."""
        self._left = length
        framing = b""
        if length is not None:
            framing = b"content-length: %d" % length
        elif self.version10:
            self.keep_alive = False
        else:
            self._chunked = True
            framing = _CHUNKED
        head = self._head(status, headers, framing)
        if not self.disconnected:
            self._connection.write(head)  # it leaves with the first piece when that is there in the same turn

    async def send(self, piece: bytes) -> None:
        """A piece of the body; returns when the client has taken enough. Raises ValueError for one too many."""
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                raise ValueError("the body of the answer is longer than its Content-Length")
        if self.method != "HEAD" and piece and not self.disconnected:
            self._connection.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
            await self._connection.drain()

    def end(self) -> None:
        """The body is complete. Raises ValueError when it is shorter than announced."""
        if self._left and self.method != "HEAD":
            raise ValueError("the body of the answer is shorter than its Content-Length")
        self._finish(b"0\r\n\r\n" if self._chunked and self.method != "HEAD" else b"")

    # ---------------------------------------------------------------- inside

    def _head(self, status: int, headers: RawHeaders, framing: bytes) -> bytes:
        """Everything before the body; ``framing`` is a header line, empty for none. Raises ValueError."""
        self.status = status
        lines = [_STATUS_LINES[status], *map(_as_line, self._connection.default_headers), *map(_as_line, headers)]
        if framing:
            lines.append(framing)
        if self.more_body:
            # The rest of the request would have to be read and thrown away before the next one.
            self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"connection: close")
        elif self.version10:
            lines.append(b"connection: keep-alive")
        head = b"\r\n".join(lines)
        if len(head.translate(None, _CONTROLS)) != len(head) - 2 * (len(lines) - 1):
            raise ValueError("a header of the answer has a line break or another control character")
        self.started = True
        return head + b"\r\n\r\n"

    def _finish(self, data: bytes) -> None:
        if self.disconnected or self.complete:
            return
        if data:
            self._connection.write(data)
        self.complete = True
        self._connection.answered(self)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
