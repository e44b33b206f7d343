"""Opening connections: name lookup, TCP, HTTP proxy, TLS."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from functools import cached_property
from itertools import chain, zip_longest
from typing import cast

from engine.errors import ConfigurationError, ErrorCode, TransportError
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import Origin, split_url
from engine.transports.write_batch import WriteBatch

_ATTEMPT_DELAY = 0.25  # RFC 8305 section 5
_MAX_TUNNEL_HEAD = 64 * 1024
_TUNNEL_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([\x20-\x7e]*))?\r\n")

_Address = tuple[int, int, int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


class Dialer:
    """Opens connections by the settings. Raises ConfigurationError when a proxy or TLS setting is unusable."""

    def __init__(self, settings: HttpOutSettings) -> None:
        self._settings = settings
        self._proxy = _proxy_origin(settings.proxy) if settings.proxy and "*" not in settings.no_proxy else None
        self._batch: WriteBatch | None = None
        self._no_proxy = tuple(name.lower().lstrip(".") for name in settings.no_proxy)
        if settings.ca_file or settings.client_certificate:
            self.tls  # noqa: B018  # a file that cannot be read is told at the start, not by the first request

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Made at first use: loading the system's authorities takes tens of milliseconds."""
        settings = self._settings
        try:
            context = ssl.create_default_context()
            if settings.ca_file:
                context.load_verify_locations(settings.ca_file)
            if settings.client_certificate:
                context.load_cert_chain(settings.client_certificate, settings.client_key)
        except OSError as error:
            files = " or ".join(filter(None, (settings.ca_file, settings.client_certificate, settings.client_key)))
            raise ConfigurationError(f"cannot load {files}: {_reason(error)}") from error
        context.set_alpn_protocols(["http/1.1"])
        return context

    def proxy_for(self, origin: Origin) -> Origin | None:
        """The proxy that requests to ``origin`` go through, if any."""
        host = origin.host
        direct = any(host == name or host.endswith("." + name) for name in self._no_proxy)
        return None if direct else self._proxy

    async def open(self, origin: Origin) -> Connection:
        """A connection that is ready for requests to ``origin``. Raises TransportError 101503."""
        proxy = self.proxy_for(origin)
        try:
            return await self._open(origin, proxy)
        except OSError as error:
            via = f" through proxy {proxy.text}" if proxy is not None else ""
            text = f"cannot connect to {origin.text}{via}: {_reason(error)}"
            raise TransportError(text, code=ErrorCode.CONNECTION_FAILED) from error

    async def _open(self, origin: Origin, proxy: Origin | None) -> Connection:
        loop = asyncio.get_running_loop()
        if self._batch is None:
            self._batch = WriteBatch(loop)
        connection = Connection(loop, self._settings, self._batch)
        peer = proxy or origin
        tls = self.tls if origin.scheme == "https" else None
        stream = await open_socket(peer.host, peer.port)
        if tls is not None and proxy is not None:
            await _open_tunnel(loop, stream, origin, proxy, connection, tls)
            return connection
        await loop.create_connection(
            lambda: connection,
            sock=stream,
            ssl=tls,
            server_hostname=origin.host if tls is not None else None,
        )
        return connection


async def open_socket(host: str, port: int) -> socket.socket:
    """A connected TCP socket: addresses of both families in turn, the next one when the last is slow (RFC 8305).

    Raises OSError, the first one when every address fails.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = _interleaved([(family, kind, protocol, address) for family, kind, protocol, _, address in found])
    if len(addresses) == 1:
        return await _connect(loop, addresses[0])
    attempts: list[asyncio.Task[socket.socket]] = []
    errors: list[OSError] = []
    winner: socket.socket | None = None
    try:
        while winner is None:
            if addresses:
                attempts.append(loop.create_task(_connect(loop, addresses.pop(0))))
            elif not attempts:
                raise errors[0]
            done, _ = await asyncio.wait(
                attempts, timeout=_ATTEMPT_DELAY if addresses else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in done:
                error = attempt.exception()
                if error is None and winner is None:
                    attempts.remove(attempt)
                    winner = attempt.result()
                elif isinstance(error, OSError):
                    attempts.remove(attempt)
                    errors.append(error)
        return winner
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_discard)


async def _connect(loop: asyncio.AbstractEventLoop, address: _Address) -> socket.socket:
    family, kind, protocol, name = address
    stream = socket.socket(family, kind, protocol)
    try:
        stream.setblocking(False)
        await loop.sock_connect(stream, name)
    except BaseException:
        stream.close()
        raise
    return stream


def _discard(attempt: asyncio.Task[socket.socket]) -> None:
    """Close the connection of an attempt that came second."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


def _interleaved(addresses: list[_Address]) -> list[_Address]:
    """Families in turn, beginning with that of the resolver's first choice."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    second = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for address in chain.from_iterable(zip_longest(first, second)) if address is not None]


class _Tunnel(asyncio.Protocol):
    """Collects the proxy's answer to CONNECT."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.head: asyncio.Future[bytes] = loop.create_future()
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.head.done():
            return
        if b"\r\n\r\n" in self._received:
            self.head.set_result(self._received)
        elif len(self._received) > _MAX_TUNNEL_HEAD:
            self.head.set_exception(ConnectionError("the proxy's answer has no end"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.head.done():
            self.head.set_exception(ConnectionError("the proxy closed the connection"))


async def _open_tunnel(
    loop: asyncio.AbstractEventLoop,
    stream: socket.socket,
    origin: Origin,
    proxy: Origin,
    connection: Connection,
    tls: ssl.SSLContext,
) -> None:
    """CONNECT (RFC 9110 section 9.3.6), then TLS with the origin inside, over which ``connection`` will speak."""
    transport, tunnel = await loop.create_connection(lambda: _Tunnel(loop), sock=stream)
    try:
        transport.write(_connect_request(origin, proxy))
        _check_tunnel(await tunnel.head)
        encrypted = await loop.start_tls(transport, connection, tls, server_hostname=origin.host)
    except BaseException:
        transport.abort()
        raise
    connection.connection_made(cast(asyncio.Transport, encrypted))


def _connect_request(origin: Origin, proxy: Origin) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    name = f"{host}:{origin.port}"
    line = proxy_authorization(proxy)
    return f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n".encode("ascii") + (line + b"\r\n" if line else b"") + b"\r\n"


def _check_tunnel(head: bytes) -> None:
    match = _TUNNEL_STATUS.match(head)
    if match is None or not head.endswith(b"\r\n\r\n"):
        raise ConnectionError("the proxy's answer to CONNECT is not HTTP")
    status, reason = match.groups(default=b"")
    if not status.startswith(b"2"):
        raise ConnectionError(f"the proxy refused: {status.decode()} {reason.decode()}".rstrip())


def proxy_authorization(proxy: Origin) -> bytes:
    """The header line for a proxy that wants a user, or empty."""
    return b"Proxy-Authorization: " + proxy.authorization if proxy.authorization else b""


def _proxy_origin(url: str) -> Origin:
    try:
        origin = split_url(url).origin
    except TransportError as error:
        raise ConfigurationError(f"proxy: {error}") from error
    if origin.scheme != "http":
        raise ConfigurationError("proxy: only http:// proxies are supported")
    return origin


def _reason(error: OSError) -> str:
    """The cause in a few words, without addresses and errno numbers."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "TLS failed: " + (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, socket.gaierror):
        return str(error.strerror).lower()
    if error.errno:
        return os.strerror(error.errno).lower()
    return str(error) or type(error).__name__
