from __future__ import annotations

import asyncio
import time

import pytest

from engine.plugins.work import Work


async def answer() -> int:
    return 5


async def never() -> None:
    await asyncio.Event().wait()


async def test_a_thread_waits_for_the_loop() -> None:
    work = Work(asyncio.get_running_loop(), time.monotonic() + 10)
    assert await asyncio.to_thread(work.wait, answer()) == 5


async def test_no_longer_than_it_may() -> None:
    loop = asyncio.get_running_loop()
    for work, seconds in ((Work(loop, time.monotonic() + 0.02), None), (Work(loop, time.monotonic() + 60), 0.02)):
        with pytest.raises(TimeoutError, match="no answer in time"):
            await asyncio.to_thread(work.wait, never(), seconds)


@pytest.mark.parametrize("is_cancelled", [True, False])
async def test_nothing_begins_after_the_end(is_cancelled: bool) -> None:
    work = Work(asyncio.get_running_loop(), time.monotonic() + (60 if is_cancelled else -1))
    if is_cancelled:
        work.cancelled.set()
    with pytest.raises(TimeoutError, match="time is over"):
        await asyncio.to_thread(work.wait, answer())
