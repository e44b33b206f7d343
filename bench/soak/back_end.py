"""A back end that gives the body back: ``python -m bench.soak.back_end PORT``.

It answers after a moment, and a large answer in two parts with a moment between them, so that its death finds requests
without an answer and answers half-way.
"""

from __future__ import annotations

import asyncio
import sys

import httptools

MOMENT = 0.005
LARGE = 10_000


class Echo(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._pieces: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        body = b"".join(self._pieces)
        self._pieces.clear()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        half = len(body) // 2 if len(body) > LARGE else len(body)
        loop = asyncio.get_running_loop()
        loop.call_later(MOMENT, self._write, head + body[:half])
        if half < len(body):
            loop.call_later(2 * MOMENT, self._write, body[half:])

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


async def serve(port: int) -> None:
    """Listen until the process is stopped."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
