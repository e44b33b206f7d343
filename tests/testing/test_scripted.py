"""The scripted back end and the client for it."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.http import HttpRequest
from engine.testing.scripted import back_end, client


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")


async def test_plays_its_script() -> None:
    async with back_end(greet) as url, client(keep_alive=1.0) as out:
        answer = await out.send(HttpRequest("GET", url))
    assert (answer.status, answer.body) == (200, b"hi")


async def test_a_mistake_in_the_script_is_not_lost() -> None:
    async def mistake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("not what was expected")

    async def play() -> None:
        async with back_end(mistake) as url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()

    with pytest.raises(AssertionError, match="not what was expected"):
        await play()
