"""TLS for clients: a certificate that may be renewed while the server runs, and clients that show theirs."""

from __future__ import annotations

import asyncio
import ssl

from engine.transports.tls_files import RenewedContext, show


class ServerTls:
    """``context`` serves ``certificate`` and ``key`` (PEM files); with ``client_ca`` every client must show one of it.

    Renewed files count for the connections that begin after it. With TLS 1.2, a client that was let in before may
    resume its session for as long as OpenSSL keeps it, two hours at most.

    Raises ConfigurationError when a file cannot be used.
    """

    def __init__(self, certificate: str, key: str, client_ca: str = "") -> None:
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._latest = RenewedContext(self._made, certificate, key, client_ca)
        self.context = self._latest.context
        self.context.sni_callback = self._give_latest

    @property
    def asks_clients(self) -> bool:
        """Whether clients must show a certificate."""
        return bool(self._client_ca)

    async def follow(self, interval: float = 2.0) -> None:
        """Take renewed files for new connections, for ever. Files that cannot be used leave the last good ones."""
        while True:
            await asyncio.sleep(interval)
            self.reload()

    def reload(self) -> None:
        """Look at the files once."""
        self._latest.look()

    def _give_latest(self, connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        """OpenSSL asks for every connection, also when the client names no server.

        The server keeps the context that it began with, and nothing can be taken out of a context again.
        """
        connection.context = self._latest.context

    def _made(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        show(context, self._certificate, self._key)
        if self._client_ca:
            context.load_verify_locations(self._client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
            context.num_tickets = 0  # a ticket would outlive the authority that let its client in
        context.options |= ssl.OP_NO_RENEGOTIATION  # a client could make the server work for ever (CVE-2011-1473)
        context.set_alpn_protocols(["http/1.1"])
        return context
