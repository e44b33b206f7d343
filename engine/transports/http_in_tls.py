"""TLS for clients: a certificate that may be renewed while the server runs, and clients that show theirs."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl

from engine.errors import ConfigurationError

log = logging.getLogger("myelin.http")


class ServerTls:
    """``context`` serves ``certificate`` and ``key`` (PEM files); with ``client_ca`` every client must show one of it.

    Raises ConfigurationError when a file cannot be used.
    """

    def __init__(self, certificate: str, key: str, client_ca: str = "") -> None:
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._stamps = self._stamps_now()
        self.context = self._made()

    async def follow(self, interval: float = 2.0) -> None:
        """Take renewed files for new connections, for ever. Files that cannot be used leave the last good ones."""
        while True:
            await asyncio.sleep(interval)
            self.reload()

    def reload(self) -> None:
        """Look at the files once."""
        stamps = self._stamps_now()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            self._made()  # a pair that does not match would leave half of it in the context
        except ConfigurationError as error:
            log.error("the certificate stays as it was: %s", error)
            return
        self.context.load_cert_chain(self._certificate, self._key or None)
        log.info("the certificate %s was loaded again", self._certificate)

    def _made(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self._certificate, self._key or None)
            if self._client_ca:
                context.load_verify_locations(self._client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except OSError as error:
            files = " or ".join(filter(None, (self._certificate, self._key, self._client_ca)))
            reason = getattr(error, "reason", None) or error.strerror or str(error)
            raise ConfigurationError(f"cannot load {files}: {reason.replace('_', ' ').lower()}") from None
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _stamps_now(self) -> list[tuple[int, int] | None]:
        return [_stamp(name) for name in (self._certificate, self._key) if name]


def _stamp(name: str) -> tuple[int, int] | None:
    try:
        status = os.stat(name)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
