"""HTTP in: requests become messages and run through the flow that serves them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from engine.core.env import Conversation, Services
from engine.core.http import RawHeaders
from engine.errors import Fault
from engine.message.body import BodyStream
from engine.message.context import Environment, MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.transports.http_in_correlation import correlate
from engine.transports.http_in_cycle import HIGH_WATER
from engine.transports.http_in_exchange import HttpExchange, RequestBody
from engine.transports.http_in_peer import TrustedProxies, log_access


@dataclass(slots=True)  # one per request, and a frozen one takes four times as long to make
class Route:
    """Where a request goes: the flow, and the rest of its path and query below the flow's own path."""

    flow: Conversation
    postfix: str
    properties: dict[str, str] | None = None
    """Properties that the message begins with."""


class Router(Environment, Protocol):
    """The deployed flows."""

    def route(
        self, method: str, path: str, query: str, headers: RawHeaders | None = None, scheme: str = "http"
    ) -> Route | None:
        """The flow that serves this path (percent-encoded), or None."""


class HttpReceiver:
    """What answers requests. ``router()`` gives the current deployment; a message keeps the one it began with.

    With ``serves`` every request goes to that flow, whatever its path, or to those services alone. With
    ``logs_access`` each leaves a line in the log. With ``makes_ids`` one that brings no correlation id gets one.
    """

    def __init__(
        self,
        router: Callable[[], Router],
        serves: Conversation | Services | None = None,
        *,
        proxies: TrustedProxies | None = None,
        logs_access: bool = False,
        makes_ids: bool = True,
    ) -> None:
        self._router = router
        self._services = serves if isinstance(serves, Services) else None
        self._flow = None if isinstance(serves, Services) else serves
        self._proxies = proxies
        self._logs_access = logs_access
        self._makes_ids = makes_ids

    def __call__(self, exchange: HttpExchange) -> Awaitable[None]:
        if self._proxies is not None:
            self._proxies.apply(exchange)
        request_id = correlate(exchange, self._makes_ids)
        return (self._serve_logged if self._logs_access else self._serve)(exchange, request_id)

    async def _serve_logged(self, exchange: HttpExchange, request_id: bytes) -> None:
        began = time.monotonic()
        try:
            await self._serve(exchange, request_id)
        finally:
            log_access(exchange, request_id, time.monotonic() - began)

    async def _serve(self, exchange: HttpExchange, request_id: bytes) -> None:
        router = self._router()
        try:
            route = self._route(router, exchange)
            if route is None:
                exchange.refuse(404, "not-found", f"there is no service at {exchange.path}")
                return
            body = exchange.whole_body if not exchange.more_body else await _arriving(exchange)
        except Fault as fault:
            exchange.refuse(fault.status, fault.code, fault.message)
            return
        message = _message_of(router, exchange, route, body)
        message.correlation = request_id
        await route.flow.serve(message)
        if not isinstance(body, bytes):
            body.close()

    def _route(self, router: Router, exchange: HttpExchange) -> Route | None:
        if self._flow is not None:
            return Route(self._flow, exchange.target)
        if self._services is not None and self._services.pattern.fullmatch(exchange.target) is None:
            return None
        return router.route(exchange.method, exchange.path, exchange.query, exchange.headers, exchange.scheme)


async def _arriving(exchange: HttpExchange) -> bytes | BodyStream:
    """A body that did not come with the head: bytes when it is short or the next piece completes it, else a stream.

    A short one takes no back end's connection while it arrives, and can be sent again. A client that waits for
    ``100 Continue`` gets it when somebody reads. Raises Fault when the client leaves.
    """
    if exchange.expects_continue:
        return RequestBody(exchange, b"")
    if exchange.length is not None and exchange.length <= HIGH_WATER:
        return await exchange.read_all()
    first = await exchange.read()
    return RequestBody(exchange, first) if exchange.more_body else first


def _message_of(router: Router, exchange: HttpExchange, route: Route, body: bytes | BodyStream) -> MessageContext:
    headers = Headers(exchange.headers)
    payload = Payload.received(body, headers, "client")
    message = MessageContext(router, exchange, payload, headers)
    payload.notes = message.operation
    message.axis2 = {
        "HTTP_METHOD": exchange.method,
        "REST_URL_POSTFIX": route.postfix,
        "TransportInURL": exchange.target,
        "REMOTE_ADDR": exchange.client,
    }
    if exchange.forwarded_host:
        message.axis2["REMOTE_HOST"] = exchange.forwarded_host
    message.to = exchange.target if exchange.query else exchange.path
    if route.properties is not None:
        message.properties.update(route.properties)
    return message
