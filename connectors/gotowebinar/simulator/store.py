"""The simulator's state: webinars with their panelists, sessions and audio settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from connectors.gotowebinar.simulator.messages import business_error
from connectors.gotowebinar.simulator.times import Interval

# Beyond 2**53, as the vendor's keys are: a client that reads JSON numbers as doubles loses digits.
FIRST_NEW_KEY = 6_400_000_000_000_000_001


@dataclass(frozen=True, slots=True)
class Panelist:
    key: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Attendee:
    registrant_key: int
    first_name: str
    last_name: str
    email: str
    attendance: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has taken place. The ratings are 0 to 100."""

    key: int
    attendees: tuple[Attendee, ...]
    attentiveness: float
    interest: float
    polls: int
    questions: int


@dataclass(frozen=True, slots=True)
class Audio:
    """How people hear the webinar; countries are ISO 3166 two-letter codes."""

    type: str = "Hybrid"
    toll_free_countries: tuple[str, ...] = ("US",)
    toll_countries: tuple[str, ...] = ("US",)
    private: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Webinar:
    key: int
    organizer_key: int
    webinar_id: str
    subject: str
    times: tuple[Interval, ...]
    description: str = ""
    time_zone: str = "UTC"
    locale: str = "en_US"
    registrants: int = 0
    audio: Audio = field(default_factory=Audio)
    panelists: list[Panelist] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def has_ended(self, now: datetime) -> bool:
        return all(interval.end <= now for interval in self.times)

    def is_in_session(self, now: datetime) -> bool:
        return any(interval.contains(now) for interval in self.times)


class Store:
    """All webinars by key. New keys are the same in every run."""

    def __init__(self, webinars: Iterable[Webinar] = ()) -> None:
        self.webinars = {webinar.key: webinar for webinar in webinars}
        self._keys = itertools.count(FIRST_NEW_KEY)
        self._webinar_ids = itertools.count(900_000_001)

    def new_key(self) -> int:
        return next(self._keys)

    def new_webinar_id(self) -> str:
        """The 9-digit number that people type to join."""
        return str(next(self._webinar_ids))

    def of_organizer(self, organizer_key: int) -> list[Webinar]:
        """The organizer's webinars in the order of their first start."""
        owned = (webinar for webinar in self.webinars.values() if webinar.organizer_key == organizer_key)
        return sorted(owned, key=lambda webinar: webinar.times[0].start)

    def get(self, organizer_key: int, key: int) -> Webinar:
        """Raises the API's 404 when the organizer has no such webinar."""
        webinar = self.webinars.get(key)
        if webinar is None or webinar.organizer_key != organizer_key:
            raise business_error(404, "NotFound", "Webinar with specified key does not exist.")
        return webinar
