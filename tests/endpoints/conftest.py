"""Endpoints without a back end, and back ends on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.endpoints.endpoint import Endpoint
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness
from engine.testing.scripted import client


@pytest.fixture
def endpoint_type() -> Callable[[str], Any]:
    """What is inside ``<endpoint>``, built from XML."""

    def build(xml: str) -> Any:
        endpoint = Harness(f'<endpoint name="e">{xml}</endpoint>').snapshot.endpoint("e")
        assert isinstance(endpoint, Endpoint)
        return endpoint.type

    return build


@dataclass
class BackEnd:
    """A server on a real socket that says its name; ``answer`` may be changed at any time."""

    name: str
    answer: bytes = b""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0
    hold: asyncio.Event | None = None
    """Answers wait for it."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> int:
        return len(self.heads)

    def says(self, body: str, *headers: str, status: int = 200) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body.encode())}", *headers, "", ""]
        self.answer = "\r\n".join(lines).encode() + body.encode()

    async def has(self, requests: int) -> None:
        """Wait until so many requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.requests >= requests)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections from now on, and close those that are open."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next((int(x.split(":")[1]) for x in head.lower().split("\r\n") if "content-length" in x), 0)
                body = await reader.readexactly(length)
                if "chunked" in head.lower():
                    body = await reader.readuntil(b"0\r\n\r\n")
                async with self.arrived:
                    self.heads.append(head)
                    self.bodies.append(body)
                    self.arrived.notify_all()
                if self.hold is not None:
                    await self.hold.wait()
                writer.write(self.answer)
        self._writers.discard(writer)
        writer.close()


MakeBackEnds = Callable[[int], Awaitable[list[BackEnd]]]


@pytest.fixture
async def back_ends() -> AsyncIterator[MakeBackEnds]:
    """Starts back ends named a, b, c …; they end with the test."""
    started: list[BackEnd] = []

    async def start(count: int) -> list[BackEnd]:
        new = [BackEnd(name) for name in "abcdefgh"[:count]]
        for each in new:
            each.says(f'{{"from": "{each.name}"}}', "Content-Type: application/json")
            await each.start()
            started.append(each)
        return new

    yield start
    for each in started:
        await each.stop()


class Caller:
    """Sends messages to the endpoint ``e`` of some XML, over the engine's own client."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness

    async def call(self, body: bytes = b'{"n": 1}', prepare: Callable[[MessageContext], object] | None = None) -> Any:
        message = self.harness.message(body)
        if prepare is not None:
            prepare(message)
        await self.harness.snapshot.endpoint("e").send(message)
        await message.payload.load(1 << 20)
        return message

    async def who(self, prepare: Callable[[MessageContext], object] | None = None) -> str:
        """The name of the back end that answered, or the code of the fault."""
        try:
            message = await self.call(prepare=prepare)
        except Fault as fault:
            return str(fault.code)
        return str(message.payload.json()["from"])


@pytest.fixture
async def caller() -> AsyncIterator[Callable[[str], Caller]]:
    """A caller for the artifacts given as XML; the endpoint is ``e``."""
    async with client(connect_timeout=2.0) as http:
        yield lambda xml: Caller(Harness(xml, http=http))
