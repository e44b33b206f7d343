"""TLS that differs by host, against real servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from engine.core.http import HttpRequest, load_body
from engine.errors import ConfigurationError, ErrorCode, TransportError
from engine.testing.certificates import Certificates
from engine.testing.scripted import client
from engine.transports.http_out_settings import HostTls, HttpOutSettings
from engine.transports.http_out_tls import TlsContexts

Run = Callable[[Coroutine[Any, Any, None]], None]


class Seen:
    """What the server saw of its clients."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.names: list[str | None] = []
        context.sni_callback = lambda _object, name, _context: self.names.append(name)


@contextlib.asynccontextmanager
async def server(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            shown = writer.get_extra_info("peercert") or {}
            name = dict(pair[0] for pair in shown.get("subject", ())).get("commonName", "nobody").encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name))
            await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@pytest.mark.parametrize("key", ["127.0.0.1", "127.0.0.1:{port}"])
def test_verification_is_off_for_the_host_named_and_for_no_other(
    run: Run, server_tls: ssl.SSLContext, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with server(server_tls) as port:
            name = key.format(port=port)
            with caplog.at_level(logging.WARNING):
                async with client(hosts={name: HostTls(verify=False)}) as out:
                    response = await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))
                    assert response.status == 200
                    with pytest.raises(TransportError, match="certificate verify failed"):
                        await out.send(HttpRequest("GET", f"https://localhost:{port}/"))
        assert caplog.messages == [f"back_ends: hosts: {name}: its certificate is not verified: anybody can pose as it"]

    run(scenario())


def test_a_host_has_its_own_authority(run: Run, certificates: Certificates, server_tls: ssl.SSLContext) -> None:
    async def scenario() -> None:
        hosts = {"LOCALHOST": HostTls(ca_file=str(certificates.authority))}
        async with server(server_tls) as port, client(hosts=hosts) as out:
            assert (await out.send(HttpRequest("GET", f"https://localhost:{port}/"))).status == 200
            with pytest.raises(TransportError, match="certificate verify failed"):
                await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))

    run(scenario())


def test_the_name_shown_and_verified(run: Run, certificates: Certificates) -> None:
    certificate, key = certificates.sign("inner", "DNS:inner.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    seen = Seen(context)

    async def scenario() -> None:
        hosts = {"127.0.0.1": HostTls(server_name="inner.test")}
        async with server(context) as port, client(ca_file=str(certificates.authority), hosts=hosts) as out:
            assert (await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))).status == 200
            with pytest.raises(TransportError, match="certificate verify failed"):
                await out.send(HttpRequest("GET", f"https://localhost:{port}/"))
        assert seen.names == ["inner.test", "localhost"]

    run(scenario())


def test_each_host_sees_the_certificate_meant_for_it(
    run: Run, certificates: Certificates, server_tls: ssl.SSLContext
) -> None:
    other, other_key = certificates.sign("other", "DNS:other", common_name="other")
    server_tls.load_verify_locations(certificates.authority)
    server_tls.verify_mode = ssl.CERT_REQUIRED

    async def scenario() -> None:
        hosts = {"localhost": HostTls(client_certificate=str(other), client_key=str(other_key))}
        common = {
            "ca_file": str(certificates.authority),
            "client_certificate": str(certificates.client),
            "client_key": str(certificates.client_key),
        }
        async with server(server_tls) as port, client(hosts=hosts, **common) as out:
            for host, name in (("localhost", b"other"), ("127.0.0.1", b"leaf")):
                assert (await out.send(HttpRequest("GET", f"https://{host}:{port}/"))).body == name

    run(scenario())


def test_a_file_of_a_host_is_read_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot load /nowhere/ca.pem: no such file"):
        TlsContexts(HttpOutSettings(hosts={"a": HostTls(ca_file="/nowhere/ca.pem")}))


def test_a_renewed_certificate_is_shown_by_the_next_connection(
    run: Run, certificates: Certificates, server_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    server_tls.load_verify_locations(certificates.authority)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    own = tmp_path / "own.pem"
    first, second = (certificates.sign(name, "DNS:a", common_name=name) for name in ("first", "second"))
    own.write_bytes(first[0].read_bytes() + first[1].read_bytes())

    async def scenario() -> None:
        common = {"ca_file": str(certificates.authority), "client_certificate": str(own)}
        async with server(server_tls) as port, client(**common) as out:
            assert (await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))).body == b"first"
            own.write_bytes(second[0].read_bytes() + second[1].read_bytes())
            assert (await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))).body == b"second"

    run(scenario())


def answer_once(context: ssl.SSLContext, body: bytes, ends: str) -> int:
    """A server for one request, whose answer ends with the connection: ``ends`` says how. Gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as accepted:
            stream = context.wrap_socket(accepted, server_side=True)
            while not stream.recv(4096).endswith(b"\r\n\r\n"):
                pass
            stream.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)
            if ends == "close_notify":
                with contextlib.suppress(OSError):  # the client need not answer it
                    stream.unwrap()
            stream.close()

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("body", [b"", b"short", b"long" * 500_000], ids=["none", "short", "long"])
@pytest.mark.parametrize("ends", ["close_notify", "the connection alone"])
def test_an_answer_that_ends_with_its_connection_is_whole_when_tls_says_so(
    run: Run, server_tls: ssl.SSLContext, version: ssl.TLSVersion, body: bytes, ends: str
) -> None:
    server_tls.minimum_version = server_tls.maximum_version = version

    async def scenario() -> None:
        port = answer_once(server_tls, body, ends)
        async with client(hosts={"127.0.0.1": HostTls(verify=False)}) as out:
            response = await out.send(HttpRequest("GET", f"https://127.0.0.1:{port}/"))
            if ends == "close_notify":
                await load_body(response, len(body))
                assert response.body == body
                return
            with pytest.raises(TransportError, match="without TLS's close_notify: its answer may have been") as caught:
                await load_body(response, len(body))
            assert caught.value.code == ErrorCode.CONNECTION_CLOSED

    run(scenario())
