"""Content codings (RFC 9110 section 8.4.1): what gzip and deflate made small, made large again."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from engine.message.codecs.errors import DecodeError

_GZIP = 31  # zlib's window bits for a gzip frame
_ZLIB = 15
_RAW = -15


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
    for coding in reversed(codings):
        inflate = _INFLATE.get(coding)
        if inflate is None:
            raise UnknownCodingError(f"coded as '{coding[:40]}'; gzip and deflate can be read")
        try:
            data = inflate(data, limit)
        except (zlib.error, EOFError) as error:
            raise DecodeError(f"not valid {coding}: {error}") from None
    return data


def _gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip file, one after the other (RFC 1952 section 2.2)."""
    content, rest = _inflated(data, limit, _GZIP)
    while rest:
        piece, rest = _inflated(rest, limit - len(content), _GZIP)
        content += piece
    return content


def _inflate_deflate(data: bytes, limit: int) -> bytes:
    """``deflate`` means zlib's format; some servers send the bare stream (RFC 9110 section 8.4.1.2)."""
    try:
        return _inflated(data, limit, _ZLIB)[0]
    except zlib.error:
        return _inflated(data, limit, _RAW)[0]


def _inflated(data: bytes, limit: int, bits: int) -> tuple[bytes, bytes]:
    """One stream, and what comes behind it."""
    decompressor = zlib.decompressobj(bits)
    content = decompressor.decompress(data, limit + 1)
    if len(content) > limit:
        raise TooLongError(f"longer than {limit:,} bytes")
    if not decompressor.eof:
        raise EOFError("it ends early")
    return content, decompressor.unused_data


_INFLATE: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate_deflate,
}
