"""When a task or a processor works: every so often, or by a cron text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from engine.declare.convert import Unacceptable

_QUARTZ_FIELDS = (6, 7)
"""Seconds come first, and a year may come last."""


def check_cron(text: str) -> None:
    """Raises Unacceptable for a text that is no cron schedule."""
    next_after(text, 0.0)


def next_after(text: str, moment: float) -> float:
    """The next time (seconds since 1970) after ``moment``, in local time. Raises Unacceptable.

    Quartz's six or seven fields, or cron's five.
    """
    from croniter import CroniterError, croniter

    fields = text.split()
    seconds_first = len(fields) in _QUARTZ_FIELDS
    try:
        start = datetime.fromtimestamp(moment).astimezone()
        return float(croniter(" ".join(fields), start, second_at_beginning=seconds_first).get_next(float))
    except (CroniterError, ValueError) as error:
        raise Unacceptable(f"'{text}' is no cron schedule: {error}.") from None


class Schedule:
    """Waits for the next turn: ``interval`` seconds after the last, or at the times of a cron text."""

    def __init__(self, interval: float, cron: str = "", clock: Callable[[], float] = time.time) -> None:
        self._interval, self._cron, self._clock = interval, cron, clock

    def delay(self) -> float:
        """Seconds from now to the next turn."""
        if not self._cron:
            return self._interval
        now = self._clock()
        return max(0.0, next_after(self._cron, now) - now)

    async def next(self) -> None:
        await asyncio.sleep(self.delay())
