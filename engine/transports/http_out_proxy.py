"""Which proxy a request goes through: the settings, else the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from engine.errors import ConfigurationError, TransportError
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import Origin, split_url

_LOCAL = ("localhost", "127.0.0.0/8", "::1")


class Proxies:
    """Raises ConfigurationError for a proxy that is not an ``http://`` URL."""

    def __init__(self, settings: HttpOutSettings) -> None:
        common = _origin(settings.proxy) if settings.proxy else None
        secure = _origin(settings.https_proxy) if settings.https_proxy else common
        self._by_scheme = {"http": common, "https": secure}
        self._direct = frozenset(name.strip().lower().lstrip(".") for name in settings.no_proxy)
        self._networks = [network for name in self._direct if (network := _network(name)) is not None]

    def of(self, origin: Origin) -> Origin | None:
        """The proxy that requests to ``origin`` go through, if any."""
        proxy = self._by_scheme[origin.scheme]
        if proxy is None or "*" in self._direct:
            return None
        host = origin.host
        if any(host == name or host.endswith("." + name) or f"{host}:{origin.port}" == name for name in self._direct):
            return None
        address = _address(host)
        if address is not None and any(address in network for network in self._networks):
            return None
        return proxy


def from_environment(environment: Mapping[str, str]) -> tuple[str | None, str | None, tuple[str, ...]]:
    """``http_proxy``, ``https_proxy`` and ``no_proxy``, in small letters or capitals as other programs read them.

    This machine itself is never reached through a proxy of the environment.
    """

    def value(name: str) -> str:
        return environment.get(name) or environment.get(name.upper()) or ""

    names = [name.strip() for name in value("no_proxy").split(",")]
    return value("http_proxy") or None, value("https_proxy") or None, (*filter(None, names), *_LOCAL)


def authorization_line(proxy: Origin) -> bytes:
    """The header line for a proxy that wants a user, or empty."""
    return b"Proxy-Authorization: " + proxy.authorization if proxy.authorization else b""


def _origin(url: str) -> Origin:
    try:
        origin = split_url(url).origin
    except TransportError as error:
        raise ConfigurationError(f"proxy: {error}") from error
    if origin.scheme != "http":
        raise ConfigurationError("proxy: only http:// proxies are supported")
    return origin


def _network(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
