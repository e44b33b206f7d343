"""TLS handshakes in progress, on real sockets of the engine's server."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, cast

import pytest

from engine.runtime.config import Config
from engine.runtime.server import Edge
from engine.testing.certificates import Certificates
from engine.transports.http_in_tls import ServerTls

Run = Callable[[Coroutine[Any, Any, None]], None]
Address = tuple[str, int]


class Echo(asyncio.Protocol):
    """Sends back what it gets, and writes down what it was told."""

    def __init__(self, connections: set[Any], told: asyncio.Queue[str]) -> None:
        self._connections, self._told = connections, told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._told.put_nowait("made")

    def data_received(self, data: bytes) -> None:
        self._told.put_nowait(data.decode())
        self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._told.put_nowait("lost")

    def shutdown(self) -> None:
        self._transport.close()


@contextlib.asynccontextmanager
async def serving(
    certificates: Certificates, *, connections: int = 10, head_time: float = 20
) -> AsyncIterator[tuple[Address, asyncio.Queue[str]]]:
    told: asyncio.Queue[str] = asyncio.Queue()

    def echo(config: object, server_state: Any, app_state: object, _loop: object = None) -> Echo:
        return Echo(server_state.connections, told)

    limits = dataclasses.replace(Config().limits, connections=connections, head_time=head_time)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    tls = ServerTls(str(certificates.server), str(certificates.server_key))
    edge = Edge(listener, echo, dataclasses.replace(Config(), limits=limits), tls)
    address = listener.getsockname()
    task = asyncio.create_task(edge.serve_until_told())
    await edge.ready.wait()
    try:
        yield address, told
    finally:
        edge.should_exit = True
        await task


@contextlib.asynccontextmanager
async def connected(address: Address, **tls: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address, **tls)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def end_of(reader: asyncio.StreamReader) -> None:
    """Wait until the server has ended the connection."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()


def test_they_count_as_connections(run: Run, certificates: Certificates) -> None:
    trust = ssl.create_default_context(cafile=certificates.authority)

    async def scenario() -> None:
        async with (
            serving(certificates, connections=2) as (address, told),
            connected(address) as (first, first_writer),
            connected(address),
        ):
            async with connected(address) as (third, _):
                await end_of(third)
            assert told.empty()
            first_writer.write(b"this is no TLS\r\n\r\n")
            await end_of(first)
            async with connected(address, ssl=trust) as (reader, writer):  # its place is free again
                writer.write(b"hello")
                assert await reader.readexactly(5) == b"hello"
                async with connected(address) as (fourth, _):
                    await end_of(fourth)

    run(scenario())


def test_one_that_is_never_finished_ends_with_the_time_for_a_head(run: Run, certificates: Certificates) -> None:
    async def scenario() -> None:
        async with serving(certificates, head_time=1) as (address, told), connected(address) as (reader, _):
            await end_of(reader)
            assert told.empty()

    run(scenario())


def test_the_end_of_the_server_is_the_end_of_them(run: Run, certificates: Certificates) -> None:
    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            async with serving(certificates) as (address, _):
                reader, _writer = await stack.enter_async_context(connected(address))
                async with connected(address, ssl=ssl.create_default_context(cafile=certificates.authority)):
                    pass  # served after the silent one has been counted
            await end_of(reader)

    run(scenario())


@pytest.mark.parametrize("closes", [False, True])
def test_what_comes_in_the_last_flight_is_not_lost(run: Run, certificates: Certificates, closes: bool) -> None:
    trust = ssl.create_default_context(cafile=certificates.authority)

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = trust.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        async with serving(certificates) as (address, told), asyncio.timeout(10):
            with socket.socket() as plain:
                plain.setblocking(False)
                await loop.sock_connect(plain, address)
                while True:
                    try:
                        client.do_handshake()
                        break
                    except ssl.SSLWantReadError:
                        await loop.sock_sendall(plain, outgoing.read())
                        incoming.write(await loop.sock_recv(plain, 65536))
                client.write(b"hello")
                if closes:
                    with contextlib.suppress(ssl.SSLWantReadError):
                        client.unwrap()
                await loop.sock_sendall(plain, outgoing.read())
                assert await told.get() == "made" or closes
                if not closes:
                    assert await told.get() == "hello"
            while await told.get() != "lost":
                pass
            assert told.empty()

    run(scenario())
