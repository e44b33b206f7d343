"""The head of an outgoing request: request line, Host, the caller's headers, framing.

Refuses what would let a header value begin another header or another request (RFC 9112 section 11.1).
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.transports.http_out_url import Target

CHUNKED = b"\r\nTransfer-Encoding: chunked"
NO_BODY = b""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_CONTROLS = bytes([*range(9), *range(10, 32), 127])
_HOST = b"Host: "
_AUTHORIZATION = b"Authorization: "
_OWN = frozenset(b"connection content-length keep-alive proxy-connection te trailer transfer-encoding upgrade".split())
_METHODS_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))


def content_length(size: int) -> bytes:
    """The framing of a body of ``size`` bytes."""
    return b"\r\nContent-Length: %d" % size


def framing_of(method: str, body: bytes) -> bytes:
    """The framing of a body at hand: methods that are not expected to have one send no ``Content-Length: 0``."""
    if body or method in _METHODS_WITH_BODY:
        return content_length(len(body))
    return NO_BODY


def write_head(
    request: HttpRequest, target: Target, framing: bytes, *, proxied: bool = False, extra: bytes = b""
) -> bytes:
    """Everything before the body. ``extra`` is one more complete header line, such as Proxy-Authorization.

    ``proxied`` puts the whole URL into the request line. Raises TransportError 101500 for an illegal method, header
    name or header value.
    """
    origin = target.origin
    where = origin.text + target.path if proxied or request.absolute_target else target.path
    lines = [_request_line(request.method, where, request.http10), b""]
    host = b""
    authorization = origin.authorization
    for name, value in request.headers:
        start = _line_start(name)
        if not start:
            continue
        if start is _HOST:
            host = value
            continue
        if start is _AUTHORIZATION:
            authorization = b""
        lines.append(start + value)
    lines[1] = _HOST + (host or origin.authority.encode("ascii"))
    if authorization:
        lines.append(_AUTHORIZATION + authorization)
    if extra:
        lines.append(extra)
    if not request.keep_alive:
        lines.append(b"Connection: close")
    head = b"\r\n".join(lines)
    if len(head.translate(None, _CONTROLS)) != len(head) - 2 * (len(lines) - 1):
        raise _illegal_value(request)
    return head + framing + b"\r\n\r\n"


@lru_cache(maxsize=512)
def _request_line(method: str, where: str, http10: bool) -> bytes:
    if not _TOKEN.fullmatch(method):
        raise TransportError("the HTTP method has illegal characters", code=ErrorCode.SENDING)
    if method == "CONNECT":
        raise TransportError("the HTTP method CONNECT is not for requests", code=ErrorCode.SENDING)
    return f"{method} {where} HTTP/1.{0 if http10 else 1}".encode("ascii")


@lru_cache(maxsize=1024)
def _line_start(name: bytes) -> bytes:
    """``Name: `` for a header that the caller may give, empty for one that the client writes itself."""
    lower = name.lower()
    if lower in _OWN:
        return b""
    if lower == b"host":
        return _HOST
    if lower == b"authorization":
        return _AUTHORIZATION
    text = name.decode("latin-1")
    if not _TOKEN.fullmatch(text):
        raise TransportError(f"the header name {text[:80]!r} has illegal characters", code=ErrorCode.SENDING)
    return name + b": "


def _illegal_value(request: HttpRequest) -> TransportError:
    names = [name for name, value in request.headers if value.translate(None, _CONTROLS) != value]
    shown = names[0].decode("latin-1") if names else "Host"
    return TransportError(
        f"the value of header {shown} has a line break or another control character", code=ErrorCode.SENDING
    )
