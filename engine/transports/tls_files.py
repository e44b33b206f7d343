"""TLS from PEM files that are renewed while the engine runs."""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import Callable

from engine.errors import ConfigurationError

log = logging.getLogger("myelin.http")


class RenewedContext:
    """``context`` is what ``make`` made of the files; ``look`` makes it again when one of them has changed.

    ``make`` raises OSError, also for what is in the files. Raises ConfigurationError when it cannot be made at first.
    """

    def __init__(self, make: Callable[[], ssl.SSLContext], *files: str) -> None:
        self._make = make
        self._files = tuple(filter(None, files))
        self._stamps = self._stamps_now()
        try:
            self.context = make()
        except OSError as error:
            raise ConfigurationError(self._unusable(error)) from None

    def look(self) -> None:
        """Files that cannot be used leave the last good ones."""
        stamps = self._stamps_now()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            self.context = self._make()
        except OSError as error:
            log.error("the certificates stay as they were: %s", self._unusable(error))
            return
        log.info("loaded again: %s", ", ".join(self._files))

    def _unusable(self, error: OSError) -> str:
        return f"cannot load {' or '.join(self._files)}: {reason(error)}"

    def _stamps_now(self) -> list[tuple[int, int] | None]:
        return [_stamp(name) for name in self._files]


def show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Let ``context`` show a certificate; an empty ``key`` stands in the certificate's file. Raises OSError."""
    context.load_cert_chain(certificate, key or None, _no_password)


def reason(error: OSError) -> str:
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


def _no_password() -> str:
    """Without this OpenSSL asks the terminal, and the engine waits for it."""
    raise OSError("the key is encrypted, and there is no password for it")


def _stamp(name: str) -> tuple[int, int] | None:
    try:
        status = os.stat(name)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
