from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import ClassVar

import pytest

from engine.core.background import (
    Active,
    Background,
    Detached,
    MemoryQueue,
    as_many_as_fit,
    message_without_client,
    to_its_end,
)
from engine.core.env import Environment
from engine.errors import Fault, Overloaded
from engine.message.payload import Payload
from engine.runtime.config import Limits
from engine.testing.harness import Harness


class Worker(Active):
    kind: ClassVar[str] = "worker"

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name, self.error = name, error
        self.started = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self, current: Callable[[], Environment]) -> None:
        self.started.set()
        try:
            if self.error is not None:
                raise self.error
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_what_stays_goes_on_and_what_is_gone_ends() -> None:
    harness = Harness()
    background = Background(lambda: harness.snapshot)
    kept, gone, new = Worker("kept"), Worker("gone"), Worker("new")
    background.follow([kept, gone])
    await asyncio.gather(kept.started.wait(), gone.started.wait())
    background.follow([kept, new])
    await asyncio.gather(new.started.wait(), gone.ended.wait())
    assert not kept.ended.is_set()
    await background.stop()
    assert kept.ended.is_set()
    assert new.ended.is_set()


@pytest.mark.parametrize(("error", "text"), [(Fault("no room"), "no room"), (ValueError("odd"), "odd")])
async def test_a_failure_is_logged_and_disturbs_nobody(
    error: Exception, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    harness = Harness()
    background = Background(lambda: harness.snapshot)
    broken, fine = Worker("broken", error), Worker("fine")
    background.follow([broken, fine])
    await asyncio.gather(broken.ended.wait(), fine.started.wait())
    await asyncio.sleep(0)
    await background.stop()
    assert any(text in caplog.text and record.levelno == logging.ERROR for record in caplog.records)


async def test_a_queue_is_first_in_first_out_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryQueue, "LIMIT", 2)
    env = Harness().snapshot
    queue = MemoryQueue("q")
    waiting = asyncio.ensure_future(queue.first(env))
    first, second, third = (message_without_client(Harness().snapshot, Payload()) for _ in range(3))
    await queue.put(first)
    await queue.put(second)
    with pytest.raises(Fault, match="full"):
        await queue.put(third)
    assert await waiting is first
    assert first.env is env
    await queue.remove(second)
    assert await queue.size() == 2
    await queue.remove(first)
    assert await queue.first(env) is second
    await queue.remove(second)
    assert await queue.size() == 0


async def test_an_answer_without_a_client_goes_nowhere() -> None:
    message = message_without_client(Harness().snapshot, Payload(b"x", "text/plain"), "/p")
    assert message.exchange.path == "/p"
    assert not message.exchange.answered
    await message.exchange.answer(message)
    assert message.exchange.answered
    other = Detached()
    await other.accept()
    assert other.answered


async def test_work_that_is_refused_is_closed() -> None:
    harness = Harness(limits=Limits(background=1))

    async def work() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.create_task(to_its_end(harness.snapshot, work(), "first", counts=True))
    await asyncio.sleep(0)
    refused = work()
    with pytest.raises(Overloaded):
        await to_its_end(harness.snapshot, refused, "second", counts=True)
    assert inspect.getcoroutinestate(refused) == inspect.CORO_CLOSED
    await harness.services.drain(0.01)
    await waiting


@pytest.mark.parametrize(("room", "count", "started"), [(5, 3, 3), (2, 3, 2), (1, 3, 1), (0, 0, 0)])
def test_as_many_workers_as_fit(room: int, count: int, started: int) -> None:
    left = room

    def start() -> None:
        nonlocal left
        if left == 0:
            raise Overloaded("full")
        left -= 1

    assert as_many_as_fit(count, start) == started
    assert left == room - started


def test_no_room_for_any_worker() -> None:
    def start() -> None:
        raise Overloaded("full")

    with pytest.raises(Overloaded):
        as_many_as_fit(3, start)
