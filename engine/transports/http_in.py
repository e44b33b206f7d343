"""HTTP in: a raw ASGI application that turns requests into messages and messages into answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.core.env import Conversation
from engine.core.http import RawHeaders
from engine.core.wire import body_of, headers_of, is_true
from engine.errors import ErrorCode, Fault
from engine.message.body import BodyStream
from engine.message.codecs import soap
from engine.message.context import Environment, MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.http")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes: the flow, and the rest of its path and query below the flow's own path."""

    flow: Conversation
    postfix: str
    properties: dict[str, str] | None = None
    """Properties that the message begins with."""


class Router(Environment, Protocol):
    """The deployed flows."""

    def route(self, method: str, path: str, query: str, headers: RawHeaders | None = None) -> Route | None:
        """The flow that serves this path (percent-encoded), or None."""


class HttpReceiver:
    """The ASGI application. ``router()`` gives the current deployment; a message keeps the one it began with."""

    def __init__(self, router: Callable[[], Router]) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = self._router()
        exchange = HttpExchange(scope, receive, send)
        try:
            route = router.route(exchange.method, exchange.path, exchange.query, scope["headers"])
            if route is None:
                await exchange.refuse(404, "not-found", f"there is no service at {exchange.path}")
                return
            body = await _body_of(scope, receive)
            exchange.upload = body if isinstance(body, RequestBody) else None
        except Fault as fault:
            await exchange.refuse(fault.status, fault.code, fault.message)
            return
        await route.flow.serve(_message_of(router, exchange, route, scope, body))
        if exchange.upload is not None:
            exchange.upload.close()


class HttpExchange:
    """The client's side of one request."""

    __slots__ = ("_receive", "_scope", "_send", "answered", "client", "method", "path", "query", "upload")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("latin-1")
        self.query: str = scope["query_string"].decode("latin-1")
        client = scope.get("client")
        self.client: str = client[0] if client else ""
        self.answered = False
        self.upload: RequestBody | None = None
        """The request body, when it did not arrive with the head."""

    async def answer(self, message: MessageContext) -> None:
        """Send the message as the one answer; a streamed body goes piece by piece."""
        if self.answered:
            log.warning("%s: a second answer was not sent", message.correlation_id)
            return
        status = _status_of(message)
        body, content_type = self._body(message, status)
        headers = headers_of(message, content_type)
        if "TransportInURL" in message.axis2:
            # No back end answered, these are still the request's: what the client said about itself stays here.
            headers = [pair for pair in headers if pair[0] not in _REQUEST_ONLY]
        self.answered = True
        if not isinstance(body, bytes):
            await self._send_stream(status, headers, body)
        elif not body and self.method == "HEAD" and status not in _NO_BODY and _is_from_back_end(message):
            await self._send_head(status, headers, message.headers.get("content-length"))
        else:
            await self._send_whole(status, headers, body)

    async def accept(self) -> None:
        if not self.answered:
            self.answered = True
            await self._send_whole(202, [], b"")

    async def refuse(self, status: int, code: str | int, text: str) -> None:
        """An answer for a request that never became a message."""
        payload = Payload()
        payload.set_json({"error": {"code": code, "message": text}})
        self.answered = True
        headers = [(b"content-type", b"application/json")]
        if status in (408, 413):
            headers.append((b"connection", b"close"))
        await self._send_whole(status, headers, payload.render("json"))

    def _body(self, message: MessageContext, status: int) -> tuple[bytes | BodyStream, str | None]:
        if status in _NO_BODY or is_true(message.axis2.get("NO_ENTITY_BODY")):
            message.payload.close()
            return b"", None
        return body_of(message)

    async def _send_whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        if status not in _NO_BODY:
            headers.append((b"content-length", b"%d" % len(body)))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _send_head(self, status: int, headers: list[tuple[bytes, bytes]], length: str | None) -> None:
        """A back end's answer to HEAD: its length is that of a body nobody sends (RFC 9110 section 8.6)."""
        if length is not None and length.isascii() and length.isdecimal():
            headers.append((b"content-length", length.encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})

    async def _send_stream(self, status: int, headers: list[tuple[bytes, bytes]], body: BodyStream) -> None:
        """Back-pressure comes from ``send``; a client that leaves ends the transfer."""
        if body.length is not None:
            headers.append((b"content-length", b"%d" % body.length))
        gone: asyncio.Future[None] | None = None
        try:
            await self._send({"type": "http.response.start", "status": status, "headers": headers})
            while piece := await body.read():
                if gone is None and (self.upload is None or not self.upload.being_read):
                    # Not before: while the request is still arriving its events belong to the one who reads it.
                    gone = asyncio.ensure_future(self._receive_disconnect())
                elif gone is not None and gone.done():
                    log.info("the client left before the answer was complete")
                    return
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            await self._send({"type": "http.response.body", "body": b""})
        finally:
            if gone is not None:
                gone.cancel()
            body.close()

    async def _receive_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


_REQUEST_ONLY = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"authorization",
        b"cookie",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"origin",
        b"range",
        b"referer",
    }
)


class RequestBody:
    """A request body that is still arriving."""

    __slots__ = ("_begun", "_first", "_more", "_receive", "length")

    def __init__(self, first: bytes, receive: Receive, length: int | None) -> None:
        self._first = first
        self._begun = False
        self._more = True
        self._receive = receive
        self.length = length

    @property
    def being_read(self) -> bool:
        """Whether somebody has begun to read it and may ask the client for more."""
        return self._begun and self._more

    async def read(self) -> bytes:
        """The next piece. Raises Fault when the client leaves before the end."""
        self._begun = True
        if self._first:
            first, self._first = self._first, b""
            return first
        while self._more:
            # A client that stalls is answered 408 and disconnected by http_in_protocol, so this wait is bounded.
            piece, self._more = _piece_of(await self._receive())
            if piece:
                return piece
        return b""

    def close(self) -> None:
        self._more = False
        self._first = b""


async def _body_of(scope: Scope, receive: Receive) -> bytes | BodyStream:
    """The body: bytes when it arrived with the head, a stream otherwise."""
    expects = False
    length: int | None = None
    for name, value in scope["headers"]:
        if name == b"content-length":
            length, expects = int(value), value != b"0"
        elif name == b"transfer-encoding":
            expects = True
    if not expects:
        return b""
    piece, more = _piece_of(await receive())
    return RequestBody(piece, receive, length) if more else piece


def _piece_of(event: MutableMapping[str, Any]) -> tuple[bytes, bool]:
    """A piece of a request body, and whether there is more. Raises Fault when the client has left."""
    if event["type"] == "http.disconnect":
        raise Fault("the client left before its request was complete", code=ErrorCode.BAD_PAYLOAD, status=400)
    return event["body"], event["more_body"]


def _message_of(
    router: Router, exchange: HttpExchange, route: Route, scope: Scope, body: bytes | BodyStream
) -> MessageContext:
    headers = Headers(scope["headers"])
    payload = Payload(body, headers.get("content-type") or "", origin="client")
    message = MessageContext(router, exchange, payload, headers)
    message.axis2 = {
        "HTTP_METHOD": exchange.method,
        "REST_URL_POSTFIX": route.postfix,
        "TransportInURL": f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path,
        "REMOTE_ADDR": exchange.client,
    }
    message.to = exchange.path
    if route.properties is not None:
        message.properties.update(route.properties)
    return message


def _is_from_back_end(message: MessageContext) -> bool:
    """Whether an empty body came from a back end as it is, so that its Content-Length is the truth about it."""
    return message.is_response and message.payload.untouched and message.payload.kind == "empty"


def _status_of(message: MessageContext) -> int:
    """HTTP_SC, else 500 for a SOAP fault that the flow made, else 200."""
    status = message.axis2.get("HTTP_SC")
    if status is not None:
        try:
            code = int(str(status))
        except ValueError:
            code = 0
        if 200 <= code <= 599:
            return code
        log.warning("%s: HTTP_SC is '%s', which is no status to answer with", message.correlation_id, status)
        return 500
    payload = message.payload
    made_here = payload.kind in ("soap11", "soap12") and payload.raw() is None and not payload.pending
    if made_here and soap.is_fault(payload.envelope()) and not is_true(message.axis2.get("FAULTS_AS_HTTP_200")):
        return 500
    return 200
