"""Addresses such as ``local://services/Quotes``: a proxy of this engine is called without a connection.

It is Synapse's local transport. What the proxy gets and what comes back is as it would be over HTTP.
"""

from __future__ import annotations

import asyncio
import logging
import re

from engine.core.answer import answer_of
from engine.core.background import Detached, to_its_end
from engine.core.env import env_of
from engine.core.http import HttpRequest, HttpResponse
from engine.core.soap_answer import match_client
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.http")

SCHEME = "local:"
_URL = re.compile(r"local:(?:/|//|//[^/?]*/)services/([^/?]+)([^?]*)(?:\?(.*))?")
"""Name of the proxy, the rest of the path, and the query."""


async def call(message: MessageContext, request: HttpRequest) -> HttpResponse:
    """The answer of the proxy. Raises TransportError when there is none, and none within the request's time."""
    match = _URL.fullmatch(request.url)
    if match is None:
        text = f"'{request.url[:80]}' is no address of a proxy; write it as local://services/NAME"
        raise TransportError(text, code=ErrorCode.SENDING)
    env, name = env_of(message), match[1]
    proxy = env.proxy(name)
    if proxy is None:
        raise TransportError(f"there is no proxy '{name}'", code=ErrorCode.SENDING)
    if message.depth >= env.limits.depth:
        raise Fault(f"the proxy '{name}' is called {message.depth} levels deep; does it call itself?")
    exchange = _Exchange(message, request, f"/services/{name}{match[2]}", match[3] or "")
    inner = _request(message, request, exchange, match[2])
    try:
        async with asyncio.timeout(request.timeout):
            await to_its_end(env, proxy.serve(inner), f"local call of proxy '{name}'", counts=True)
    except TimeoutError:
        text = f"the proxy '{name}' did not answer within {request.timeout:.3g} s"
        raise TransportError(text, code=ErrorCode.TIMEOUT) from None
    return exchange.response


def _request(message: MessageContext, request: HttpRequest, exchange: _Exchange, postfix: str) -> MessageContext:
    headers = Headers(request.headers)
    payload = Payload.received(request.body, headers, "client")
    inner = MessageContext(message.env, exchange, payload, headers)
    query = f"?{exchange.query}" if exchange.query else ""
    inner.axis2 = {
        "HTTP_METHOD": exchange.method,
        "REST_URL_POSTFIX": f"{postfix}{query}",
        "TransportInURL": f"{exchange.path}{query}",
        "REMOTE_ADDR": exchange.client,
    }
    inner.to = inner.requested
    inner.correlation = message.correlation
    inner.depth = message.depth + 1
    return inner


class _Exchange(Detached):
    """The caller's side: it keeps the answer."""

    def __init__(self, caller: MessageContext, request: HttpRequest, path: str, query: str) -> None:
        super().__init__(path)
        self.method, self.query = request.method, query
        self.client, self.scheme = caller.exchange.client, caller.exchange.scheme
        self.response = HttpResponse(202, "", [], b"")
        self._headers = request.headers

    async def answer(self, message: MessageContext) -> None:
        """The body is read: the flow that answers is over before the caller looks into it."""
        if self.answered:
            log.warning("%s: a second answer was not kept", message.correlation_id)
            return
        await match_client(message, self._headers)
        await message.payload.load(env_of(message).limits.buffered_body)
        status, headers, body = answer_of(message)
        self.response = HttpResponse(status, "", headers, body)
        self.answered = True
