"""Certificates of the server. Through a whole server: tests/e2e/test_edges.py."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import ssl
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.testing.certificates import Certificates
from engine.transports.http_in_tls import ServerTls


async def name_shown(tls: ServerTls, certificates: Certificates) -> str:
    """The name in the certificate that a new client is shown."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls.context)
    trust = ssl.create_default_context(cafile=certificates.authority)
    try:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        subject = writer.get_extra_info("peercert")["subject"]
        await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return str(dict(pair[0] for pair in subject)["commonName"])
    finally:
        server.close()


def install(pair: tuple[Path, Path], folder: Path) -> None:
    for source, name in zip(pair, ("c.pem", "c.key"), strict=True):
        shutil.copy(source, folder / f"{name}.new")
        (folder / f"{name}.new").replace(folder / name)


async def test_renewed_files_are_taken_and_bad_ones_are_not(
    certificates: Certificates, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = certificates.sign("first", "IP:127.0.0.1", common_name="first")
    second = certificates.sign("second", "IP:127.0.0.1", common_name="second")
    install(first, tmp_path)
    tls = ServerTls(str(tmp_path / "c.pem"), str(tmp_path / "c.key"))
    assert await name_shown(tls, certificates) == "first"
    install((second[0], first[1]), tmp_path)  # the key has not come yet
    with caplog.at_level(logging.ERROR):
        tls.reload()
        tls.reload()
    [told] = caplog.messages
    assert told.startswith("the certificates stay as they were: cannot load ")
    assert told.endswith(": key values mismatch")
    assert await name_shown(tls, certificates) == "first"
    install(second, tmp_path)
    tls.reload()
    assert await name_shown(tls, certificates) == "second"
    (tmp_path / "c.pem").unlink()
    tls.reload()
    assert await name_shown(tls, certificates) == "second"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "c.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=f"cannot load {file}: "):
        ServerTls(str(file), "")


class Greeter(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


async def test_who_was_let_in_by_an_authority_that_has_gone_comes_in_no_more(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Also with what TLS 1.3 gives clients to come back with."""
    shutil.copy(certificates.authority, tmp_path / "ca.pem")
    tls = ServerTls(str(certificates.server), str(certificates.server_key), str(tmp_path / "ca.pem"))
    server = await asyncio.get_running_loop().create_server(Greeter, "127.0.0.1", 0, ssl=tls.context)
    trust = ssl.create_default_context(cafile=certificates.authority)
    trust.load_cert_chain(certificates.client, certificates.client_key)
    session: ssl.SSLSession | None = None

    def greeting() -> bytes:
        nonlocal session
        with (
            socket.create_connection(server.sockets[0].getsockname(), 10) as plain,
            trust.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as client,
        ):
            try:
                got = client.recv(10)
            except OSError:
                return b""
            session = client.session
            return got

    try:
        assert await asyncio.to_thread(greeting) == b"hello"
        assert await asyncio.to_thread(greeting) == b"hello"
        other = certificates.folder / "other"
        other.mkdir()
        shutil.copy(Certificates(other).authority, tmp_path / "ca.pem")
        tls.reload()
        assert await asyncio.to_thread(greeting) == b""
    finally:
        server.close()
