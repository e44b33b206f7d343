"""The connections to one origin."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from engine.errors import ErrorCode, TransportError
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_dial import Dialer
from engine.transports.http_out_errors import in_seconds
from engine.transports.http_out_proxy import authorization_line
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import Origin


class Pool:
    """Hands out kept-alive connections, the one used last first, and opens new ones up to ``max_connections``.

    Beyond that, senders wait in the order they came. ``emptied`` is called when the last connection is gone and nobody
    waits for another. ``proxied`` and ``extra_header`` are what a proxy asks of the heads of plain HTTP requests.
    """

    def __init__(
        self,
        origin: Origin,
        settings: HttpOutSettings,
        dialer: Dialer,
        emptied: Callable[[Origin], None],
    ) -> None:
        self._origin = origin
        self._settings = settings
        self._dialer = dialer
        self._emptied = emptied
        proxy = dialer.proxy_for(origin) if origin.scheme == "http" else None
        self.proxied = proxy is not None
        self.extra_header = authorization_line(proxy) if proxy is not None else b""
        self._closed = False
        self._acquiring = 0
        self._size = 0  # connections open, being opened, or promised to a waiter
        self._open: set[Connection] = set()
        self._idle: dict[Connection, None] = {}  # in order of use; a dict so that a lost one is removed at once
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()

    def take(self) -> Connection | None:
        """An idle connection, if there is one."""
        while self._idle:
            connection, _ = self._idle.popitem()
            if connection.usable:
                return connection
        return None

    async def acquire(self, seconds: float, *, fresh: bool = False) -> Connection:
        """A connection, newly opened or as soon as one is free. ``fresh`` passes over the idle ones.

        Raises TransportError 101508 after ``seconds``, 101503 when the origin cannot be reached.
        """
        self._acquiring += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._free_connection(fresh) or await self._open_connection()
        except TimeoutError:
            busy = len(self._open) >= self._settings.max_connections
            cause = f"all {self._settings.max_connections} connections are busy" if busy else "no connection"
            text = f"cannot connect to {self._origin.text}: {cause} within {in_seconds(seconds)}"
            raise TransportError(text, code=ErrorCode.CONNECT_TIMEOUT) from None
        finally:
            self._acquiring -= 1
            self._report_empty()

    def release(self, connection: Connection) -> None:
        """The connection can serve another exchange."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle[connection] = None
        connection.rest()

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        self._open.discard(connection)
        self._idle.pop(connection, None)
        self._give_back_place()

    def close(self) -> None:
        """Close every connection; exchanges in progress and senders that wait fail."""
        self._closed = True
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(self._closed_error())
        for connection in list(self._open):
            connection.shut_down()

    async def _free_connection(self, fresh: bool) -> Connection | None:
        """A connection that somebody released, or None with a place reserved for a new one."""
        while True:
            connection = None if fresh else self.take()
            if connection is not None:
                return connection
            if self._size < self._settings.max_connections:
                self._size += 1
                return None
            connection = await self._wait()
            if connection is None or connection.usable:
                return connection

    async def _wait(self) -> Connection | None:
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise

    def _pass_on(self, connection: Connection | None) -> None:
        """What a waiter got and cannot use any more."""
        if connection is None:
            self._give_back_place()
        elif connection.usable:
            self.release(connection)

    async def _open_connection(self) -> Connection:
        """Fill a reserved place."""
        try:
            connection = await self._dialer.open(self._origin)
        except BaseException:
            self._give_back_place()
            raise
        self._open.add(connection)
        connection.belong_to(self)
        if self._closed:
            connection.shut_down()
            raise self._closed_error()
        return connection

    def _give_back_place(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._size -= 1
        self._report_empty()

    def _report_empty(self) -> None:
        if not self._size and not self._acquiring:
            self._emptied(self._origin)

    def _closed_error(self) -> TransportError:
        return TransportError("the HTTP client was closed", code=ErrorCode.CONNECTION_CLOSED)
