"""The outgoing HTTP/1.1 client: the pass-through transport of the engine.

A request with a small body and a small answer over a kept-alive connection costs one write, one read, one future and no
task; everything else (waiting, connecting, streaming, proxies) is off that path.
"""

from __future__ import annotations

import asyncio
import dataclasses

from engine.core.http import HttpRequest, HttpResponse, Login
from engine.errors import ErrorCode, TransportError
from engine.message.body import BodyStream
from engine.transports import http_out_ntlm
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_dial import Dialer
from engine.transports.http_out_errors import NoAnswer
from engine.transports.http_out_head import CHUNKED, content_length, framing_of, write_head
from engine.transports.http_out_pool import Pool
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import Origin, split_url

__all__ = ["HttpOut", "HttpOutSettings"]

_IDEMPOTENT = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))


class HttpOut:
    """Fulfils ``engine.core.http.HttpClient``. Make one per event loop; ``close`` it before the loop ends.

    Raises ConfigurationError when the settings name an unusable proxy, certificate or key.
    """

    def __init__(self, settings: HttpOutSettings | None = None, dialer: Dialer | None = None) -> None:
        self._settings = settings or HttpOutSettings()
        self._dialer = dialer or Dialer(self._settings)
        self._pools: dict[str, Pool] = {}
        self._closed = False
        self._emptied = asyncio.Event()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See ``HttpClient.send``. A streamed request body is closed when sending it has begun and fails."""
        if request.login is not None:
            return await self._log_in(request, request.login)
        target = split_url(request.url)
        body = request.body
        if isinstance(body, bytes):
            framing = framing_of(request.method, body)
        else:
            body, framing = await self._framed(request, body)
        pool = self._pools.get(target.origin.text) or self._pool(target.origin)
        head = write_head(request, target, framing, proxied=pool.proxied, extra=pool.extra_header)
        timeout, total = request.timeout, self._settings.total_timeout
        deadline = None if timeout is None else asyncio.get_running_loop().time() + timeout
        end = asyncio.get_running_loop().time() + total if total else None
        connection = pool.take() or await self._acquire(target.origin, deadline, end)
        bodiless = request.method == "HEAD"
        repeatable = isinstance(body, bytes)
        while True:
            waiter = connection.start(
                head,
                body,
                target,
                bodiless=bodiless,
                single=request.http10 or not request.keep_alive,
                timeout=None if deadline is None else _remaining(deadline),
                total=None if end is None else _remaining(end),
            )
            try:
                return await waiter
            except asyncio.CancelledError:
                connection.cancel(waiter)
                raise
            except NoAnswer as error:
                harmless = error.unsent or request.method in _IDEMPOTENT
                if not (repeatable and connection.reused and harmless):
                    raise
            repeatable = False
            connection = await self._acquire(target.origin, deadline, end, fresh=True)

    async def close(self) -> None:
        """Close every connection. Exchanges in progress fail with TransportError 101505."""
        self._closed = True
        for pool in list(self._pools.values()):
            pool.close()
        if self._pools:
            await self._emptied.wait()

    async def _log_in(self, request: HttpRequest, login: Login) -> HttpResponse:
        """Over a connection of its own: what it has proved must hold for no other message."""
        settings = dataclasses.replace(self._settings, max_connections=1, logs_in=True)
        alone = HttpOut(settings, self._dialer.with_settings(settings))
        try:
            plain = dataclasses.replace(request, login=None, keep_alive=True)  # the login holds for a connection
            return await http_out_ntlm.send(alone, plain, login, self._settings.max_collected)
        finally:
            await alone.close()

    async def _framed(self, request: HttpRequest, body: BodyStream) -> tuple[bytes | BodyStream, bytes]:
        """A streamed body as it will be sent, and the header line that frames it."""
        if body.length is not None:
            return body, content_length(body.length)
        if request.chunked and not request.http10:
            return body, CHUNKED
        collected = await _collect(body, self._settings.max_collected)
        return collected, framing_of(request.method, collected)

    async def _acquire(self, origin: Origin, *deadlines: float | None, fresh: bool = False) -> Connection:
        seconds = self._settings.connect_timeout
        for deadline in deadlines:
            if deadline is not None:
                seconds = min(seconds, _remaining(deadline))
        return await self._pool(origin).acquire(seconds, fresh=fresh)

    def _pool(self, origin: Origin) -> Pool:
        pool = self._pools.get(origin.text)
        if pool is None:
            if self._closed:
                raise TransportError("the HTTP client is closed", code=ErrorCode.SENDING)
            self._emptied.clear()
            pool = self._pools[origin.text] = Pool(origin, self._settings, self._dialer, self._forget)
        return pool

    def _forget(self, origin: Origin) -> None:
        self._pools.pop(origin.text, None)
        if not self._pools:
            self._emptied.set()


def _remaining(deadline: float) -> float:
    """Seconds from now, never below zero."""
    return max(deadline - asyncio.get_running_loop().time(), 0.0)


async def _collect(body: BodyStream, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await body.read():
        size += len(piece)
        if size > limit:
            body.close()
            text = f"the request body is larger than {limit} bytes and may not be sent in chunks"
            raise TransportError(text, code=ErrorCode.SENDING)
        pieces.append(piece)
    return b"".join(pieces)
