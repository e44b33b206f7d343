"""Small writes of one turn of the event loop, done in one burst at its end.

A write wakes the peer's process. One by one, with tens of microseconds of our own work between them, each write of a
busy turn wakes a peer that has just gone back to sleep; in one burst the first one wakes it and the others find it
awake. Measured side by side with 50 connections, a passed-through request costs a quarter less CPU.
"""

from __future__ import annotations

import asyncio


class WriteBatch:
    """The writes that wait for the end of this turn. One for all connections of a side."""

    __slots__ = ("_loop", "_waiting", "turn")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []
        self.turn = 0
        """Counts the bursts: what was given in this turn has not left yet."""

    def write(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write ``data`` before the loop waits again; call ``flush`` before anything else touches the transport."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append((transport, data))

    def flush(self) -> None:
        """Write all that waits, in order. What was meant for a transport that closed since is dropped."""
        self.turn += 1
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
