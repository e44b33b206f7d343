"""The certificates of tests, in a real TLS handshake."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from engine.testing.certificates import Certificates


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """Both sides in this process, over memory. Raises SSLError when one of them refuses."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while sides:
        for side in tuple(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def server(*files: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_authority_vouches_for_its_server(certificates: Certificates, name: str) -> None:
    trusting = ssl.create_default_context(cafile=certificates.authority)
    shake_hands(server(certificates.server, certificates.server_key), trusting, name)


def test_one_that_has_expired(certificates: Certificates) -> None:
    trusting = ssl.create_default_context(cafile=certificates.authority)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        shake_hands(server(*certificates.sign("old", "DNS:localhost", expired=True)), trusting, "localhost")
