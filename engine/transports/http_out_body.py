"""The body of an answer that is still arriving."""

from __future__ import annotations

import asyncio
from typing import Protocol

from engine.errors import ErrorCode, TransportError


class BodySource(Protocol):
    """What a body asks of the connection that it arrives on."""

    loop: asyncio.AbstractEventLoop

    def await_piece(self) -> None:
        """Somebody waits for a piece: the silence of the back end counts from now."""

    def piece_awaited(self) -> None:
        """Nobody waits any more."""

    def body_taken(self) -> None:
        """There is room for more."""

    def abort(self) -> None:
        """Close at once."""


class AnswerBody:
    """A BodyStream over a connection: the connection puts pieces in and pauses reading when they pile up.

    ``pieces`` is shared with the connection, which forgets it when the answer is complete.
    """

    __slots__ = ("__weakref__", "_connection", "_error", "_waiter", "length", "pieces")

    def __init__(self, connection: BodySource, pieces: list[bytes], length: int | None) -> None:
        self.length = length
        self.pieces = pieces
        self._connection: BodySource | None = connection
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None

    async def read(self) -> bytes:
        """Everything that has arrived since the last read.

        Raises TransportError 101504 after ``idle_timeout`` of silence, 101505 when the back end closes before the end,
        101506 when the body is malformed, 101501 for any other failure.
        """
        while not self.pieces:
            if self._error is not None:
                raise self._error
            if self._connection is None:
                return b""
            await self._next_piece(self._connection)
        data = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces.clear()
        if self._connection is not None:
            self._connection.body_taken()
        return data

    def close(self) -> None:
        self.pieces.clear()
        connection = self._connection
        if connection is not None:
            self.finish(TransportError("the answer's body was closed before its end", code=ErrorCode.RECEIVING))
            connection.abort()

    def wake(self) -> None:
        """A piece has arrived."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def finish(self, error: Exception | None) -> None:
        """Nothing more will arrive; ``error`` says why when it is not the end."""
        if self._connection is not None:
            self._connection = None
            self._error = error
        self.wake()

    async def _next_piece(self, connection: BodySource) -> None:
        self._waiter = connection.loop.create_future()
        connection.await_piece()
        try:
            await self._waiter
        finally:
            self._waiter = None
            connection.piece_awaited()
