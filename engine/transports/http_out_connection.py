"""One connection to a back end: writes a request, parses the answer, tells when it can be used again.

llhttp (below httptools) is strict: it refuses repeated or malformed Content-Length, Content-Length beside
Transfer-Encoding, line folding, bare CR or LF and malformed chunks. What it lets through and is refused here: other
codings than one ``chunked``, other protocols than HTTP/1.x, a 101 nobody asked for, statuses below 100, control
characters in the reason, a head without end.
"""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import replace
from typing import Protocol, cast

import httptools

from engine.core.http import HttpResponse, RawHeaders, end_to_end
from engine.message.body import BodyStream
from engine.transports import http_out_errors as errors
from engine.transports.http_out_answer import (
    OF_THIS_HOP,
    Violation,
    announced_length,
    begins_login,
    names_fields,
    reason_text,
)
from engine.transports.http_out_body import AnswerBody
from engine.transports.http_out_deadline import Deadline
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_tls import is_whole
from engine.transports.http_out_upload import Upload
from engine.transports.write_batch import WriteBatch

_BUFFERED = 64 * 1024
_VERSION = b"HTTP/1."


class Owner(Protocol):
    """Who keeps connections: told when one is free and when one is gone."""

    def release(self, connection: Connection) -> None: ...

    def forget(self, connection: Connection) -> None: ...


class Place(Protocol):
    """Where a request goes, for messages."""

    @property
    def shown(self) -> str: ...


class Connection(asyncio.Protocol):
    """Serves one exchange at a time: ``start`` begins it, its future brings the head of the answer.

    The answer is complete, or failed, before ``Owner.release`` or ``Owner.forget`` is called.
    """

    __slots__ = (
        "_batch",
        "_bodiless",
        "_chunked",
        "_complete",
        "_deadline",
        "_end",
        "_fields",
        "_fruitless",
        "_keep_alive",
        "_lost",
        "_owner",
        "_parser",
        "_pieces",
        "_place",
        "_reading_paused",
        "_reason",
        "_response",
        "_settings",
        "_single",
        "_start",
        "_stream",
        "_transport",
        "_turn",
        "_upload",
        "_waiter",
        "loop",
        "reused",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: HttpOutSettings, batch: WriteBatch) -> None:
        self.loop = loop
        self.reused = False
        self._settings = settings
        self._batch = batch
        self._deadline = Deadline(loop, self._out_of_time)
        self._end: Deadline | None = None
        """Of the whole exchange, when there is one."""
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._owner: Owner | None = None
        self._lost = False
        self._reading_paused = False
        self._place: Place | None = None
        self._waiter: asyncio.Future[HttpResponse] | None = None
        self._upload: Upload | None = None
        self._stream: weakref.ref[AnswerBody] | None = None
        self._bodiless = False
        self._single = False
        self._turn = -1
        """The turn of the batch that the request leaves with; -1 when it left at once."""
        self._reset()

    def _reset(self) -> None:
        """Forget the last answer."""
        self._start = b""
        self._complete = False
        self._chunked = False
        self._keep_alive = False
        self._fruitless = 0
        self._reason = b""
        self._fields: RawHeaders = []
        self._pieces: list[bytes] = []
        self._response: HttpResponse | None = None

    # -- the owner's side ------------------------------------------------------------------------------------------

    def belong_to(self, owner: Owner) -> None:
        """From now on ``owner`` hears of the end; a connection that is already lost reports at once."""
        self._owner = owner
        if self._lost:
            owner.forget(self)

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def rest(self) -> None:
        """Stay open unused for ``keep_alive`` seconds."""
        self._deadline.start(self._settings.keep_alive)

    def start(
        self,
        head: bytes,
        body: bytes | BodyStream,
        place: Place,
        *,
        bodiless: bool,
        single: bool,
        timeout: float | None,
        total: float | None = None,
    ) -> asyncio.Future[HttpResponse]:
        """Send a request; the future brings its answer or a TransportError, NoAnswer among them.

        ``bodiless`` says that the answer has no body whatever its headers announce (HEAD), ``single`` that the
        connection must not be used again. ``timeout`` is what is left for the head of the answer to arrive, None for
        the default; ``total`` what is left for the whole exchange, None for any time.
        """
        self._waiter = waiter = self.loop.create_future()
        self._place = place
        self._bodiless = bodiless
        self._single = single
        self._turn = -1
        transport = self._transport
        if transport is None or transport.is_closing():
            self._fail(errors.closed_unanswered(place.shown, unsent=True))
            return waiter
        if total is not None:
            self._end = self._end or Deadline(self.loop, self._past_the_end)
            self._end.start(total)
        if isinstance(body, bytes):
            self._deadline.start(self._settings.response_timeout if timeout is None else timeout)
            if len(body) <= _BUFFERED:
                self._turn = self._batch.turn
                self._batch.write(transport, head + body)
            else:
                transport.write(head)
                transport.write(body)
            return waiter
        self._start_upload(transport, head, body, timeout)
        return waiter

    def cancel(self, waiter: asyncio.Future[HttpResponse]) -> None:
        """The sender has left: end its exchange unless the answer is already complete."""
        if self._waiter is waiter:
            self.abort()
        elif waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            body = waiter.result().body
            if not isinstance(body, bytes):
                body.close()

    def shut_down(self) -> None:
        """Close at once; an exchange in progress fails."""
        if self._place is not None:
            self._fail(errors.client_closed())
        self.abort()

    def abort(self) -> None:
        """Close at once and tell nobody but the owner."""
        self._end_exchange()
        if self._transport is not None:
            self._transport.abort()

    def _start_upload(self, transport: asyncio.Transport, head: bytes, body: BodyStream, timeout: float | None) -> None:
        transport.write(head)
        if timeout is not None:
            self._deadline.start(timeout)
        # Without a time of its own the request gets a new one for every piece that the back end is slow to take.
        watch = self._deadline if timeout is None else None
        self._upload = Upload(self.loop, transport, body, watch, self._settings.response_timeout)
        self._upload.begin(self._upload_failed)

    def _upload_failed(self, error: Exception) -> None:
        if self._place is not None:
            self._fail(error)

    # -- asyncio's side --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        if self._place is not None:
            self._peer_left(error)
        self._deadline.close()
        if self._end is not None:
            self._end.close()
        if self._owner is not None:
            self._owner.forget(self)

    def eof_received(self) -> None:
        if self._place is not None:
            self._peer_left(None)

    def pause_writing(self) -> None:
        if self._upload is not None:
            self._upload.pause()

    def resume_writing(self) -> None:
        if self._upload is not None:
            self._upload.resume()

    def data_received(self, data: bytes) -> None:
        if self._place is None:
            self.abort()  # nobody asked
            return
        if self._turn == self._batch.turn:
            self._fail(errors.unasked(self._shown()))
            return
        if self._start != _VERSION:
            self._start += data[: len(_VERSION) - len(self._start)]
            if not _VERSION.startswith(self._start):
                self._violated("the answer does not begin with HTTP/1")
                return
        self._fruitless += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._complete:
                self._violated(str(error.__context__ or error))
                return
            self._keep_alive = False
        if self._complete:
            self._finish()
        else:
            self._go_on()

    # -- the parser's side -----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._complete:
            self._keep_alive = False  # a second answer nobody asked for

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        status = self._parser.get_status_code()
        has_hop_fields = False
        for name, value in self._fields:
            if name not in OF_THIS_HOP:
                continue
            if name == b"connection":
                has_hop_fields = has_hop_fields or names_fields(value)
            else:
                if self._chunked or value.lower() != b"chunked":
                    raise Violation("Transfer-Encoding is not chunked, once")
                self._chunked = True
                # An HTTP/1.0 sender knows no chunks: the framing is not to be relied on (RFC 9112 section 6.1).
                self._single = self._single or self._parser.get_http_version() == "1.0"
        if status < 200:
            if status < 100 or status == 101:
                raise Violation(f"status {status} has no meaning here")
            return
        if self._fruitless > self._settings.max_head < sum(len(name) + len(value) for name, value in self._fields):
            raise Violation(f"a head of more than {self._settings.max_head} bytes")
        if status == 401 and not self._settings.logs_in and begins_login(self._fields):
            self._single = True  # whose login it would become, others would use
        fields = end_to_end(self._fields) if has_hop_fields else self._fields
        self._response = HttpResponse(status, reason_text(self._reason), fields, b"")
        self._fields = []  # takes trailers, which nobody reads
        if self._bodiless:
            self._complete = True
            self._keep_alive = self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        if self._complete:
            self._keep_alive = False
        else:
            self._fruitless = 0
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if self._complete:
            return
        if self._response is None:  # 1xx: the answer is still to come
            self._reason = b""
            self._fields = []
            self._chunked = False
            return
        self._complete = True
        self._keep_alive = self._parser.should_keep_alive()

    # -- the answer ------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        """The answer is complete: hand it over and become free, or close."""
        transport = self._transport
        assert transport is not None  # the answer came over it
        reusable = self._keep_alive and not self._single and not transport.get_write_buffer_size()
        if self._upload is not None:
            reusable = reusable and self._upload.finished
        if self._bodiless:
            self._parser = httptools.HttpResponseParser(self)  # llhttp would wait for the body that the head announced
        if self._reading_paused:
            self.body_taken()
        self._hand_over()
        self._end_exchange()
        if reusable and self._owner is not None:
            self._reset()
            self.reused = True
            self._owner.release(self)
        else:
            transport.abort()

    def _hand_over(self) -> None:
        """Give the complete answer, or the rest of its body, to whoever waits."""
        stream = self._stream() if self._stream is not None else None
        if stream is not None:
            stream.finish(None)
        elif self._waiter is not None and not self._waiter.done():
            response = self._response
            assert response is not None  # it is complete
            response.body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
            self._waiter.set_result(response)

    def _go_on(self) -> None:
        """The answer is incomplete after this read."""
        if self._fruitless > self._settings.max_head:
            self._violated(f"more than {self._settings.max_head} bytes of head, trailer or chunk framing")
            return
        if self._response is None:
            return
        if self._stream is None:
            self._hand_over_stream(self._response)
        stream = self._stream() if self._stream is not None else None
        if stream is not None and self._pieces:
            stream.wake()
            if sum(map(len, self._pieces)) > _BUFFERED and not self._reading_paused:
                self._reading_paused = True
                cast(asyncio.Transport, self._transport).pause_reading()

    def _hand_over_stream(self, response: HttpResponse) -> None:
        """Give the head to the sender; the body follows."""
        waiter, self._waiter = self._waiter, None
        self._deadline.stop()
        if self._upload is not None and not self._upload.finished:
            self._sending_goes_on(self._upload, response.status)
        if waiter is None or waiter.done():
            self.abort()
            return
        stream = AnswerBody(self, self._pieces, announced_length(response.headers))
        # Nothing here holds the stream: a flow that drops an answer unread must not keep its connection for ever.
        self._stream = weakref.ref(stream, self._stream_dropped)
        waiter.set_result(replace(response, body=stream))

    def _sending_goes_on(self, upload: Upload, status: int) -> None:
        """The answer has begun before the request's end. The back end may need the rest, unless it says that it does
        not: then more would only provoke a reset that may overtake the answer (RFC 9112 section 9.5)."""
        if status >= 300 and not self._parser.should_keep_alive():
            upload.cancel()
        else:
            upload.answer_began(self._deadline)

    def _stream_dropped(self, stream: weakref.ref[AnswerBody]) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._give_up, stream)  # the collector runs in any thread

    def _give_up(self, stream: weakref.ref[AnswerBody]) -> None:
        if self._stream is stream:
            self.abort()

    # -- BodySource ------------------------------------------------------------------------------------------------

    def await_piece(self) -> None:
        self._deadline.start(self._settings.idle_timeout)

    def piece_awaited(self) -> None:
        if self._stream is not None:
            self._deadline.stop()

    def body_taken(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            if self.usable:
                cast(asyncio.Transport, self._transport).resume_reading()

    # -- ends ------------------------------------------------------------------------------------------------------

    def _peer_left(self, error: Exception | None) -> None:
        """The connection ended during an exchange."""
        shown = self._shown()
        if not self._start:
            unsent = self._turn == self._batch.turn
            self._fail(errors.closed_unanswered(shown, unsent=unsent) if _is_close(error) else self._broken(error))
        elif self._response is None:
            self._fail(errors.closed_within(shown, "head"))
        elif error is None and not self._chunked and announced_length(self._response.headers) is None:
            if self._transport is not None and not is_whole(self._transport):
                self._fail(errors.cut_off(shown))
                return
            self._complete = True
            self._keep_alive = False
            self._finish()
        elif _is_close(error):
            self._fail(errors.closed_within(shown, "body"))
        else:
            self._fail(self._broken(error))

    def _broken(self, error: Exception | None) -> Exception:
        return errors.broken(self._shown(), error, sending=self._upload is not None and not self._upload.finished)

    def _violated(self, reason: str) -> None:
        self._fail(errors.not_http(self._shown(), reason))

    def _out_of_time(self) -> None:
        if self._place is None:
            self.abort()  # nobody needed it any more
            return
        self._fail(errors.late(self._shown(), self._deadline.seconds, begun=self._waiter is None))

    def _past_the_end(self) -> None:
        self._fail(errors.never_ended(self._shown(), self._settings.total_timeout))

    def _fail(self, error: Exception) -> None:
        """End the exchange with an error and close."""
        waiter = self._waiter
        stream = self._stream() if self._stream is not None else None
        self._end_exchange()
        if stream is not None:
            stream.finish(error)
        elif waiter is not None and not waiter.done():
            waiter.set_exception(error)
        if self._transport is not None:
            self._transport.abort()

    def _end_exchange(self) -> None:
        self._deadline.stop()
        if self._end is not None:
            self._end.stop()
        self._waiter = None
        self._stream = None
        self._place = None
        if self._upload is not None:
            self._upload.cancel()
            self._upload = None

    def _shown(self) -> str:
        return self._place.shown if self._place is not None else "the back end"


def _is_close(error: Exception | None) -> bool:
    return error is None or isinstance(error, ConnectionError)
