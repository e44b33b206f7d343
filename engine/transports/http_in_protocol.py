"""uvicorn's HTTP protocol with the limits it lacks: size of the head, and time for head and body."""

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
_REASONS = {408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class LimitedProtocol(HttpToolsProtocol):
    """One client connection. ``sweep`` must be called about once a second for the times to hold."""

    limits = HttpInLimits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._last_data = 0.0

    def data_received(self, data: bytes) -> None:
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
        self._in_head = False
        if self._head_bytes > self.limits.head and self._head_size() > self.limits.head:
            self.refuse(431, "the request line and headers are too long")
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._head_bytes = True, 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def check_times(self, now: float) -> None:
        """Answer 408 when the client has been silent for too long in the middle of a request."""
        waited = now - self._last_data
        if self._in_head:
            if self._head_bytes and waited > self.limits.head_time:
                self.refuse(408, "the request head did not arrive in time")
        elif waited > self.limits.body_time and self.cycle.more_body and not self.flow.read_paused:
            self.refuse(408, "the request body stopped arriving")

    def refuse(self, status: int, text: str) -> None:
        """The one answer to a request that will not be served; the connection ends with it."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = b'{"error":{"code":%d,"message":"%s"}}' % (status, text.encode())
            self.transport.write(_HEAD % (status, _REASONS[status], len(body)) + body)
        self.transport.close()

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
