"""TLS to back ends: whom to trust, what to show, for all hosts and for some."""

from __future__ import annotations

import asyncio
import logging
import ssl
from functools import partial

from engine.transports.http_out_settings import HostTls, HttpOutSettings
from engine.transports.http_out_url import Origin
from engine.transports.tls_files import RenewedContext, show

log = logging.getLogger("myelin.http")


class TlsContexts:
    """The context for each origin, made at first use: loading the system's authorities takes tens of milliseconds.

    Renewed files count for the connections that begin after it.
    Raises ConfigurationError when a file that the settings name cannot be read: at the start, not at the first request.
    Says once which hosts are not verified.
    """

    def __init__(self, settings: HttpOutSettings) -> None:
        self._common = HostTls(
            ca_file=settings.ca_file or "",
            client_certificate=settings.client_certificate or "",
            client_key=settings.client_key or "",
        )
        self._hosts = {name.lower(): host for name, host in settings.hosts.items()}
        self._contexts: dict[HostTls, RenewedContext] = {}
        for name, host in self._hosts.items():
            if not host.verify:
                log.warning("back_ends: hosts: %s: its certificate is not verified: anybody can pose as it", name)
        for host in (self._common, *self._hosts.values()):
            if host.ca_file or host.client_certificate:
                self._context(self._merged(host))

    def of(self, origin: Origin) -> tuple[ssl.SSLContext, str]:
        """The context, and the name that goes out as SNI and is verified."""
        host = self._hosts.get(f"{origin.host}:{origin.port}") or self._hosts.get(origin.host)
        if host is None:
            return self._context(self._common), origin.host
        return self._context(self._merged(host)), host.server_name or origin.host

    def of_broker(self, host: str, port: int) -> ssl.SSLContext:
        """A context of its own, by the same settings, for a server that speaks something else than HTTP."""
        own = self._hosts.get(f"{host}:{port}") or self._hosts.get(host)
        return _made(self._common if own is None else self._merged(own), speaks_http=False)

    def _merged(self, host: HostTls) -> HostTls:
        own = bool(host.client_certificate)
        common = self._common
        return HostTls(
            ca_file=host.ca_file or common.ca_file,
            client_certificate=host.client_certificate if own else common.client_certificate,
            client_key=host.client_key if own else common.client_key,
            verify=host.verify,
        )

    def _context(self, host: HostTls) -> ssl.SSLContext:
        renewed = self._contexts.get(host)
        if renewed is None:
            files = (host.ca_file, host.client_certificate, host.client_key)
            renewed = self._contexts[host] = RenewedContext(partial(_made, host), *files)
        renewed.look()
        return renewed.context


def _made(host: HostTls, *, speaks_http: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if host.ca_file:
        context.load_verify_locations(host.ca_file)
    if host.client_certificate:
        show(context, host.client_certificate, host.client_key)
    if not host.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if speaks_http:
        context.set_alpn_protocols(["http/1.1"])
    return context


def is_whole(transport: asyncio.BaseTransport) -> bool:
    """Whether all has come that the peer of a connection at its end has sent.

    Over TLS the peer says so (close_notify); without it, anybody on the way may have ended the connection (RFC 9112
    section 9.8). A connection without TLS cannot tell.
    """
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    if tls is None:
        return True
    try:
        return tls.read(1) == b""
    except ssl.SSLZeroReturnError:
        return True
    except ssl.SSLError:
        return False  # it waits for more
