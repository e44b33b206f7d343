"""When what was broken: the evidence by which an answer that is no success is explained."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

LIVE_WITHIN = 2.0
"""Seconds until a changed file must be live."""


@dataclass(slots=True)
class Faults:
    """Times are those of ``time.monotonic``. A period is (begin, end); one that goes on has no end yet."""

    broken: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Periods in which a back end, or a fleeting flow, was not there."""
    versions: list[tuple[int, float, float]] = field(default_factory=list)
    """Each version with the times when its files began to be written, and were."""
    deaths: int = 0

    def begin(self, what: str, now: float) -> None:
        self.broken[what].append((now, math.inf))

    def end(self, what: str, now: float) -> None:
        """``now`` is when the last effect may be seen."""
        began, _ = self.broken[what][-1]
        self.broken[what][-1] = (began, now)

    def touches(self, what: str, sent: float, received: float) -> bool:
        """Whether it was broken at any time between."""
        return any(began <= received and sent <= ended for began, ended in self.broken[what])

    def versions_between(self, sent: float, received: float) -> range:
        """The versions that an answer in this time may show."""
        begun = [version for version, began, _ in self.versions if began <= received]
        live = [version for version, _, written in self.versions if written + LIVE_WITHIN <= sent]
        return range(live[-1] if live else self.versions[0][0], begun[-1] + 1)
