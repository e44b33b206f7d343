"""A plain function of a connector at work in its thread: how long it may, and how it reaches the loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """One function running in a thread: the loop it belongs to, and until when it may run (``time.monotonic``)."""

    loop: asyncio.AbstractEventLoop
    deadline: float
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def left(self) -> float:
        """Seconds. Raises TimeoutError when the time is over."""
        left = self.deadline - time.monotonic()
        if left <= 0 or self.cancelled.is_set():
            raise TimeoutError("the operation's time is over")
        return left

    def wait(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run something in the loop and wait for it. Raises what it raises, and TimeoutError."""
        try:
            left = self.left
        except TimeoutError:
            work.close()
            raise
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(left if seconds is None else min(left, seconds))
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError("no answer in time") from None
