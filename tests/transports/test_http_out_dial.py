"""Addresses, TLS and proxies."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ConfigurationError, ErrorCode, TransportError
from engine.testing.certificates import Certificates
from engine.testing.scripted import client
from engine.transports import http_out_dial
from engine.transports.http_out import HttpOut, HttpOutSettings
from engine.transports.http_out_dial import Dialer, open_socket
from engine.transports.http_out_url import split_url

Run = Callable[[Coroutine[Any, Any, None]], None]
Answer = Callable[[str], bytes]


@contextlib.asynccontextmanager
async def listening(script: Any, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that plays ``script`` on every connection; gives its port."""
    connections: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await script(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*filter(None, connections))


async def echo_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every request with its request line."""
    while True:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(line), line))


async def failure(out: HttpOut, url: str) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await out.send(HttpRequest("GET", url))
    return caught.value


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_https(run: Run, certificates: Certificates, server_tls: ssl.SSLContext, host: str) -> None:
    async def scenario() -> None:
        async with listening(echo_line, server_tls) as port, client(ca_file=str(certificates.authority)) as out:
            for _ in range(2):
                response = await out.send(HttpRequest("GET", f"https://{host}:{port}/a"))
                assert response.body == b"GET /a HTTP/1.1"

    run(scenario())


def test_a_large_answer_over_tls(run: Run, certificates: Certificates, server_tls: ssl.SSLContext) -> None:
    size = 5_000_000

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: %d" % size in head
        data = await reader.readexactly(size)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, data))
        await writer.drain()

    async def scenario() -> None:
        async with listening(script, server_tls) as port, client(ca_file=str(certificates.authority)) as out:
            response = await out.send(HttpRequest("POST", f"https://localhost:{port}/", [], b"x" * size))
            assert not isinstance(response.body, bytes)
            received = 0
            while piece := await response.body.read():
                received += len(piece)
            assert received == size

    run(scenario())


def test_an_unknown_authority_is_refused(run: Run, server_tls: ssl.SSLContext) -> None:
    async def scenario() -> None:
        async with listening(echo_line, server_tls) as port, client() as out:
            error = await failure(out, f"https://localhost:{port}/?token=secret")
            assert error.code == ErrorCode.CONNECTION_FAILED
            assert error.message.startswith(f"cannot connect to https://localhost:{port}: certificate verify failed: ")

    run(scenario())


def test_another_name_is_refused(
    run: Run, certificates: Certificates, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def to_loopback(host: str, port: int) -> socket.socket:
        assert host == "elsewhere.test"
        return await open_socket("127.0.0.1", port)

    monkeypatch.setattr(http_out_dial, "open_socket", to_loopback)

    async def scenario() -> None:
        async with listening(echo_line, server_tls) as port, client(ca_file=str(certificates.authority)) as out:
            error = await failure(out, f"https://elsewhere.test:{port}/")
            assert error.code == ErrorCode.CONNECTION_FAILED
            assert "elsewhere.test" in error.message.partition("certificate verify failed: ")[2]

    run(scenario())


def test_a_server_that_speaks_no_tls(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def scenario() -> None:
        async with listening(script) as port, client() as out:
            error = await failure(out, f"https://localhost:{port}/")
            assert error.code == ErrorCode.CONNECTION_FAILED
            assert error.message.startswith(f"cannot connect to https://localhost:{port}: TLS failed: ")

    run(scenario())


@pytest.mark.parametrize("shown", [True, False])
def test_client_certificate(run: Run, certificates: Certificates, server_tls: ssl.SSLContext, shown: bool) -> None:
    server_tls.verify_mode = ssl.CERT_REQUIRED
    server_tls.load_verify_locations(certificates.authority)
    settings = {"ca_file": str(certificates.authority)}
    if shown:
        settings |= {"client_certificate": str(certificates.client), "client_key": str(certificates.client_key)}

    async def scenario() -> None:
        async with listening(echo_line, server_tls) as port, client(**settings) as out:
            if shown:
                assert (await out.send(HttpRequest("GET", f"https://localhost:{port}/"))).status == 200
            else:
                # TLS 1.3 refuses the client after the handshake, on the first read.
                assert (await failure(out, f"https://localhost:{port}/")).status == 502

    run(scenario())


@pytest.mark.parametrize("times", [{"connect_timeout": 0.1}, {"total_timeout": 0.1}])
def test_a_handshake_that_never_ends(run: Run, times: dict[str, float]) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> None:
        async with listening(script) as port, client(**times) as out:
            error = await failure(out, f"https://localhost:{port}/")
            assert error.code == ErrorCode.CONNECT_TIMEOUT
            assert error.message == f"cannot connect to https://localhost:{port}: no connection within 0.1 s"

    run(scenario())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ca_file": "/nowhere/ca.pem"}, "cannot load /nowhere/ca.pem: no such file or directory"),
        ({"client_certificate": "/nowhere/c.pem"}, "cannot load /nowhere/c.pem: no such file or directory"),
        ({"proxy": "https://proxy:3128"}, "proxy: only http:// proxies are supported"),
        ({"proxy": "proxy:3128"},
         "proxy: cannot send to this URL: not an absolute http or https URL without spaces and control characters"),
    ],
)  # fmt: skip
def test_unusable_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpOut(HttpOutSettings(**settings))
    assert str(caught.value) == message


# -- proxies -----------------------------------------------------------------------------------------------------------


class Proxy:
    """Answers plain requests itself and opens tunnels to loopback, whatever the name."""

    def __init__(self, refusal: bytes = b"") -> None:
        self.heads: list[bytes] = []
        self.refusal = refusal

    async def script(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if self.refusal:
            writer.write(self.refusal)
        elif head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n")
            port = int(head.split(b" ")[1].rpartition(b":")[2])
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied")


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def test_plain_http_through_a_proxy(run: Run) -> None:
    async def scenario() -> None:
        proxy = Proxy()
        async with listening(proxy.script) as port, client(proxy=f"http://me:pass@127.0.0.1:{port}") as out:
            response = await out.send(HttpRequest("GET", "http://api.test:81/a?b=c"))
            assert response.body == b"proxied"
            assert proxy.heads == [
                b"GET http://api.test:81/a?b=c HTTP/1.1\r\nHost: api.test:81\r\n"
                b"Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n"
            ]

    run(scenario())


def test_https_through_a_proxy(run: Run, certificates: Certificates, server_tls: ssl.SSLContext) -> None:
    async def scenario() -> None:
        proxy = Proxy()
        async with (
            listening(echo_line, server_tls) as port,
            listening(proxy.script) as proxy_port,
            client(proxy=f"http://me:pass@127.0.0.1:{proxy_port}", ca_file=str(certificates.authority)) as out,
        ):
            for _ in range(2):
                response = await out.send(HttpRequest("GET", f"https://localhost:{port}/a"))
                assert response.body == b"GET /a HTTP/1.1"
            assert proxy.heads == [
                b"CONNECT localhost:%d HTTP/1.1\r\nHost: localhost:%d\r\n"
                b"Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n" % (port, port)
            ]

    run(scenario())


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
         "the proxy refused: 407 Proxy Authentication Required"),
        (b"HTTP/1.0 503\r\n\r\n", "the proxy refused: 503"),
        (b"SSH-2.0\r\n\r\n", "the proxy's answer to CONNECT is not HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nsurplus", "the proxy's answer to CONNECT is not HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "the proxy closed the connection"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "the proxy's answer has no end"),
    ],
)  # fmt: skip
def test_tunnels_that_fail(run: Run, refusal: bytes, reason: str) -> None:
    async def scenario() -> None:
        async with listening(Proxy(refusal).script) as port, client(proxy=f"http://me:pass@127.0.0.1:{port}") as out:
            error = await failure(out, "https://api.test/a?token=secret")
            assert error.code == ErrorCode.CONNECTION_FAILED
            via = f"through proxy http://127.0.0.1:{port}"
            assert error.message == f"cannot connect to https://api.test {via}: {reason}"

    run(scenario())


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ((), "http://api.test/", True),
        (("api.test",), "http://api.test/", False),
        (("API.test",), "https://api.test:8443/", False),
        (("test",), "http://api.test/", False),
        ((".test",), "http://api.test/", False),
        (("pi.test",), "http://api.test/", True),
        (("other", "127.0.0.1"), "http://127.0.0.1/", False),
        (("*",), "http://api.test/", False),
    ],
)
def test_no_proxy(no_proxy: tuple[str, ...], url: str, proxied: bool) -> None:
    dialer = Dialer(HttpOutSettings(proxy="http://proxy:3128", no_proxy=no_proxy))
    assert (dialer.proxy_for(split_url(url).origin) is not None) is proxied


# -- addresses ---------------------------------------------------------------------------------------------------------


class Network:
    """Names resolve to given addresses; connecting to one gives a socket, an error, or waits for an Event."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **outcomes: Any) -> None:
        self.tried: list[str] = []
        self.outcomes = outcomes
        monkeypatch.setattr(http_out_dial, "_connect", self.connect)
        monkeypatch.setattr(http_out_dial, "_ATTEMPT_DELAY", 0.01)

    def resolve(self) -> Any:
        """In place of the loop's getaddrinfo."""

        async def getaddrinfo(host: str, port: int, **how: Any) -> list[Any]:
            families = {"v": socket.AF_INET, "w": socket.AF_INET6}
            return [(families[name[0]], socket.SOCK_STREAM, 6, "", (name, port)) for name in self.outcomes]

        return getaddrinfo

    async def connect(self, loop: asyncio.AbstractEventLoop, address: Any) -> socket.socket:
        name = address[3][0]
        self.tried.append(name)
        outcome = self.outcomes[name]
        if isinstance(outcome, asyncio.Event):
            await outcome.wait()
        if isinstance(outcome, OSError):
            raise outcome
        assert isinstance(outcome, socket.socket)
        return outcome


REFUSED = ConnectionRefusedError(111, "no")
UNREACHABLE = OSError(113, "no")


@pytest.mark.parametrize(
    ("outcomes", "tried", "winner"),
    [
        ({"v1": "ok"}, ["v1"], "v1"),
        ({"w1": "ok", "v1": "ok"}, ["w1"], "w1"),
        ({"w1": REFUSED, "w2": "ok", "v1": "ok"}, ["w1", "v1"], "v1"),
        ({"w1": "silent", "w2": "ok", "v1": REFUSED}, ["w1", "v1", "w2"], "w2"),
        ({"w1": "silent", "v1": "ok"}, ["w1", "v1"], "v1"),
        ({"v1": UNREACHABLE, "w1": REFUSED}, ["v1", "w1"], UNREACHABLE),
    ],
)
def test_addresses_race(
    monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, Any], tried: list[str], winner: str | OSError
) -> None:
    async def scenario() -> None:
        network = Network(monkeypatch, **{name: made.get(name, outcome) for name, outcome in outcomes.items()})
        for name, outcome in outcomes.items():
            if outcome == "silent":
                network.outcomes[name] = asyncio.Event()
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", network.resolve())
        if isinstance(winner, OSError):
            with pytest.raises(OSError) as caught:  # noqa: PT011  # the very object is compared
                await open_socket("name.test", 80)
            assert caught.value is winner
        else:
            assert await open_socket("name.test", 80) is made[winner]
        assert network.tried == tried
        losers = asyncio.all_tasks() - {asyncio.current_task()}
        if losers:
            await asyncio.wait(losers, timeout=5)
        assert len(asyncio.all_tasks()) == 1

    made = {name: socket.socket() for name, outcome in outcomes.items() if outcome == "ok"}
    try:
        asyncio.run(scenario())
    finally:
        for stream in made.values():
            stream.close()


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(host: str, port: int, **how: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def scenario() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
        async with client() as out:
            error = await failure(out, "http://nowhere.test/")
        assert error.code == ErrorCode.CONNECTION_FAILED
        assert error.message == "cannot connect to http://nowhere.test: name or service not known"

    asyncio.run(scenario())


def test_ipv6_literal(run: Run) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await echo_line(reader, writer)
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(serve, "::1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client() as out:
            response = await out.send(HttpRequest("GET", f"http://[::1]:{port}/a"))
            assert response.body == b"GET /a HTTP/1.1"

    run(scenario())
