"""The client's side of a message: the one answer to its request, made from the message."""

from __future__ import annotations

import logging

from engine.core.answer import answer_of
from engine.core.env import env_of
from engine.core.http import WITHOUT_BODY, RawHeaders
from engine.core.soap_answer import match_client, may_differ
from engine.errors import Fault, Overloaded
from engine.message.body import BodyStream
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.transports.http_in_cycle import HIGH_WATER, Cycle

log = logging.getLogger("myelin.http")


class HttpExchange(Cycle):
    """Fulfils ``engine.message.context.Exchange`` on a connection."""

    __slots__ = ()

    async def answer(self, message: MessageContext) -> None:
        """Send the message as the one answer; a streamed body goes piece by piece.

        When the client has left the answer is dropped; the flow goes on, for it may have more to do than to answer.
        Raises Fault, and the client still waits for its answer, when a header cannot be sent.
        """
        if self.disconnected and not self.answered:
            self.answered = True
            self._tell_left(message)
            message.payload.close()
            return
        if isinstance(message.payload.stream, RequestBody):
            await _whole(message, message.payload.stream)
        if not self.answered and may_differ(message):
            await match_client(message, self.headers)
        if self.answered:
            log.warning("%s: a second answer was not sent", message.correlation_id)
            return
        status, headers, body = answer_of(message, self.correlation)
        self.answered = True
        try:
            if isinstance(body, bytes):
                if len(body) > HIGH_WATER and self.method != "HEAD":
                    await self._respond_long(status, headers, body)
                else:
                    self._respond(message, status, headers, body)
            else:
                await self._stream(message, status, headers, body)
        except ValueError as error:
            if self.started:
                raise
            self.answered = False
            raise Fault(str(error)) from None

    def _respond(self, message: MessageContext, status: int, headers: RawHeaders, body: bytes) -> None:
        if not body and self.method == "HEAD" and status not in WITHOUT_BODY and _is_from_back_end(message):
            length = (message.headers.get("content-length") or "").encode("latin-1")
            self.respond_to_head(status, headers, length if length.isdigit() else None)
        else:
            self.respond(status, headers, body)

    async def _respond_long(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """The message, and with it the count of its bytes, stays until a client that reads slowly has taken them."""
        self.begin(status, headers, len(body))
        await self.send(body)
        self.end()

    async def accept(self) -> None:
        """Answer 202 without a body now, while the flow goes on (FORCE_SC_ACCEPTED)."""
        if not self.answered:
            self.answered = True
            self.respond(202, [] if self.correlation is None else [self.correlation], b"")

    def refuse(self, status: int, code: str | int, text: str) -> None:
        """An answer for a request that never became a message."""
        payload = Payload()
        payload.set_json({"error": {"code": code, "message": text}})
        self.answered = True
        if status in (408, 413):
            self.keep_alive = False
        headers = [(b"content-type", b"application/json")]
        if status == 503:
            headers.append((b"retry-after", b"%d" % Overloaded.retry_after))
        if self.correlation is not None:
            headers.append(self.correlation)
        self.respond(status, headers, payload.render("json"))

    async def _stream(self, message: MessageContext, status: int, headers: RawHeaders, body: BodyStream) -> None:
        """Back-pressure comes from ``send``; a client that leaves ends the transfer."""
        self.on_disconnect = body.close
        try:
            self.begin(status, headers, body.length)
            while piece := await self._next_piece(message, body):
                await self.send(piece)
            if not self.disconnected:
                self.end()
        finally:
            self.on_disconnect = None
            body.close()

    async def _next_piece(self, message: MessageContext, body: BodyStream) -> bytes:
        try:
            piece = await body.read()
        except Exception:
            if not self.disconnected:
                raise
            piece = b""
        if self.disconnected:
            self._tell_left(message)
            return b""
        return piece

    def _tell_left(self, message: MessageContext) -> None:
        log.info("%s: the client at %s left before its answer was complete", message.correlation_id, self.client)


class RequestBody:
    """A request body that is still arriving, as a BodyStream; ``first`` is what was read of it already."""

    __slots__ = ("_cycle", "_first", "_given_up", "length")

    def __init__(self, cycle: Cycle, first: bytes) -> None:
        self._cycle = cycle
        self._first = first
        self._given_up = False
        self.length = cycle.length

    async def read(self) -> bytes:
        """The next piece. Raises Fault when the client leaves before the end."""
        if self._given_up:
            return b""
        first, self._first = self._first, b""
        return first or await self._cycle.read()

    def close(self) -> None:
        self._given_up = True
        self._first = b""


async def _whole(message: MessageContext, body: RequestBody) -> None:
    """Read a request that is its own answer: many a client reads nothing before it has sent all, and both would wait.

    One that is too long for that, or does not say how long it is, goes back as it comes. Raises Fault as ``load`` does.
    """
    if body.length is not None and body.length <= (limit := env_of(message).limits.buffered_body):
        await message.payload.load(limit)


def _is_from_back_end(message: MessageContext) -> bool:
    """Whether an empty body came from a back end as it is, so that its Content-Length is the truth about it."""
    return message.is_response and message.payload.untouched and message.payload.kind == "empty"
