"""Sending a request body that arrives piece by piece, no faster than the back end takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.errors import ErrorCode, TransportError
from engine.message.body import BodyStream
from engine.transports.http_out_deadline import Deadline


class Upload:
    """Writes ``body`` after a head that is already written: as it is when its length is known, else in chunks.

    ``watch``, when given, allows the back end ``timeout`` seconds to take each piece and to answer after the last.
    An answer that begins earlier does not end the sending; from then on it has the answer's time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        body: BodyStream,
        watch: Deadline | None,
        timeout: float,
    ) -> None:
        self.finished = False
        """The whole body has been given to the transport."""
        self._loop = loop
        self._transport = transport
        self._body = body
        self._watch = watch
        self._timeout = timeout
        self._answer_watch: Deadline | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None

    def begin(self, failed: Callable[[Exception], None]) -> None:
        """Send in the background. ``failed`` gets what the body raised, or TransportError 101500 for a wrong length."""
        self._task = self._loop.create_task(self._run(failed))

    def answer_began(self, watch: Deadline) -> None:
        """From now on ``watch`` runs while somebody waits for the answer: what the back end takes is a sign of life."""
        self._watch, self._answer_watch = None, watch

    def cancel(self) -> None:
        """Stop sending; a body that is not at its end is closed."""
        if not self.finished and self._task is not None:
            self._task.cancel()
            self._body.close()

    def pause(self) -> None:
        self._writable.clear()

    def resume(self) -> None:
        self._writable.set()

    async def _run(self, failed: Callable[[Exception], None]) -> None:
        try:
            await self._send()
        except Exception as error:
            failed(error)
            return
        self.finished = True
        if self._watch is not None:
            self._watch.start(self._timeout)

    async def _send(self) -> None:
        length = self._body.length
        sent = 0
        while sent != length and (piece := await self._body.read()):
            sent += len(piece)
            if length is None:
                # No writelines: asyncio's of 3.12.0 to 3.12.8, 3.13.0 and 3.13.1 never tells us to pause.
                self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            elif sent <= length:
                self._transport.write(piece)
            else:
                break
            if sent != length:
                await self._drain()
            if self._answer_watch is not None:
                self._answer_watch.renew()
        if length is None:
            self._transport.write(b"0\r\n\r\n")
        elif sent != length:
            text = f"the request body has {sent} bytes where {length} were announced"
            raise TransportError(text, code=ErrorCode.SENDING)

    async def _drain(self) -> None:
        if self._writable.is_set():
            return
        if self._watch is not None:
            self._watch.start(self._timeout)
        await self._writable.wait()
        if self._watch is not None:
            self._watch.stop()
