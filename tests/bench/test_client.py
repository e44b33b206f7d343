"""The client that tells an answer from half of one and from none."""

from __future__ import annotations

import asyncio

import pytest

from bench.client import Client, NoAnswer, post
from engine.testing.scripted import Script, back_end

HEAD = b"HTTP/1.1 200 OK\r\nX-A: b\r\n"


def plays(sent: bytes, received: list[bytes]) -> Script:
    """Answers each request with ``sent``, then closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2))
        writer.write(sent)
        await writer.drain()

    return script


CASES = {
    "length": (HEAD + b"Content-Length: 2\r\n\r\nok", b"ok", True),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", b"ok", True),
    "no body": (HEAD + b"\r\n", b"", True),
    "half a body": (HEAD + b"Content-Length: 3\r\n\r\nok", b"", False),
    "half the chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\n", b"o", False),
}


@pytest.mark.parametrize(("sent", "body", "whole"), CASES.values(), ids=CASES)
async def test_answers(sent: bytes, body: bytes, whole: bool) -> None:
    received: list[bytes] = []
    async with back_end(plays(sent, received)) as url:
        client = Client(int(url.rpartition(":")[2]))
        answer = await client.ask(post("/a", b"{}", "X-B: c"))
        client.close()
    assert (answer.status, answer.headers["x-a"], answer.body, answer.whole) == (200, "b", body, whole)
    assert received == [
        b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"X-B: c\r\nContent-Length: 2\r\n\r\n{}"
    ]


@pytest.mark.parametrize("sent", [b"", HEAD])
async def test_without_a_whole_head_there_is_no_answer(sent: bytes) -> None:
    async with back_end(plays(sent, [])) as url:
        with pytest.raises(NoAnswer, match="IncompleteReadError"):
            await Client(int(url.rpartition(":")[2])).ask(post("/", b"{}"))


async def test_silence_is_no_answer() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with back_end(silent) as url:
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await Client(int(url.rpartition(":")[2]), patience=0.05).ask(post("/", b"{}"))


async def test_nobody_there() -> None:
    with pytest.raises(NoAnswer, match="Refused"):
        await Client(1).ask(post("/", b""))


async def test_a_closed_connection_is_opened_again() -> None:
    received: list[bytes] = []
    async with back_end(plays(HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n", received)) as url:
        client = Client(int(url.rpartition(":")[2]))
        for _ in range(2):
            assert (await client.ask(post("/", b"{}"))).status == 200
    assert len(received) == 2
