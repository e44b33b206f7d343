"""Reuse, limits and queues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.testing.scripted import back_end, client
from engine.transports.http_out import HttpOut, HttpOutSettings
from engine.transports.http_out_connection import Connection

Run = Callable[[Coroutine[Any, Any, None]], None]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"


class Counter:
    """A back end that names the connection and, for /wait, answers when told."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.paths: list[str] = []
        self.go = asyncio.Event()
        self.arrived = asyncio.Condition()

    async def script(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        name = b"%d" % self.opened
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
                async with self.arrived:
                    self.paths.append(path)
                    self.arrived.notify_all()
                if path.startswith("/wait"):
                    await self.go.wait()
                writer.write(OK % (len(name), name))
        finally:
            async with self.arrived:
                self.closed += 1
                self.arrived.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with self.arrived:
            await self.arrived.wait_for(condition)


async def body_of(out: HttpOut, url: str) -> Any:
    return (await out.send(HttpRequest("GET", url))).body


def test_the_connection_used_last_is_used_first(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client() as out:
            both = [asyncio.ensure_future(body_of(out, url + "/wait")) for _ in range(2)]
            await counter.until(lambda: len(counter.paths) == 2)
            assert await body_of(out, url + "/") == b"3"
            counter.go.set()
            assert sorted(await asyncio.gather(*both)) == [b"1", b"2"]
            assert await body_of(out, url + "/") == await body_of(out, url + "/") != b"3"
            assert counter.opened == 3

    run(scenario())


def test_senders_wait_in_order_for_a_free_connection(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(max_connections=1) as out:
            first = asyncio.ensure_future(body_of(out, url + "/wait"))
            await counter.until(lambda: bool(counter.paths))
            others = [asyncio.ensure_future(body_of(out, f"{url}/{turn}")) for turn in range(5)]
            await asyncio.sleep(0)
            others[2].cancel()
            counter.go.set()
            await first
            await asyncio.wait(others)
            assert counter.paths == ["/wait", "/0", "/1", "/3", "/4"]
            assert counter.opened == 1

    run(scenario())


def test_a_lost_connection_makes_room(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(max_connections=1) as out:
            first = asyncio.ensure_future(body_of(out, url + "/wait"))
            await counter.until(lambda: bool(counter.paths))
            second = asyncio.ensure_future(body_of(out, url + "/"))
            await asyncio.sleep(0)
            first.cancel()
            assert await second == b"2"

    run(scenario())


def test_waiting_is_bounded(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(max_connections=1, connect_timeout=0.05) as out:
            first = asyncio.ensure_future(body_of(out, url + "/wait"))
            await counter.until(lambda: bool(counter.paths))
            with pytest.raises(TransportError) as caught:
                await body_of(out, url + "/")
            assert (caught.value.code, caught.value.status) == (ErrorCode.CONNECT_TIMEOUT, 504)
            assert caught.value.message == f"cannot connect to {url}: all 1 connections are busy within 0.05 s"
            counter.go.set()
            assert await first == b"1"

    run(scenario())


def test_a_waiter_who_leaves_with_the_connection_in_hand_passes_it_on(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(max_connections=1) as out:
            first = asyncio.ensure_future(body_of(out, url + "/wait"))
            await counter.until(lambda: bool(counter.paths))
            second = asyncio.ensure_future(body_of(out, url + "/second"))
            third = asyncio.ensure_future(body_of(out, url + "/third"))
            await asyncio.sleep(0)
            (pool,) = out._pools.values()
            release = pool.release

            def release_and_cancel(connection: Connection) -> None:
                release(connection)
                second.cancel()

            pool.release = release_and_cancel  # type: ignore[method-assign]
            counter.go.set()
            assert await third == b"1"
            assert await first == b"1"
            assert second.cancelled()
            assert counter.paths == ["/wait", "/third"]

    run(scenario())


def test_an_unused_connection_is_closed_in_time(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(keep_alive=0.05) as out:
            assert await body_of(out, url) == b"1"
            await counter.until(lambda: counter.closed == 1)
            assert await body_of(out, url) == b"2"

    run(scenario())


def test_a_client_may_go_on_after_all_its_connections_are_gone(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url, client(keep_alive=0.01) as out:
            for turn in range(1, 4):
                assert await body_of(out, url) == b"%d" % turn
                await counter.until(lambda expected=turn: counter.closed == expected)  # type: ignore[misc]
            assert not out._pools

    run(scenario())


def test_closing_the_client_fails_those_who_wait(run: Run) -> None:
    async def scenario() -> None:
        counter = Counter()
        async with back_end(counter.script) as url:
            out = HttpOut(HttpOutSettings(max_connections=1))
            both = [asyncio.ensure_future(body_of(out, url + "/wait")) for _ in range(2)]
            await counter.until(lambda: bool(counter.paths))
            await out.close()
            for outcome in await asyncio.gather(*both, return_exceptions=True):
                assert isinstance(outcome, TransportError)
                assert outcome.message == "the HTTP client was closed"

    run(scenario())
