"""How often and how many at a time: the two counters of ``<throttle>``."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` messages in ``unit`` seconds; then none for ``prohibited`` seconds (0: until the unit is over)."""

    count: int
    unit: float
    prohibited: float = 0.0


@dataclass(slots=True)
class RateWindow:
    """Counts messages in units of time that begin with a message (the reference's CallerContext)."""

    rate: Rate
    _count: int = 0
    _ends: float = field(default=0.0)
    _opens: float | None = None
    """When the prohibition is over, once there is one."""

    def admits(self, now: float) -> bool:
        """Whether one more message may pass at the time ``now``, in seconds of a steady clock; counts it if so."""
        if self.rate.count <= 0:
            return False
        if self._ends == 0.0:
            self._ends = now + self.rate.unit
        if self._count < self.rate.count:
            if now < self._ends:
                self._count += 1
            else:
                self._begin(now)
            return True
        if self._opens is None and now < self._ends:
            self._opens = now + self.rate.prohibited if self.rate.prohibited else self._ends
            return False
        if self._opens is not None and now < self._opens:
            return False
        self._begin(now)
        return True

    def _begin(self, now: float) -> None:
        self._count, self._ends, self._opens = 1, now + self.rate.unit, None


@dataclass(slots=True)
class Permits:
    """At most ``limit`` messages at the same time. Used from one event loop."""

    limit: int
    taken: int = 0

    def take(self) -> bool:
        """Take one; False when there is none left. Who has one gives it back once."""
        if self.taken >= self.limit:
            return False
        self.taken += 1
        return True

    def give_back(self) -> None:
        self.taken -= 1
