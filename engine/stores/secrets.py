"""Secrets by alias in one encrypted file: the embedded default for what WSO2 keeps in its secure vault.

The file holds one Fernet token (AES-128-CBC with HMAC-SHA256) around a JSON object of alias and value. The key is the
environment variable ``MYELIN_SECRETS_KEY``, else the key file, which only its owner may read. The library
``cryptography`` comes with the extra ``secrets`` and is imported when the file is first opened.
"""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.redaction import SECRETS
from engine.errors import Fault
from engine.stores.files import write_atomically

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_VARIABLE = "MYELIN_SECRETS_KEY"
MAX_FILE = 4 * 1024 * 1024
"""Bytes of the encrypted file."""

_ALIAS = re.compile(r"[A-Za-z0-9_.:/@-]{1,128}")
_INSTALL = "install the library for it: pip install 'myelin[secrets]'"


class SecretStore:
    """Reads and writes the secrets. A change of the file is seen at the next look; writers replace it as a whole."""

    def __init__(self, file: Path, key_file: Path) -> None:
        self.file = file
        self.key_file = key_file
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._secrets: dict[str, str] = {}

    def get(self, alias: str) -> str | None:
        """The secret, or None when there is none of that name. Raises Fault when the file or its key is unusable."""
        value = self._current().get(alias)
        if value is not None:
            SECRETS.add(value)
        return value

    def aliases(self) -> list[str]:
        """The names, sorted; values are not shown by anything but ``get``. Raises Fault."""
        return sorted(self._current())

    def set(self, alias: str, value: str) -> None:
        """Keep a secret. The first one makes the file, and a key file when there is no key. Raises Fault."""
        if not _ALIAS.fullmatch(alias):
            raise Fault(f"'{alias[:128]}' is no name of a secret: use letters, digits and _ . : / @ -")
        with self._lock:
            self._write({**self._read(), alias: value}, self._fernet(make=True))

    def remove(self, alias: str) -> bool:
        """Forget a secret; whether there was one. Raises Fault."""
        with self._lock:
            secrets = dict(self._read())
            found = secrets.pop(alias, None) is not None
            if found:
                self._write(secrets, self._fernet(make=False))
        return found

    # ---------------------------------------------------------------- inside

    def _current(self) -> dict[str, str]:
        with self._lock:
            return self._read()

    def _read(self) -> dict[str, str]:
        """The secrets of the file as it is now; decrypted again only when it has changed."""
        try:
            status = self.file.stat()
        except FileNotFoundError:
            self._seen, self._secrets = None, {}
            return self._secrets
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._seen:
            if status.st_size > MAX_FILE:
                raise Fault(f"the secrets in {self.file} have {status.st_size:,} bytes; the limit is {MAX_FILE:,}")
            self._secrets = self._decrypted(self.file.read_bytes())
            self._seen = stamp
        return self._secrets

    def _decrypted(self, token: bytes) -> dict[str, str]:
        fernet = self._fernet(make=False)
        from cryptography.fernet import InvalidToken

        try:
            content = json.loads(fernet.decrypt(token))
        except InvalidToken:
            raise Fault(f"the secrets in {self.file} cannot be opened: the key is another one") from None
        return {str(alias): str(value) for alias, value in content.items()}

    def _write(self, secrets: dict[str, str], fernet: Fernet) -> None:
        _write_private(self.file, fernet.encrypt(json.dumps(secrets).encode()))
        self._seen = None

    def _fernet(self, *, make: bool) -> Fernet:
        try:
            from cryptography.fernet import Fernet
        except ImportError:
            raise Fault(f"secrets are encrypted; {_INSTALL}") from None
        key = os.environ.get(KEY_VARIABLE, "").encode() or self._key_from_file()
        if not key:
            if not make:
                raise Fault(f"there is no key for the secrets: neither {KEY_VARIABLE} nor {self.key_file}")
            key = Fernet.generate_key()
            _write_private(self.key_file, key)
        try:
            return Fernet(key)
        except ValueError:
            raise Fault("the key of the secrets is no Fernet key (32 bytes in URL-safe base64)") from None

    def _key_from_file(self) -> bytes:
        try:
            mode = self.key_file.stat().st_mode
        except FileNotFoundError:
            return b""
        if stat.S_IMODE(mode) & 0o077:
            raise Fault(f"{self.key_file} may be read by others; make it private: chmod 600 {self.key_file}")
        return self.key_file.read_bytes().strip()


def _write_private(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(target, content)
    except OSError as error:
        raise Fault(f"{target} cannot be written: {error.strerror}") from None
