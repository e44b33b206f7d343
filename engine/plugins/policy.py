"""How often and how fast connectors may call: retries with backoff, and calls per second."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from engine.core.clock import Clock
from engine.errors import ErrorCode, Overloaded
from engine.message.headers import Headers

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
"""RFC 9110 section 9.2.2."""

RETRIED_STATUSES = frozenset({429, 503})
MAX_RETRIES = 2
LONGEST_WAIT = 10.0
"""Seconds. A back end that asks for more gets no retry; its answer goes on to the client, Retry-After included."""

_FIRST_BACKOFF = 0.5
_JITTER = 0.2
_WINDOW = 1.05
"""Seconds. A little over one, so that uneven delays on the way never squeeze one call too many into a second."""
_MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Retry:
    """Which answers are asked for again, how often, and for which methods."""

    statuses: frozenset[int] = RETRIED_STATUSES
    times: int = MAX_RETRIES
    methods: frozenset[str] = IDEMPOTENT


DEFAULT_RETRY = Retry()


def retry_delay(headers: Headers, retries: int, clock: Clock) -> float | None:
    """Seconds to wait before retry number ``retries`` + 1; None when the back end asks for more than LONGEST_WAIT.

    ``Retry-After`` counts (RFC 9110 section 10.2.3: seconds or a date), else 0.5 s, 1 s, … with up to 20 % jitter.
    """
    asked = _retry_after(headers.get("retry-after"), clock)
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    delay: float = _FIRST_BACKOFF * 2.0**retries
    return delay * (1 + _JITTER * clock.jitter())


def _retry_after(value: str | None, clock: Clock) -> float | None:
    if value is None:
        return None
    if value.strip().isdecimal():
        # More digits than any clock has would not fit a float.
        return float(value.strip()[:12])
    try:
        return max(parsedate_to_datetime(value).timestamp() - clock.now(), 0.0)
    except (ValueError, OverflowError):
        return None


class RateLimit:
    """Delays calls so that no second sees more than ``calls`` with the same key. Workers do not share it."""

    def __init__(self, calls: int, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._slots: OrderedDict[str, deque[float]] = OrderedDict()

    async def wait(self, key: str, longest: float) -> None:
        """Wait for a free place. Raises Overloaded 429 at once when that would take more than ``longest`` seconds."""
        now = self._clock.monotonic()
        slots = self._slots_of(key)
        slot = max(now, slots[0] + _WINDOW) if len(slots) == self._calls else now
        if slot - now > longest:
            message = f"too many calls wait for the same account, which takes {self._calls} per second"
            raise Overloaded(message, code=ErrorCode.SENDING, status=429)
        slots.append(slot)
        if slot > now:
            await self._clock.sleep(slot - now)

    def _slots_of(self, key: str) -> deque[float]:
        slots = self._slots.get(key)
        if slots is None:
            slots = self._slots[key] = deque(maxlen=self._calls)
            if len(self._slots) > _MAX_KEYS:
                self._slots.popitem(last=False)
        else:
            self._slots.move_to_end(key)
        return slots
