"""The simulator's state: webinars with all that belongs to them, recordings, and who is told of events."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterable, Mapping
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
class Poll:
    """A poll or a survey: its question and who gave which answer."""

    question: str
    answers: dict[int, str]
    """By the key of the registrant."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an attendee asked, and what the organizer answered."""

    text: str
    asked_by: int
    asked_at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has taken place. The ratings are 0 to 100."""

    key: int
    attendees: tuple[Attendee, ...]
    attentiveness: float
    interest: float
    polls: tuple[Poll, ...] = ()
    questions: tuple[Question, ...] = ()
    surveys: tuple[Poll, ...] = ()

    @property
    def interval(self) -> Interval:
        """From the first that joined to the last that left."""
        stays = [stay for person in self.attendees for stay in person.attendance]
        return Interval(min(stay.start for stay in stays), max(stay.end for stay in stays))


@dataclass(slots=True)
class Registrant:
    """Somebody who is registered; ``fields`` are those of the form, beside name and address."""

    key: int
    first_name: str
    last_name: str
    email: str
    registered_at: datetime
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coorganizer:
    """``organizer_key`` is that of the account, for those who have one."""

    key: int
    external: bool
    given_name: str
    email: str
    organizer_key: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of a webinar."""

    key: str
    name: str
    created_at: datetime
    webinar_key: int


@dataclass(slots=True)
class Webhook:
    """One event, sent to one place. It is sent only when a subscription to it is active too."""

    key: str
    callback_url: str
    event: str
    version: str
    created_at: datetime
    state: str = "INACTIVE"


@dataclass(slots=True)
class Subscription:
    """An organizer's subscription to a webhook."""

    key: str
    webhook_key: str
    callback_url: str
    created_at: datetime
    state: str = "ACTIVE"


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
    registrants: list[Registrant] = field(default_factory=list)
    coorganizers: list[Coorganizer] = field(default_factory=list)
    audio: Audio = field(default_factory=Audio)
    panelists: list[Panelist] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def has_ended(self, now: datetime) -> bool:
        return all(interval.end <= now for interval in self.times)

    def is_in_session(self, now: datetime) -> bool:
        return any(interval.contains(now) for interval in self.times)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way, signed with HMAC-SHA256 over the body, in hexadecimal."""

    url: str
    body: bytes
    signature: str


class Store:
    """All webinars by key. New keys are the same in every run."""

    def __init__(self, webinars: Iterable[Webinar] = (), recordings: Iterable[Recording] = ()) -> None:
        self.webinars = {webinar.key: webinar for webinar in webinars}
        self.recordings = list(recordings)
        self.webhooks: dict[str, Webhook] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.secret_key = ""
        """Signs events; empty until createSecretKey."""
        self.deliveries: list[Delivery] = []
        """Events that are to be sent."""
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

    def happened(self, event: str, content: Mapping[str, object]) -> None:
        """Have everybody told whose subscription and webhook are active."""
        for subscription in self.subscriptions.values():
            webhook = self.webhooks.get(subscription.webhook_key)
            if webhook is None or webhook.event != event or not webhook.state == subscription.state == "ACTIVE":
                continue
            about = {"eventName": event, "eventVersion": webhook.version, "product": "g2w"}
            body = json.dumps(about | dict(content)).encode()
            signature = hmac.new(self.secret_key.encode(), body, hashlib.sha256).hexdigest()
            self.deliveries.append(Delivery(subscription.callback_url, body, signature))

    def any_organizer(self, key: int) -> Webinar:
        """For paths that name no organizer. Raises the API's 404."""
        webinar = self.webinars.get(key)
        if webinar is None:
            raise business_error(404, "NotFound", "Webinar with specified key does not exist.")
        return webinar
