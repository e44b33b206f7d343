"""A client connection without a socket: plays the pieces of a request's body, keeps what was written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httptools

from engine.core.http import RawHeaders
from engine.transports.http_in_cycle import Cycle


class PlayedConnection:
    """Fulfils ``http_in_cycle.Connection``. The pieces come one by one, each when the reader waits for it.

    After the last one the body is at its end, or, with ``leaves``, the client has left.
    """

    def __init__(self, pieces: Iterable[bytes] = (), *, client: str = "127.0.0.1", leaves: bool = False) -> None:
        self.client = client
        self.scheme = "http"
        self.default_headers: RawHeaders = []
        self.written = b""
        self.writes = 0
        self.calls: list[str] = []
        """What a cycle asked for: pause, resume, answered."""
        self.drained = asyncio.Event()
        self.drained.set()
        self._pieces = list(pieces)
        self._leaves = leaves
        self._cycle: Cycle | None = None

    def play(self, cycle: Cycle, *, at_once: bool = True) -> None:
        """Begin: the first piece has come together with the head, unless the client waits for a ``100 Continue``."""
        self._cycle = cycle
        if at_once:
            self._next()

    def write(self, data: bytes) -> None:
        self.written += data
        self.writes += 1

    async def drain(self) -> None:
        await asyncio.sleep(0)
        await self.drained.wait()

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")
        if self._cycle is not None:
            asyncio.get_running_loop().call_soon(self._next)

    def answered(self, cycle: Cycle) -> None:
        self.calls.append("answered")

    def _next(self) -> None:
        cycle = self._cycle
        assert cycle is not None
        if self._pieces and (piece := self._pieces.pop(0)):
            cycle.feed(piece)
        if not self._pieces:
            self._cycle = None
            if self._leaves:
                cycle.disconnect()
            else:
                cycle.end_of_body()


class WrittenAnswer:
    """An answer as a client reads it. ``complete`` says whether it came to its end."""

    def __init__(self, written: bytes, method: str = "GET") -> None:
        self.status = 0
        self.headers: RawHeaders = []
        self.pieces: list[bytes] = []
        self.complete = False
        head, _, body = written.partition(b"\r\n\r\n")
        parser = httptools.HttpResponseParser(self)
        parser.feed_data(head + b"\r\n\r\n")
        if method == "HEAD":
            assert not body, "an answer to HEAD has no body"
        elif body:
            parser.feed_data(body)
        self.status = parser.get_status_code()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.pieces.append(body)

    def on_message_complete(self) -> None:
        self.complete = True

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)
