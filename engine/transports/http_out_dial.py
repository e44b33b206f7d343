"""Opening connections: name lookup, TCP, HTTP proxy, TLS."""

from __future__ import annotations

import asyncio
import copy
import re
import socket
from itertools import chain, zip_longest
from typing import cast

from engine.errors import ErrorCode, TransportError
from engine.transports.http_out_connection import Connection
from engine.transports.http_out_proxy import Proxies, authorization_line
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_tls import TlsContexts
from engine.transports.http_out_url import Origin
from engine.transports.tls_files import reason
from engine.transports.write_batch import WriteBatch

_ATTEMPT_DELAY = 0.25  # RFC 8305 section 5
_MAX_TUNNEL_HEAD = 64 * 1024
_TUNNEL_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([\x20-\x7e]*))?\r\n")

_Address = tuple[int, int, int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


class Dialer:
    """Opens connections by the settings. Raises ConfigurationError when a proxy or TLS setting is unusable."""

    def __init__(self, settings: HttpOutSettings) -> None:
        self._settings = settings
        self._batch: WriteBatch | None = None
        self.proxy_for = Proxies(settings).of
        self._tls = TlsContexts(settings)

    def with_settings(self, settings: HttpOutSettings) -> Dialer:
        """One whose connections have other settings; proxies and TLS are shared."""
        twin = copy.copy(self)
        twin._settings = settings
        return twin

    async def open(self, origin: Origin) -> Connection:
        """A connection that is ready for requests to ``origin``. Raises TransportError 101503."""
        proxy = self.proxy_for(origin)
        try:
            return await self._open(origin, proxy)
        except OSError as error:
            via = f" through proxy {proxy.text}" if proxy is not None else ""
            text = f"cannot connect to {origin.text}{via}: {reason(error)}"
            raise TransportError(text, code=ErrorCode.CONNECTION_FAILED) from error

    async def _open(self, origin: Origin, proxy: Origin | None) -> Connection:
        loop = asyncio.get_running_loop()
        if self._batch is None:
            self._batch = WriteBatch(loop)
        connection = Connection(loop, self._settings, self._batch)
        peer = proxy or origin
        tls, name = self._tls.of(origin) if origin.scheme == "https" else (None, None)
        stream = await open_socket(peer.host, peer.port)
        if tls is not None and proxy is not None:
            transport = await _open_tunnel(loop, stream, origin, proxy)
            try:
                encrypted = await loop.start_tls(transport, connection, tls, server_hostname=name)
            except BaseException:
                transport.abort()
                raise
            connection.connection_made(cast(asyncio.Transport, encrypted))
            return connection
        await loop.create_connection(lambda: connection, sock=stream, ssl=tls, server_hostname=name)
        return connection


async def open_socket(host: str, port: int) -> socket.socket:
    """A connected TCP socket: addresses of both families in turn, the next one when the last is slow (RFC 8305).

    Raises OSError, the first one when every address fails.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a label that is empty or has more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from None
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
    loop: asyncio.AbstractEventLoop, stream: socket.socket, origin: Origin, proxy: Origin
) -> asyncio.Transport:
    """CONNECT (RFC 9110 section 9.3.6): what is sent over the transport now arrives at the origin."""
    transport, tunnel = await loop.create_connection(lambda: _Tunnel(loop), sock=stream)
    try:
        transport.write(_connect_request(origin, proxy))
        _check_tunnel(await tunnel.head)
    except BaseException:
        transport.abort()
        raise
    return transport


def _connect_request(origin: Origin, proxy: Origin) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    name = f"{host}:{origin.port}"
    line = authorization_line(proxy)
    return f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n".encode("ascii") + (line + b"\r\n" if line else b"") + b"\r\n"


def _check_tunnel(head: bytes) -> None:
    match = _TUNNEL_STATUS.match(head)
    if match is None or not head.endswith(b"\r\n\r\n"):
        raise ConnectionError("the proxy's answer to CONNECT is not HTTP")
    status, reason = match.groups(default=b"")
    if not status.startswith(b"2"):
        raise ConnectionError(f"the proxy refused: {status.decode()} {reason.decode()}".rstrip())
