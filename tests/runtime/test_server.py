"""One process: sockets, readiness, and the order in which it stops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, Problem, Where
from engine.management.health import HealthApp
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.config import Server as Settings
from engine.runtime.server import AdminApp, Server

PROXY = (
    '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p">'
    "<target><inSequence><respond/></inSequence></target></proxy>"
)
PATIENCE = 10


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The server changes the garbage collector of its process, which here is the tests' own."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    (tmp_path / "p.xml").write_text(PROXY)
    return tmp_path


def server_of(flows: Path, *, admin: AdminApp | None = None, **settings: object) -> Server:
    server = Settings(**({"port": 0, "admin_port": 0, "drain": 5.0} | settings))  # type: ignore[arg-type]
    return Server(flows, Config(server=server, registry=str(flows / "registry")), language(), (), admin)


@contextlib.asynccontextmanager
async def running(server: Server, *, reuse_port: bool = False) -> AsyncIterator[asyncio.Task[None]]:
    """The server, ready; it is told to stop at the end unless it has stopped already."""
    ready = asyncio.Event()
    task = asyncio.create_task(server.run(watch=False, ready=lambda _: ready.set(), reuse_port=reuse_port))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert ready.is_set(), task
    try:
        yield task
    finally:
        server.stop()
        await asyncio.wait_for(task, PATIENCE)


async def call(url: str, path: str = "/services/p", body: bytes = b'{"a":1}') -> tuple[int, bytes]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


async def test_ready_means_that_it_answers(flows: Path) -> None:
    server = server_of(flows)
    assert server.url == ""
    async with running(server):
        assert server.url.startswith("http://127.0.0.1:")
        assert await call(server.url) == (200, b'{"a":1}')
        assert (await call(server.url, "/services/none"))[0] == 404


async def test_it_stops_listening_when_told(flows: Path) -> None:
    server = server_of(flows)
    async with running(server) as task:
        server.stop()
        await asyncio.wait_for(task, PATIENCE)
        with pytest.raises(ConnectionRefusedError):
            await call(server.url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_stop_it(flows: Path, number: signal.Signals) -> None:
    server = server_of(flows)
    server.handle_signals()
    async with running(server) as task:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(asyncio.shield(task), PATIENCE)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


async def test_admin_port_is_another_one(flows: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    server = server_of(flows, admin=lambda server: HealthApp(server.deployment), admin_port=port)
    async with running(server):
        assert (await call(f"http://127.0.0.1:{port}", "/healthz"))[0] == 405
        assert (await call(server.url, "/healthz"))[0] == 404


async def test_problems_given_are_those_of_the_deployment(flows: Path) -> None:
    problem = Problem("bad-yaml", Where("connector.yaml"), "It is bad.")
    config = Config(server=Settings(port=0), registry=str(flows / "registry"))
    server = Server(flows, config, language(), (problem,), None)
    async with running(server):
        assert server.deployment.problems == (problem,)


async def test_settings_of_connectors_are_looked_through(flows: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = Config(server=Settings(port=0), registry=str(flows / "registry"), connectors={"gotowebinar": {}})
    async with running(Server(flows, config, language(), (), None)):
        assert "connectors.gotowebinar in the configuration: there is no such connector." in caplog.text


async def test_two_share_a_port(flows: Path) -> None:
    first = server_of(flows)
    async with running(first, reuse_port=True):
        second = server_of(flows, port=int(first.url.rpartition(":")[2]))
        async with running(second, reuse_port=True):
            assert second.url == first.url
            assert await call(first.url) == (200, b'{"a":1}')


@pytest.mark.parametrize(("setting", "option"), [("port", "--port"), ("admin_port", "--admin-port")])
async def test_port_that_is_taken(flows: Path, setting: str, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = server_of(flows, admin=lambda server: HealthApp(server.deployment), **{setting: port})
        with pytest.raises(ConfigurationError) as raised:
            await server.run(watch=False, ready=lambda _: None)
    assert str(raised.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use. "
        f"Choose another port with {option} or the setting server.{setting}."
    )
    del server, raised
    gc.collect()  # a socket that was left open would warn now


async def test_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder or file"):
        await server_of(tmp_path / "none").run(watch=False, ready=lambda _: None)


async def test_ipv6(flows: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server = server_of(flows, host="::1")
    async with running(server):
        assert server.url.startswith("http://[::1]:")
        assert await call(server.url) == (200, b'{"a":1}')
