from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.stores import durable_queue
from engine.stores.durable_queue import DurableQueue
from engine.testing.harness import Harness

HARNESS = Harness()


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[list[DurableQueue]]:
    """The same store in two processes, as far as the store can tell."""
    opened = [DurableQueue("orders/1", tmp_path / "stores") for _ in range(2)]
    yield opened
    for queue in opened:
        queue.close()


def message(text: str) -> MessageContext:
    return HARNESS.message(text.encode(), "text/plain")


async def first(of: DurableQueue) -> str:
    async with asyncio.timeout(10):
        return (await of.first(HARNESS.snapshot)).payload.text()


async def test_first_in_first_out_and_kept_until_removed(queues: list[DurableQueue]) -> None:
    orders = queues[0]
    for text in ("1", "2"):
        await orders.put(message(text))
    assert await first(orders) == await first(orders) == "1"
    oldest = await orders.first(HARNESS.snapshot)
    await orders.remove(message("another"))
    assert await orders.size() == 2
    await orders.remove(oldest)
    await orders.remove(oldest)
    assert (await orders.size(), await first(orders)) == (1, "2")


async def test_messages_outlive_the_process(queues: list[DurableQueue]) -> None:
    await queues[0].put(message("kept"))
    queues[0].close()
    assert await first(queues[1]) == "kept"


async def test_one_process_reads_and_all_put(queues: list[DurableQueue]) -> None:
    mine, other = queues[0], queues[1]
    await mine.put(message("1"))
    oldest = await mine.first(HARNESS.snapshot)
    waiting = asyncio.ensure_future(first(other))
    await other.put(message("2"))
    await mine.remove(oldest)
    assert await first(mine) == "2"
    assert not waiting.done()
    queues[0].close()
    assert await waiting == "2"


async def test_a_reader_sees_what_another_process_puts(queues: list[DurableQueue]) -> None:
    waiting = asyncio.ensure_future(first(queues[0]))
    await queues[1].put(message("from elsewhere"))
    assert await waiting == "from elsewhere"


async def test_several_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    for attempt in range(100):
        queues = [DurableQueue("s", tmp_path / str(attempt)) for _ in range(4)]
        assert await asyncio.gather(*(queue.size() for queue in queues)) == [0, 0, 0, 0]
        for queue in queues:
            queue.close()


async def test_the_file_is_the_owners(queues: list[DurableQueue], tmp_path: Path) -> None:
    await queues[0].put(message("secret"))
    folder = tmp_path / "stores"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert "orders%2F1.sqlite" in {file.name for file in folder.iterdir()}


async def test_a_full_store(queues: list[DurableQueue], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_queue, "LIMIT", 1)
    await queues[0].put(message("1"))
    with pytest.raises(Fault, match="is full: 1 messages") as caught:
        await queues[0].put(message("2"))
    assert caught.value.status == 503


async def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").write_bytes(b"something else, and longer than a header of SQLite would be" * 9)
    queue = DurableQueue("s", tmp_path)
    with pytest.raises(Fault, match="the message store 's' cannot be used: file is not a database") as caught:
        await queue.put(message("1"))
    assert caught.value.status == 503
    queue.close()


async def test_a_row_that_is_no_message_is_put_aside(
    queues: list[DurableQueue], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await queues[0].put(message("1"))
    file = tmp_path / "stores" / "orders%2F1.sqlite"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE messages SET content = ?", (b"odd",))
    await queues[0].put(message("2"))
    assert await first(queues[0]) == "2"
    assert "message 1 is put aside" in caplog.text
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT id, content FROM unreadable").fetchall() == [(1, b"odd")]
