"""When an endpoint that failed may be tried again (Synapse's EndpointContext).

ACTIVE -> TIMEOUT after an error that only marks for suspension -> SUSPENDED after the retries are used up, or at once
after an error that suspends. With no settings at all any error suspends for 30 s (trap 36). Every failure takes one of
the retries; the reference takes two, and so never suspends when their number is odd.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.errors import ErrorCode

log = logging.getLogger("myelin.endpoint")

DEFAULT_SUSPENSION = 30.0
DEFAULT_MARKED = frozenset({ErrorCode.TIMEOUT, ErrorCode.CONNECTION_CLOSED})
"""Errors that only mark for suspension when no others are named (AbstractEndpoint.isTimeout)."""

State = Literal["ACTIVE", "TIMEOUT", "SUSPENDED"]


@dataclass(frozen=True, slots=True)
class SuspensionPolicy:
    """Durations in seconds.

    Empty ``suspend_codes``: every error suspends; -1, which is no error's code, makes that none, and in ``mark_codes``
    likewise. What marks when no retries are left suspends.
    """

    suspend_codes: frozenset[int] = frozenset()
    initial: float = DEFAULT_SUSPENSION
    factor: float = 1.0
    maximum: float = float("inf")
    mark_codes: frozenset[int] = DEFAULT_MARKED
    retries: int = 0
    retry_delay: float = 0.0


class Suspension:
    """The state of one endpoint in this process."""

    __slots__ = ("_clock", "_last_duration", "_next_try", "_retries_left", "name", "policy", "state")

    def __init__(self, name: str, policy: SuspensionPolicy, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.state: State = "ACTIVE"
        self.policy = policy
        self._clock = clock
        self._retries_left = policy.retries
        self._last_duration = 0.0
        self._next_try = 0.0

    @property
    def ready(self) -> bool:
        """Whether a message may be sent now."""
        return self.state == "ACTIVE" or self._clock() >= self._next_try

    def succeeded(self) -> None:
        if self.state != "ACTIVE":
            log.info("endpoint %s works again", self.name)
            self.state = "ACTIVE"
            self._retries_left = self.policy.retries
            self._last_duration = 0.0

    def failed(self, code: int | str) -> None:
        """Note an error of the transport."""
        if code in self.policy.mark_codes:
            self._mark()
        elif not self.policy.suspend_codes or code in self.policy.suspend_codes:
            self._suspend()

    @property
    def waits(self) -> float:
        """The seconds until the next try; 0 for one that is ready."""
        return 0.0 if self.state == "ACTIVE" else max(self._next_try - self._clock(), 0.0)

    def report(self) -> dict[str, object]:
        """Name, state, and the seconds until the next try when it rests."""
        waits = self.waits
        return {"name": self.name, "state": self.state} | ({"nextTryIn": round(waits, 3)} if waits else {})

    def _mark(self) -> None:
        if self._retries_left <= 0:
            self._suspend()
            return
        self._retries_left -= 1
        self.state = "TIMEOUT"
        self._next_try = self._clock() + self.policy.retry_delay
        log.warning("endpoint %s failed; %d tries left before it is suspended", self.name, self._retries_left)

    def _suspend(self) -> None:
        policy = self.policy
        duration = self._last_duration * policy.factor if self._last_duration else policy.initial
        self._last_duration = min(duration, policy.maximum)
        self.state = "SUSPENDED"
        self._next_try = self._clock() + self._last_duration
        log.warning("endpoint %s is suspended for %g s", self.name, self._last_duration)
