"""Who the client is when proxies stand before the server, and the line that the access log has of a request."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence

from engine.core.http import RawHeaders
from engine.errors import ConfigurationError
from engine.transports.http_in_cycle import Cycle

access = logging.getLogger("myelin.access")

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SCHEMES = ("http", "https")


class TrustedProxies:
    """Proxies whose X-Forwarded-For, -Proto and -Host are believed: addresses or networks.

    Raises ConfigurationError for anything else.
    """

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = [_network(name) for name in networks]

    def apply(self, cycle: Cycle) -> None:
        """Make client, scheme and Host header of a request that came through trusted proxies what they say."""
        if not self._trusts(cycle.client):
            return
        for address in reversed(_values(cycle.headers, b"x-forwarded-for")):
            if _address(address) is None:
                break  # whoever wrote this is not believed for what stands before it
            cycle.client = address
            if not self._trusts(address):
                break
        if hosts := _values(cycle.headers, b"x-forwarded-host"):
            cycle.forwarded_host = hosts[-1]
            host = hosts[-1].encode("latin-1")
            cycle.headers = [(name, host if name == b"host" else value) for name, value in cycle.headers]
        if protocols := _values(cycle.headers, b"x-forwarded-proto"):
            protocol = protocols[-1].lower()
            if protocol in _SCHEMES:
                cycle.scheme = protocol

    def _trusts(self, client: str) -> bool:
        address = _address(client)
        return address is not None and any(address in network for network in self._networks)


def log_access(cycle: Cycle, request_id: bytes, seconds: float) -> None:
    """One line: client, method and path (no query, which may hold secrets), status, milliseconds, correlation id."""
    status = cycle.status if cycle.complete else f"{cycle.status or '-'} broken off"
    shown = (cycle.client, cycle.method, cycle.path, status, seconds * 1000, request_id.decode("ascii") or "-")
    access.info("%s %s %s %s %.1f ms %s", *shown)


def _values(headers: RawHeaders, name: bytes) -> list[str]:
    joined = b",".join(value for key, value in headers if key == name).decode("latin-1")
    return [value for part in joined.split(",") if (value := part.strip())]


def _network(name: str) -> _Network:
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        raise ConfigurationError(f"trusted_proxies: '{name}' is neither an address nor a network") from None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
