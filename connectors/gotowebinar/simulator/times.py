"""Instants on the wire, and the simulator's own clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

SAMPLE_TIME = datetime(2016, 6, 1, 9, tzinfo=UTC)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def sample_clock() -> Clock:
    """A clock that starts at ``SAMPLE_TIME`` and runs with the real one."""
    started = time.monotonic()
    return lambda: SAMPLE_TIME + timedelta(seconds=time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``start`` up to, not including, ``end``; both in UTC."""

    start: datetime
    end: datetime

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def to_json(self) -> dict[str, str]:
        return {"startTime": format_instant(self.start), "endTime": format_instant(self.end)}


def parse_instant(text: str) -> datetime:
    """An RFC 3339 date-time, in UTC. Raises ValueError for anything else."""
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(f"not an ISO 8601 date and time with a zone: {text!r}")
    return datetime.fromisoformat(text).astimezone(UTC)


def format_instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
