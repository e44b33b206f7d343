"""uvicorn's HTTP protocol with the limits it lacks: size of the head, and time for head and body.

A request over a limit gets one answer, and the client gets to read it: the connection stays open for reading for a
moment, since closing it while the client still sends would make the client's system throw the answer away (RFC 9112
section 9.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True)
class HttpInLimits:
    """Bounds for clients. Times in seconds."""

    head: int = 64 * 1024
    """Bytes of request line and headers."""
    head_time: float = 20.0
    """From the first byte of a request to the end of its head."""
    body_time: float = 60.0
    """Between two pieces of a body."""


_HEAD = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
LINGER = 2.0
"""Seconds in which what a refused client still sends is read and thrown away."""

_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class LimitedProtocol(HttpToolsProtocol):
    """One client connection. ``sweep`` must be called about once a second for the times to hold."""

    limits = HttpInLimits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._last_data = 0.0
        self._refused = False

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_head:
            if not self._head_bytes:
                self._last_data = self.loop.time()
            self._head_bytes += len(data)
        else:
            self._last_data = self.loop.time()
        super().data_received(data)
        if self._in_head and self._head_bytes > self.limits.head:
            self.refuse(431, "the request line and headers are too long")

    def on_headers_complete(self) -> None:
        if self._head_bytes > self.limits.head and self._head_size() > self.limits.head:
            self.refuse(431, "the request line and headers are too long")
            return
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._head_bytes = True, 0
        if not self._refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, "the request is not HTTP/1.1")

    def check_times(self, now: float) -> None:
        """Answer 408 when the client has been silent for too long in the middle of a request."""
        if self._refused:
            return
        waited = now - self._last_data
        if self._in_head:
            if self._head_bytes and waited > self.limits.head_time:
                self.refuse(408, "the request head did not arrive in time")
        elif waited > self.limits.body_time and self.cycle.more_body and not self.flow.read_paused:
            self.refuse(408, "the request body stopped arriving")

    def refuse(self, status: int, text: str) -> None:
        """The one answer to a request that will not be served; the connection ends with it."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        before = self.cycle
        if self._in_head and before is not None and not before.response_complete:
            before.keep_alive = False  # the request before this one is still served; the connection ends with it
        elif self._in_head or not (self.pipeline or before.response_started):
            self._answer(status, text)
        else:
            self.transport.close()  # this request has its answer, or the beginning of one

    def _answer(self, status: int, text: str) -> None:
        if not self._in_head:
            self.cycle.disconnected = True  # the flow that reads the body ends with a fault and answers nobody
            self.cycle.message_event.set()
        body = b'{"error":{"code":%d,"message":"%s"}}' % (status, text.encode())
        head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, _REASONS[status], len(body)) + body)
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER, self.transport.close)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)


async def sweep(connections: Iterable[object], interval: float = 1.0) -> None:
    """Check the times of all connections for ever. ``connections`` is the server's live set."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(interval)
        now = loop.time()
        for connection in list(connections):
            if isinstance(connection, LimitedProtocol):
                connection.check_times(now)


def limited_protocol(limits: HttpInLimits) -> type[LimitedProtocol]:
    """The protocol class with these limits, in the form in which uvicorn takes it."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits})
