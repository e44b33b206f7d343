"""Certificates for tests, made by the openssl command."""

from __future__ import annotations

import subprocess
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Certificates:
    """An authority and what it signed, as PEM files: ``server`` for localhost and 127.0.0.1, ``client``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority, self._authority_key = folder / "ca.pem", folder / "ca.key"
        openssl("req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=test authority", "-addext", "keyUsage=keyCertSign",
                "-keyout", self._authority_key, "-out", self.authority)  # fmt: skip
        self.server, self.server_key = self.sign("server", "DNS:localhost,IP:127.0.0.1")
        self.client, self.client_key = self.sign("client", "DNS:client")

    def sign(self, file: str, names: str, *, common_name: str = "leaf", expired: bool = False) -> tuple[Path, Path]:
        """A new certificate for ``names`` (``DNS:a,IP:b``) and its key."""
        certificate, key = self.folder / f"{file}.pem", self.folder / f"{file}.key"
        request, extensions = self.folder / f"{file}.csr", self.folder / f"{file}.ext"
        extensions.write_text(f"subjectAltName={names}\nbasicConstraints=critical,CA:FALSE\n")
        openssl("req", *_KEY, "-subj", f"/CN={common_name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self._authority_key, "-CAcreateserial",
                "-days", "-1" if expired else "2", "-extfile", extensions, "-out", certificate)  # fmt: skip
        return certificate, key


def openssl(*arguments: str | Path) -> None:
    """Run the command. Raises CalledProcessError, or FileNotFoundError where it is not installed."""
    command = ["openssl", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the arguments are those of this file
