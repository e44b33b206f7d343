"""An HTTP/1.1 client that tells exactly what came back: an answer, half of one, or none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


class NoAnswer(Exception):
    """The connection ended, or the time was over, before the head of an answer was there."""


@dataclass(slots=True)
class Answer:
    """``whole`` is False when the connection ended within the body. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    whole: bool = True


@dataclass(slots=True)
class Client:
    """One connection to a port of this machine, opened when it is needed; one request at a time."""

    port: int
    patience: float = 20.0
    """Seconds for a whole answer."""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, init=False)

    async def ask(self, request: bytes) -> Answer:
        """Send a request and read its answer. Raises NoAnswer."""
        try:
            async with asyncio.timeout(self.patience):
                reader, writer = self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(request)
                answer = await self._read(reader)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise NoAnswer(repr(error)) from None
        if not answer.whole or answer.headers.get("connection") == "close":
            self.close()
        return answer

    @property
    def connected(self) -> bool:
        """Whether the connection is open, as far as one knows without using it."""
        return self._streams is not None and not self._streams[0].at_eof()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        """Raises EOFError, OSError or TimeoutError when there is no head."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        answer = Answer(int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs})
        pieces: list[bytes] = []
        try:
            if answer.headers.get("transfer-encoding") == "chunked":
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    pieces.append((await reader.readexactly(size + 2))[:-2])
                await reader.readexactly(2)
            else:
                pieces.append(await reader.readexactly(int(answer.headers.get("content-length", "0"))))
        except (OSError, EOFError, TimeoutError):
            answer.whole = False
        answer.body = b"".join(pieces)
        return answer


def post(path: str, body: bytes, *headers: str, content_type: str = "application/json") -> bytes:
    """A request with a body at hand."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {content_type}", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
