"""``encrypt()`` and ``decrypt()``: RSA with a certificate or key from a keystore."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import Fault
from engine.expressions.functions.registry import function
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

MAX_KEYSTORE = 1024 * 1024
"""Bytes of a keystore."""

_PKCS1 = ("rsa", "rsa/ecb/pkcs1padding")
_OAEP = {"rsa/ecb/oaepwithsha-1andmgf1padding": "SHA1", "rsa/ecb/oaepwithsha1andmgf1padding": "SHA1"}

_EXAMPLE = "keys.p12', 'secret', 'key'"


@function("encrypt", example=(f"decrypt(encrypt('text', '{_EXAMPLE}), '{_EXAMPLE})", "text"))
def encrypt(
    message: MessageContext, text: str, keystore: str, password: str, alias: str, kind: str = "", algorithm: str = "RSA"
) -> str:
    """A text, encrypted with the certificate under an alias, as base64.

    Keystores are PKCS12 files, whatever ``kind`` says: ``keytool -importkeystore … -deststoretype PKCS12`` makes one
    from JKS. Algorithms are RSA and RSA/ECB/OAEPWithSHA-1AndMGF1Padding. It needs the extra `secrets`. Raises Fault for
    a keystore that cannot be opened, an unknown alias, and a text too long for the key.
    """
    store = _opened(keystore, password)
    certificates = [each for each in (store.cert, *store.additional_certs) if each is not None]
    certificate = next((each for each in certificates if _is(each.friendly_name, alias)), None)
    if certificate is None:
        raise Fault(f"encrypt(): the keystore '{keystore}' has no certificate '{alias}'")
    key: Any = certificate.certificate.public_key()
    try:
        return base64.b64encode(key.encrypt(text.encode("utf-8", "replace"), _padding(algorithm))).decode("ascii")
    except (ValueError, AttributeError, TypeError):
        raise Fault("encrypt(): the key is not for RSA, or the text is too long for it") from None


@function("decrypt", example=(f"decrypt(encrypt('text', '{_EXAMPLE}), '{_EXAMPLE})", "text"))
def decrypt(
    message: MessageContext, text: str, keystore: str, password: str, alias: str, kind: str = "", algorithm: str = "RSA"
) -> str:
    """The text behind base64 that was encrypted for the key under an alias; the arguments are those of encrypt().

    Raises Fault as encrypt() does, and for a text that was not encrypted for the key.
    """
    store = _opened(keystore, password)
    if store.key is None or store.cert is None or not _is(store.cert.friendly_name, alias):
        raise Fault(f"decrypt(): the keystore '{keystore}' has no key '{alias}'")
    key: Any = store.key
    try:
        return str(key.decrypt(base64.b64decode(text, validate=True), _padding(algorithm)).decode("utf-8", "replace"))
    except (ValueError, AttributeError, TypeError, binascii.Error):
        raise Fault("decrypt(): the text was not encrypted for this key") from None


def _is(name: bytes | None, alias: str) -> bool:
    """Java compares aliases without case."""
    return name is not None and name.decode("utf-8", "replace").lower() == alias.lower()


def _padding(algorithm: str) -> AsymmetricPadding:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    name = algorithm.lower()
    if name in _PKCS1:
        return padding.PKCS1v15()
    if name in _OAEP:
        return padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303  # what the name asks for
    raise Fault(f"encrypt() and decrypt() do not know the algorithm '{algorithm}'")


def _opened(path: str, password: str) -> PKCS12KeyAndCertificates:
    file = Path(path)
    try:
        status = file.stat()
        if status.st_size > MAX_KEYSTORE:
            raise Fault(f"the keystore '{path}' has {status.st_size:,} bytes; the limit is {MAX_KEYSTORE:,}")
        return _read(path, password, status.st_mtime_ns)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the password is wrong, or it is no PKCS12 file"
        raise Fault(f"the keystore '{path}' cannot be opened: {reason}") from None
    except ImportError:
        raise Fault("encrypt() and decrypt() need the extra 'secrets': pip install 'myelin[secrets]'") from None


@lru_cache(maxsize=16)
def _read(path: str, password: str, changed: int) -> PKCS12KeyAndCertificates:
    """Kept until the file changes: opening a keystore is made to be slow."""
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    return load_pkcs12(Path(path).read_bytes(), password.encode())
