"""URLs of back ends, taken apart for a request line, a Host header and a connection."""

from __future__ import annotations

import base64
import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from engine.errors import ErrorCode, TransportError

# Space and control characters are excluded everywhere: in a request line they would begin another request.
_URL = re.compile(r"(https?://[^\x00-\x20\x7f/?#\\]+)([/?][^\x00-\x20\x7f#]*)?(?:#[^\x00-\x20\x7f]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"(?:(?P<user>.*)@)?(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:@\[\]]+))(?::(?P<port>[0-9]{0,5}))?"
)
_HOST_NAME = re.compile(r"[a-z0-9._-]{1,253}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Origin(NamedTuple):
    """Where connections go. ``text`` identifies it: ``http://host:8080``, the port only when it is not the default.

    ``authorization`` is the value of an Authorization header made of the URL's user and password, or empty.
    """

    text: str
    scheme: str
    host: str
    port: int
    authority: str
    authorization: bytes


class Target(NamedTuple):
    """A URL ready for sending: ``path`` is the origin-form of the request line, query included, ASCII only."""

    origin: Origin
    path: str

    @property
    def shown(self) -> str:
        """The URL for messages: without user, password and query, which may hold secrets."""
        return self.origin.text + self.path.partition("?")[0]


@lru_cache(maxsize=512)
def split_url(url: str) -> Target:
    """Take an absolute http or https URL apart; characters beyond ASCII are percent-encoded as UTF-8.

    Raises TransportError 101500 for anything that cannot be a request target.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _illegal("not an absolute http or https URL without spaces and control characters")
    origin, path = match.groups(default="")
    if not path.startswith("/"):
        path = "/" + path
    if not path.isascii():
        path = quote(path, safe=_PRINTABLE)
    return Target(split_origin(origin), path)


@lru_cache(maxsize=1024)
def split_origin(text: str) -> Origin:
    """The origin of ``scheme://[user@]host[:port]``. Raises TransportError 101500."""
    scheme, _, authority = text.partition("://")
    scheme = scheme.lower()
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _illegal("the host is malformed")
    host = _ipv6(match["ipv6"]) if match["ipv6"] else _host_name(match["name"])
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise _illegal(f"port {port} is out of range")
    shown = f"[{host}]" if match["ipv6"] else host
    if port != _DEFAULT_PORTS[scheme]:
        shown = f"{shown}:{port}"
    return Origin(f"{scheme}://{shown}", scheme, host, port, shown, _basic(match["user"]))


def _ipv6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise _illegal("the IPv6 address is malformed") from None


def _host_name(text: str) -> str:
    name = text.lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise _illegal("the host name is not a legal international name") from None
    if not _HOST_NAME.fullmatch(name):
        raise _illegal("the host name has illegal characters")
    return name


def _basic(user: str | None) -> bytes:
    return b"Basic " + base64.b64encode(unquote(user).encode()) if user else b""


def _illegal(reason: str) -> TransportError:
    return TransportError(f"cannot send to this URL: {reason}", code=ErrorCode.SENDING)
