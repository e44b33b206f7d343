"""A back end that plays a script on a real socket, for tests of what a well-behaved server would never do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from engine.transports.http_out import HttpOut, HttpOutSettings

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
"""What the server does on one connection; the connection ends with it."""


@contextlib.asynccontextmanager
async def back_end(script: Script) -> AsyncIterator[str]:
    """A server that plays ``script`` on every connection; gives its URL. What a script raises fails the test."""
    connections: list[asyncio.Task[None] | None] = []
    scripts: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        scripts.append(asyncio.ensure_future(script(reader, writer)))
        await asyncio.wait(scripts[-1:])
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for playing in scripts:
            playing.cancel()
        await asyncio.gather(*filter(None, connections))
        for playing in scripts:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                playing.result()


@contextlib.asynccontextmanager
async def client(**settings: Any) -> AsyncIterator[HttpOut]:
    """The engine's HTTP client with these settings, closed at the end."""
    out = HttpOut(HttpOutSettings(**settings))
    try:
        yield out
    finally:
        await out.close()
