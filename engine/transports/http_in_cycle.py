"""One request and its answer: the ASGI ``receive`` and ``send`` of a connection."""

from __future__ import annotations

import asyncio
import http
from collections.abc import MutableMapping
from typing import Any, Protocol

Event = MutableMapping[str, Any]
RawHeaders = list[tuple[bytes, bytes]]

HIGH_WATER = 64 * 1024
"""Bytes of a request body that wait unread before the connection stops reading its socket."""


def _status_line(status: int) -> bytes:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


_STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}
_WITHOUT_BODY = frozenset({204, 304})


class Connection(Protocol):
    """What a cycle needs of its connection."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None:
        """Wait until the client has taken enough of what was written."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def answered(self, cycle: Cycle) -> None:
        """The answer is complete."""


class Cycle:
    """A request being answered. The head goes out together with the first piece of the body, in one write."""

    __slots__ = (
        "_body",
        "_chunked",
        "_connection",
        "_default_headers",
        "_end_told",
        "_head",
        "_left",
        "_waiter",
        "complete",
        "disconnected",
        "expects_continue",
        "is_head",
        "keep_alive",
        "more_body",
        "scope",
        "started",
        "task",
        "version10",
    )

    def __init__(self, connection: Connection, scope: dict[str, Any], default_headers: RawHeaders) -> None:
        self._connection = connection
        self._default_headers = default_headers
        self._body: list[bytes] = []
        self._end_told = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._chunked = False
        self._left: int | None = None
        """Bytes of the announced Content-Length still to come; None when chunked or ended by closing."""
        self.scope = scope
        self.task: asyncio.Task[None] | None = None
        """What answers it."""
        self.is_head: bool = scope["method"] == "HEAD"
        self.version10: bool = scope["http_version"] == "1.0"
        self.keep_alive = True
        self.expects_continue = False
        self.more_body = True
        self.started = False
        self.complete = False
        self.disconnected = False

    # ---------------------------------------------------------------- from the connection

    def feed(self, piece: bytes) -> None:
        """A piece of the request body."""
        self._body.append(piece)
        if (len(self._body) > 1 and sum(map(len, self._body)) > HIGH_WATER) or len(piece) > HIGH_WATER:
            self._connection.pause_reading()
        self._wake()

    def end_of_body(self) -> None:
        self.more_body = False
        self._wake()

    def disconnect(self) -> None:
        self.disconnected = True
        self._wake()

    # ---------------------------------------------------------------- ASGI

    async def receive(self) -> Event:
        """The next piece of the body, or ``http.disconnect`` once there is nothing more to tell."""
        if self.expects_continue and not self.started:
            self.expects_continue = False
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._body and self.more_body and not self.disconnected:
            self._connection.resume_reading()
            await self._wait()
        if self._body:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._body.clear()
            self._end_told = not self.more_body
            return {"type": "http.request", "body": body, "more_body": self.more_body}
        if not self.more_body and not self._end_told:
            self._end_told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while not self.disconnected and not self.complete:
            await self._wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Event) -> None:
        """Write the answer. What comes after the client left is dropped."""
        if event["type"] == "http.response.start":
            self._start(event["status"], event["headers"])
            return
        if self.disconnected or self.complete:
            return
        more = event.get("more_body", False)
        data = self._framed(event.get("body", b""), more)
        if self._head:
            data, self._head = self._head + data, b""
        if data:
            self._connection.write(data)
        if not more:
            self.complete = True
            self._wake()
            self._connection.answered(self)
        else:
            await self._connection.drain()

    # ---------------------------------------------------------------- inside

    def _start(self, status: int, headers: RawHeaders) -> None:
        self.started = True
        lines = [_STATUS_LINES[status]]
        framed = status in _WITHOUT_BODY
        for name, value in self._default_headers:
            lines.append(b"%b: %b\r\n" % (name, value))
        for name, value in headers:
            if name == b"content-length":
                framed, self._left = True, int(value)
            elif name == b"connection" and value.lower() == b"close":
                self.keep_alive = False
                continue
            lines.append(b"%b: %b\r\n" % (name, value))
        if not framed and self.version10:
            self.keep_alive = False
        elif not framed:
            self._chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        if self.more_body:
            # The rest of the request would have to be read and thrown away before the next one.
            self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        elif self.version10:
            lines.append(b"connection: keep-alive\r\n")
        self._head = b"".join(lines)
        if self._head.count(b"\n") != len(lines) or self._head.count(b"\r") != len(lines):
            self.started = False
            raise ValueError("a header of the answer contains a line break")
        self._head += b"\r\n"

    def _framed(self, body: bytes, more: bool) -> bytes:
        if self.is_head:
            return b""
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return data if more else data + b"0\r\n\r\n"
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise ValueError("the body of the answer has another length than its Content-Length")
        return body

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
