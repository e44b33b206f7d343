"""Writes of one turn of the loop leave together and in order."""

from __future__ import annotations

import asyncio
from typing import cast

from engine.transports.write_batch import WriteBatch


class Transport:
    """Remembers what was written, and whose it was."""

    def __init__(self, name: str, written: list[tuple[str, bytes]]) -> None:
        self.name, self.written, self.closing = name, written, False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written.append((self.name, data))


def pair() -> tuple[list[tuple[str, bytes]], asyncio.Transport, asyncio.Transport]:
    written: list[tuple[str, bytes]] = []
    first, second = Transport("a", written), Transport("b", written)
    return written, cast(asyncio.Transport, first), cast(asyncio.Transport, second)


async def test_writes_wait_for_the_end_of_the_turn_and_keep_their_order() -> None:
    written, first, second = pair()
    batch = WriteBatch(asyncio.get_running_loop())
    batch.write(first, b"1")
    batch.write(second, b"2")
    batch.write(first, b"3")
    assert written == []
    await asyncio.sleep(0)
    assert written == [("a", b"1"), ("b", b"2"), ("a", b"3")]


async def test_flush_writes_at_once_and_only_once() -> None:
    written, first, _ = pair()
    batch = WriteBatch(asyncio.get_running_loop())
    batch.write(first, b"1")
    batch.flush()
    assert written == [("a", b"1")]
    await asyncio.sleep(0)
    assert written == [("a", b"1")]
    batch.write(first, b"2")
    await asyncio.sleep(0)
    assert written == [("a", b"1"), ("a", b"2")]


async def test_a_transport_that_closed_is_left_out() -> None:
    written, first, second = pair()
    batch = WriteBatch(asyncio.get_running_loop())
    batch.write(first, b"1")
    batch.write(second, b"2")
    cast(Transport, first).closing = True
    await asyncio.sleep(0)
    assert written == [("b", b"2")]


async def test_turns_are_counted() -> None:
    _, first, _ = pair()
    batch = WriteBatch(asyncio.get_running_loop())
    batch.write(first, b"1")
    turn = batch.turn
    await asyncio.sleep(0)
    assert batch.turn == turn + 1
