"""Contexts from files. Over sockets: test_http_in_tls.py, test_http_out_tls.py."""

from __future__ import annotations

import logging
import shutil
import ssl
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.testing.certificates import Certificates, openssl
from engine.transports.tls_files import RenewedContext, show


def shows(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    show(context, str(certificate), str(key))
    return context


def test_a_context_is_made_again_when_a_file_has_changed(
    certificates: Certificates, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "c.key"
    shutil.copy(certificates.client, certificate)
    shutil.copy(certificates.client_key, key)
    renewed = RenewedContext(lambda: shows(certificate, key), str(certificate), "", str(key))
    first = renewed.context
    renewed.look()
    assert renewed.context is first
    shutil.copy(certificates.server, certificate)
    with caplog.at_level(logging.INFO, "myelin.http"):
        renewed.look()
        renewed.look()
        assert renewed.context is first
        shutil.copy(certificates.server_key, key)
        renewed.look()
    assert renewed.context is not first
    assert caplog.messages == [
        f"the certificates stay as they were: cannot load {certificate} or {key}: TLS failed: key values mismatch",
        f"loaded again: {certificate}, {key}",
    ]


def test_an_encrypted_key_asks_nobody_for_its_password(certificates: Certificates, tmp_path: Path) -> None:
    encrypted = tmp_path / "encrypted.key"
    openssl("ec", "-in", certificates.client_key, "-aes128", "-passout", "pass:secret", "-out", encrypted)
    with pytest.raises(ConfigurationError, match=f"cannot load {encrypted}: the key is encrypted, and there is no"):
        RenewedContext(lambda: shows(certificates.client, encrypted), str(encrypted))
