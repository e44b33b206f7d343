"""A back end for bodies of any size: ``python -m bench.bulk_backend PORT``.

``GET …/length/BYTES/RATE`` and ``…/chunked/BYTES/RATE`` give so many bytes, RATE bytes a second (0: as fast as it
goes). A POST is answered with the number of bytes that came and their checksum (CRC-32); it is read at the rate that
its path ends with.
"""

from __future__ import annotations

import asyncio
import sys
import zlib

import httptools

PIECE = bytes(range(256)) * 256
"""What bodies are made of: 64 KiB."""


def checksum(size: int) -> int:
    """Of the first ``size`` bytes of repeated pieces."""
    whole, rest = divmod(size, len(PIECE))
    result = 0
    for _ in range(whole):
        result = zlib.crc32(PIECE, result)
    return zlib.crc32(PIECE[:rest], result)


class Bulk(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._writable = asyncio.Event()
        self._writable.set()
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._size = self._checksum = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        self._checksum = zlib.crc32(body, self._checksum)
        if rate := int(self._url.rpartition(b"/")[2]):
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(len(body) / rate, self._read_on)

    def _read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def on_message_complete(self) -> None:
        if self._parser.get_method() == b"POST":
            self._transport.write(_head(b"content-length: 21") + b"%010d %010d" % (self._size, self._checksum))
        else:
            way, size, rate = self._url.split(b"/")[-3:]
            sending = self._send(way == b"chunked", int(size), int(rate))
            self._task = asyncio.get_running_loop().create_task(sending)
        self._begin()

    async def _send(self, chunked: bool, size: int, rate: int) -> None:
        self._transport.write(_head(b"transfer-encoding: chunked" if chunked else b"content-length: %d" % size))
        while size and not self._transport.is_closing():
            piece = PIECE[:size]
            size -= len(piece)
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await self._writable.wait()
            if rate:
                await asyncio.sleep(len(piece) / rate)
        if chunked:
            self._transport.write(b"0\r\n\r\n")


def _head(framing: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n%b\r\n\r\n" % framing


async def serve(port: int) -> None:
    """Listen until the process is stopped."""
    server = await asyncio.get_running_loop().create_server(Bulk, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
