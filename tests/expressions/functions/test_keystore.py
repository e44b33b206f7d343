from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.expressions.functions.registry import FUNCTIONS


def write_keystore(file: Path, key: Any, name: bytes = b"Key") -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(name, key, certificate, None, BestAvailableEncryption(b"secret"))
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_keystore(folder / "keys.p12", rsa.generate_private_key(65537, 2048))
    write_keystore(folder / "curve.p12", ec.generate_private_key(ec.SECP256R1()))
    (folder / "other.jks").write_bytes(b"\xfe\xed\xfe\xed")
    return folder


@pytest.fixture
def message(make_message: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(folder)
    return make_message(text="Grüße")


def test_the_example(message: Any) -> None:
    [(expression, expected)] = FUNCTIONS["encrypt"].examples
    assert compile_expression(expression, {}).text(message) == expected


@pytest.mark.parametrize(
    "rest", ["", ", 'JKS'", ", 'PKCS12', 'RSA/ECB/PKCS1Padding'", ", 'JKS', 'RSA/ECB/OAEPWithSHA-1AndMGF1Padding'"]
)
def test_round_trip(message: Any, rest: str) -> None:
    key = f"'keys.p12', 'secret', 'KEY'{rest}"
    encrypted = compile_expression(f"encrypt($ctx:text, {key})", {}).text(message)
    assert encrypted is not None
    assert len(encrypted) == 344
    message.properties["encrypted"] = encrypted
    assert compile_expression(f"decrypt($ctx:encrypted, {key})", {}).text(message) == "Grüße"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("encrypt('a', 'none.p12', 'secret', 'key')", "cannot be opened: No such file"),
        ("encrypt('a', 'keys.p12', 'wrong', 'key')", "cannot be opened: the password is wrong"),
        ("encrypt('a', 'other.jks', 'secret', 'key')", "it is no PKCS12 file"),
        ("encrypt('a', 'keys.p12', 'secret', 'other')", "has no certificate 'other'"),
        ("decrypt('a', 'keys.p12', 'secret', 'other')", "has no key 'other'"),
        ("encrypt('a', 'keys.p12', 'secret', 'key', 'JKS', 'DES')", "do not know the algorithm 'DES'"),
        ("encrypt('a', 'curve.p12', 'secret', 'key')", "the key is not for RSA"),
        ("decrypt('YQ==', 'keys.p12', 'secret', 'key')", "was not encrypted for this key"),
        ("decrypt('*', 'keys.p12', 'secret', 'key')", "was not encrypted for this key"),
    ],
)
def test_what_cannot_be_done_is_a_fault(message: Any, expression: str, reason: str) -> None:
    with pytest.raises(Fault, match=reason):
        compile_expression(expression, {}).text(message)


def test_a_text_too_long_for_the_key_is_a_fault(message: Any) -> None:
    message.properties["long"] = "x" * 300
    with pytest.raises(Fault, match="too long"):
        compile_expression("encrypt($ctx:long, 'keys.p12', 'secret', 'key')", {}).text(message)
