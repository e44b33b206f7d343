"""One deadline that moves often and passes rarely."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable


class Deadline:
    """Calls ``passed`` once when a started time runs out.

    Moving a deadline further away leaves the armed timer alone: it wakes too early, sees the new deadline and waits on.
    A busy kept-alive connection so touches the event loop's timers a few times a minute instead of per request.
    """

    __slots__ = ("_at", "_loop", "_passed", "_timer", "_timer_at", "seconds")

    def __init__(self, loop: asyncio.AbstractEventLoop, passed: Callable[[], None]) -> None:
        self._loop = loop
        self._passed = passed
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self.seconds = 0.0
        """The time that was allowed, for messages."""

    def start(self, seconds: float) -> None:
        """Let the time run out ``seconds`` from now, instead of any earlier deadline."""
        self.seconds = seconds
        self._at = at = self._loop.time() + seconds
        if at < self._timer_at:
            self._arm(at)

    def renew(self) -> None:
        """Let a time that is running begin anew."""
        if self._at < math.inf:
            self.start(self.seconds)

    def stop(self) -> None:
        self._at = math.inf

    def close(self) -> None:
        """Stop and give the timer back to the event loop."""
        self._at = self._timer_at = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._timer_at = math.inf
        if self._at <= self._loop.time():
            self._at = math.inf
            self._passed()
        elif self._at < math.inf:
            self._arm(self._at)
