from __future__ import annotations

import asyncio

import pytest

from bench import idle
from bench.compare import MISSING
from bench.idle import Idle
from bench.peers import Peer
from engine.testing.scripted import Script, back_end

RESULTS = [Idle("nginx", 10_000, 12.0, 24.0), Idle("node", problem=MISSING), Idle("myelin", 10_000, 50.0, 201.5, 1)]


def test_report() -> None:
    assert idle.report(RESULTS).splitlines() == [
        "### 10,000 idle connections",
        "",
        "| peer | MB before | MB with them | kB each | errors | target |",
        "| --- | --- | --- | --- | --- | --- |",
        "| nginx | 12 | 24 | 1.2 | 0 |  |",
        "| node | missing |  |  |  |  |",
        "| myelin | 50 | 202 | 15.5 | 1 | < 200 MB: **MISSED** |",
    ]
    assert [result.failed for result in RESULTS] == [False, False, True]


def test_fewer_connections_are_told() -> None:
    [title, *_] = idle.report([Idle("myelin", 700, 50.0, 60.0)]).splitlines()
    assert title == "### 700 idle connections (the limit of open files allows no 10,000)"


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(500)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + body)


async def answers_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """And says that the connection goes on."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + await reader.readexactly(500))
    await reader.readuntil(b"\r\n\r\n")


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(("script", "errors"), [(answers, 0), (answers_once, 10), (closes, 30)])
async def test_a_connection_must_answer_before_and_after_it_was_idle(script: Script, errors: int) -> None:
    """One that never answers counts three times: before, as it is gone while it should be idle, and after."""
    async with back_end(script) as url:
        peer = Peer("p", int(url.rpartition(":")[2]), 0)
        _, counted = await idle._hold(peer, 10)
    assert counted == errors
