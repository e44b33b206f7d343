"""Content codings (RFC 9110 section 8.4.1): gzip and deflate, both ways."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator

from engine.message.body import BodyStream
from engine.message.codecs.errors import DecodeError

_GZIP = 31  # zlib's window bits for a gzip frame
_ZLIB = 15
_RAW = -15
_WINDOW = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
LONG = 256 * 1024
"""Bytes that are coded beside the loop."""
MOST = 5
"""Codings of one body: a client may name thousands."""
_MOST_MEMBERS = 10_000


class TooLongError(DecodeError):
    """The content is longer than allowed."""


class UnknownCodingError(DecodeError):
    """Nobody here can undo this coding."""


def codings_of(value: str) -> list[str]:
    """The codings that a Content-Encoding names, in the order in which they were applied, without ``identity``."""
    names = (name.strip().lower() for name in value.split(","))
    return [name for name in names if name and name != "identity"]


def decode(data: bytes, codings: list[str], limit: int) -> bytes:
    """The content. Raises UnknownCodingError, DecodeError for damaged bytes, TooLongError beyond ``limit``."""
    if len(codings) > MOST:
        raise UnknownCodingError(f"coded {len(codings):,} times; {MOST} codings can be undone")
    for coding in reversed(codings):
        inflate = _INFLATE.get(coding)
        if inflate is None:
            raise UnknownCodingError(f"coded as '{coding[:40]}'; gzip and deflate can be read")
        try:
            data = inflate(data, limit)
        except (zlib.error, EOFError) as error:
            raise DecodeError(f"not valid {coding}: {error}") from None
    return data


def is_known(codings: list[str]) -> bool:
    """Whether all of these codings can be applied here."""
    return len(codings) <= MOST and all(coding in _WINDOW for coding in codings)


def encode(data: bytes, codings: list[str]) -> bytes:
    """The content, coded. ``codings`` are known."""
    coder = _Coder(codings)
    return coder.code(data) + coder.end()


class CodedStream:
    """A body that is coded while it goes out. ``codings`` are known."""

    length: int | None = None

    def __init__(self, body: bytes | BodyStream, codings: list[str]) -> None:
        self._body = _Pieces(body) if isinstance(body, bytes) else body
        self._coder = _Coder(codings)
        self._ended = False

    async def read(self) -> bytes:
        """The next piece. Raises what reading the body raises."""
        coded = b""
        while not coded and not self._ended:
            piece = await self._body.read()
            if not piece:
                self._ended = True
                coded = self._coder.end()
            elif len(piece) >= LONG:
                coded = await asyncio.to_thread(self._coder.code, piece)
            else:
                coded = self._coder.code(piece)
        return coded

    def close(self) -> None:
        self._ended = True
        self._body.close()


class _Coder:
    """Applies codings, one after the other, to content that comes in pieces."""

    def __init__(self, codings: list[str]) -> None:
        self._compressors = [zlib.compressobj(wbits=_WINDOW[coding]) for coding in codings]

    def code(self, data: bytes) -> bytes:
        """What is ready of the coded content."""
        for compressor in self._compressors:
            data = compressor.compress(data)
        return data

    def end(self) -> bytes:
        """The rest."""
        data = b""
        for compressor in self._compressors:
            data = compressor.compress(data) + compressor.flush()
        return data


class _Pieces:
    """Bytes as a stream."""

    def __init__(self, data: bytes) -> None:
        self.length: int | None = len(data)
        self._pieces: Iterator[bytes] = iter([data[start : start + LONG] for start in range(0, len(data), LONG)])

    async def read(self) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None:
        self._pieces = iter(())


def _gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip file, one after the other (RFC 1952 section 2.2)."""
    content, position = bytearray(), 0
    for _ in range(_MOST_MEMBERS):
        piece, position = _inflated(data, position, limit - len(content), _GZIP)
        content += piece
        if position == len(data):
            return bytes(content)
    raise DecodeError(f"gzip of more than {_MOST_MEMBERS:,} members")


def _inflate_deflate(data: bytes, limit: int) -> bytes:
    """``deflate`` means zlib's format; some servers send the bare stream (RFC 9110 section 8.4.1.2)."""
    try:
        return _inflated(data, 0, limit, _ZLIB)[0]
    except zlib.error:
        return _inflated(data, 0, limit, _RAW)[0]


def _inflated(data: bytes, position: int, limit: int, bits: int) -> tuple[bytes, int]:
    """The content of one stream from a position on, and where it ends.

    It is read in pieces, small ones first: at its end zlib copies what it was given too much, once for each member.
    """
    decompressor = zlib.decompressobj(bits)
    pieces, length, size = [], 0, 1024
    while not decompressor.eof:
        piece = data[position : position + size]
        if not piece:
            raise EOFError("it ends early")
        pieces.append(decompressor.decompress(piece, limit + 1 - length))
        length += len(pieces[-1])
        if length > limit:
            raise TooLongError(f"longer than {limit:,} bytes")
        position += len(piece) - len(decompressor.unused_data)
        size = min(2 * size, LONG)
    return b"".join(pieces), position


_INFLATE: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate_deflate,
}
