from __future__ import annotations

import asyncio

import pytest

from engine.transports.http_out_deadline import Deadline


class CountingLoop:
    """Counts the timers that a deadline asks of the event loop; time moves by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.armed: list[tuple[float, asyncio.TimerHandle]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: object) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, (), self)  # type: ignore[arg-type]
        self.armed.append((when, handle))
        return handle

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def fire(self) -> None:
        """Let the timer armed last go off."""
        when, handle = self.armed[-1]
        assert not handle.cancelled()
        self.now = when
        handle._run()


def made() -> tuple[CountingLoop, Deadline, list[float]]:
    loop = CountingLoop()
    passed: list[float] = []
    return loop, Deadline(loop, lambda: passed.append(loop.now)), passed  # type: ignore[arg-type]


def test_passes_once_at_its_time() -> None:
    loop, deadline, passed = made()
    deadline.start(5)
    loop.fire()
    assert passed == [105]
    assert len(loop.armed) == 1


def test_renewing_moves_only_what_runs() -> None:
    loop, deadline, passed = made()
    deadline.renew()
    assert not loop.armed
    deadline.start(5)
    loop.now += 4
    deadline.renew()
    loop.fire()
    assert not passed
    loop.fire()
    assert passed == [109]
    deadline.renew()
    assert len(loop.armed) == 2


def test_moving_it_away_arms_no_timer() -> None:
    loop, deadline, passed = made()
    deadline.start(5)
    for _ in range(100):
        loop.now += 0.01
        deadline.start(5)
    assert len(loop.armed) == 1
    loop.fire()
    assert (passed, len(loop.armed)) == ([], 2)
    loop.fire()
    assert passed == [pytest.approx(106)]


def test_moving_it_nearer_arms_the_timer_anew() -> None:
    loop, deadline, passed = made()
    deadline.start(60)
    deadline.start(5)
    assert loop.armed[0][1].cancelled()
    loop.fire()
    assert passed == [105]


def test_stopped_it_does_not_pass() -> None:
    loop, deadline, passed = made()
    deadline.start(5)
    deadline.stop()
    loop.fire()
    assert (passed, len(loop.armed)) == ([], 1)
    deadline.start(5)
    loop.fire()
    assert passed == [110]


def test_closed_it_leaves_no_timer() -> None:
    loop, deadline, _ = made()
    deadline.start(5)
    deadline.close()
    assert loop.armed[0][1].cancelled()
