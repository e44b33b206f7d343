"""An ASGI application behind our own protocol class: for the admin port, where no nanosecond counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from engine.core.http import RawHeaders
from engine.errors import Fault
from engine.transports.http_in_exchange import HttpExchange

Event = MutableMapping[str, Any]
Application = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]
]


def asgi(app: Application) -> Callable[[HttpExchange], Awaitable[None]]:
    """Answer requests with an ASGI 3 application."""

    async def serve(exchange: HttpExchange) -> None:
        answer = _Answer(exchange)
        await app(_scope_of(exchange), _receiver(exchange), answer.send)

    return serve


def _scope_of(exchange: HttpExchange) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.0" if exchange.version10 else "1.1",
        "method": exchange.method,
        "scheme": exchange.scheme,
        "path": unquote(exchange.path),
        "raw_path": exchange.path.encode("latin-1"),
        "query_string": exchange.query.encode("latin-1"),
        "root_path": "",
        "headers": exchange.headers,
        "client": (exchange.client, 0) if exchange.client else None,
        "server": None,
    }


def _receiver(exchange: HttpExchange) -> Callable[[], Awaitable[Event]]:
    async def receive() -> Event:
        try:
            body = await exchange.read()
        except Fault:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": exchange.more_body}

    return receive


class _Answer:
    """The events of an answer: one without more pieces leaves whole."""

    def __init__(self, exchange: HttpExchange) -> None:
        self._exchange = exchange
        self._status = 0
        self._headers: RawHeaders = []
        self._length: int | None = None
        self._begun = False

    async def send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._status = event["status"]
            for name, value in event["headers"]:
                if name == b"content-length":
                    self._length = int(value)
                else:
                    self._headers.append((name, value))
            return
        body, more = event.get("body", b""), event.get("more_body", False)
        if not self._begun and not more:
            self._exchange.respond(self._status, self._headers, body)
            return
        if not self._begun:
            self._begun = True
            self._exchange.begin(self._status, self._headers, self._length)
        await self._exchange.send(body)
        if not more:
            self._exchange.end()
