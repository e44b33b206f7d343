"""The head of an answer: what llhttp lets through and is refused, and what it says about its connection."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.core.http import RawHeaders

OF_THIS_HOP = frozenset({b"transfer-encoding", b"connection"})
_WORDS_ALONE = frozenset({b"close", b"keep-alive"})
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LOGIN = re.compile(rb"(?:^|,)\s*(?:ntlm|negotiate)\b", re.IGNORECASE)


class Violation(Exception):
    """The answer is not HTTP as this client speaks it."""


@lru_cache(maxsize=256)
def reason_text(reason: bytes) -> str:
    """The reason phrase. Raises Violation."""
    if _CONTROLS.search(reason):
        raise Violation("the reason phrase has control characters")
    return reason.decode("latin-1")


def announced_length(headers: RawHeaders) -> int | None:
    """Content-Length, which the parser has already validated."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return None


def names_fields(connection: bytes) -> bool:
    """Whether a value of Connection may name other headers."""
    return connection.lower() not in _WORDS_ALONE


def begins_login(headers: RawHeaders) -> bool:
    """Whether a 401 asks for a login that holds for the connection, and not for one request (RFC 4559)."""
    return any(name == b"www-authenticate" and _LOGIN.search(value) for name, value in headers)
