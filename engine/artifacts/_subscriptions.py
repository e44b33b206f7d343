"""Who wants to hear of which topic, and until when (WS-Eventing, W3C submission of 2006)."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.errors import Fault

LIMIT = 10_000
"""Subscriptions of one event source."""

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_SECONDS = {"years": 31_557_600, "months": 2_629_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber. ``topic`` also stands for the topics below it; ``expires`` is in seconds since 1970."""

    id: str
    address: str
    topic: str
    expires: float | None = None

    def wants(self, topic: str) -> bool:
        return topic == self.topic or topic.startswith(f"{self.topic}/")


class Subscriptions:
    """The subscriptions that clients made, in the memory of this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._all: dict[str, Subscription] = {}

    def add(self, address: str, topic: str, expires: float | None) -> Subscription:
        """Raises Fault when there are too many."""
        self._forget_expired()
        if len(self._all) >= LIMIT:
            raise Fault(f"there are {LIMIT:,} subscriptions already", status=503)
        made = Subscription(f"urn:uuid:{uuid.uuid4()}", address, topic, expires)
        self._all[made.id] = made
        return made

    def get(self, id_: str) -> Subscription:
        """Raises Fault for one that is unknown or has expired."""
        self._forget_expired()
        found = self._all.get(id_)
        if found is None:
            raise Fault(f"there is no subscription '{id_}'", status=400)
        return found

    def renew(self, id_: str, expires: float | None) -> Subscription:
        """Raises Fault for one that is unknown or has expired."""
        self._all[id_] = replace(self.get(id_), expires=expires)
        return self._all[id_]

    def remove(self, id_: str) -> None:
        """Raises Fault for one that is unknown or has expired."""
        del self._all[self.get(id_).id]

    def __iter__(self) -> Iterator[Subscription]:
        self._forget_expired()
        return iter(list(self._all.values()))

    def _forget_expired(self) -> None:
        now = self._clock()
        for each in [each for each in self._all.values() if each.expires is not None and each.expires <= now]:
            del self._all[each.id]


def expiry(text: str, now: float) -> float | None:
    """The end that ``wse:Expires`` asks for, a time or a duration; None for no end.

    Raises Fault for another text, and for a time that ``shown`` has no text for.
    """
    text = text.strip()
    if not text or text == "*":
        return None
    try:
        end = _end(text, now)
        datetime.fromtimestamp(end, UTC)
    except (ValueError, OverflowError, OSError):
        raise Fault(f"'{text[:80]}' is neither a time nor a duration", status=400) from None
    return end


def _end(text: str, now: float) -> float:
    match = _DURATION.fullmatch(text)
    if match is not None and len(text) > 1:
        return now + sum(float(value) * _SECONDS[unit] for unit, value in match.groupdict().items() if value)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.astimezone()).timestamp()


def shown(expires: float | None) -> str:
    """The text of ``wse:Expires`` in an answer."""
    return "*" if expires is None else datetime.fromtimestamp(expires, UTC).isoformat().replace("+00:00", "Z")
