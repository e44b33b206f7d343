"""The data the simulator starts with: the keys of the sample requests in the connector's documentation."""

from __future__ import annotations

from datetime import timedelta

from connectors.gotowebinar.simulator.store import (
    Attendee,
    Audio,
    Coorganizer,
    Panelist,
    Poll,
    Question,
    Recording,
    Registrant,
    Session,
    Webinar,
)
from connectors.gotowebinar.simulator.times import Interval, parse_instant

ORGANIZER_KEY = 3697511743350317068
ACCOUNT_KEY = 7423155926043817989
GETTING_STARTED_KEY = 5452440042032782081
PRODUCT_UPDATE_KEY = 8274965567047301900
HISTORICAL_KEY = 4255157664015486220


def _hour_from(start: str) -> Interval:
    instant = parse_instant(start)
    return Interval(instant, instant + timedelta(hours=1))


def _attendee(key: int, first_name: str, last_name: str, joined: str, minutes: int) -> Attendee:
    instant = parse_instant(joined)
    email = f"{first_name}.{last_name}@example.com".lower()
    return Attendee(key, first_name, last_name, email, (Interval(instant, instant + timedelta(minutes=minutes)),))


def _registered(attendees: tuple[Attendee, ...], *others: tuple[int, str, str]) -> list[Registrant]:
    """Those who came, and some who did not."""
    came = [(each.registrant_key, each.first_name, each.last_name) for each in attendees]
    at = parse_instant("2014-11-01T12:00:00Z")
    return [
        Registrant(key, first, last, f"{first}.{last}@example.com".lower(), at, {"organization": "Example Ltd"})
        for key, first, last in (*came, *others)
    ]


def _polls(attendees: tuple[Attendee, ...], *questions: str) -> tuple[Poll, ...]:
    """The first says yes, all others no."""
    return tuple(
        Poll(question, {each.registrant_key: "No" if index else "Yes" for index, each in enumerate(attendees)})
        for question in questions
    )


def _questions(attendees: tuple[Attendee, ...], *texts: str) -> tuple[Question, ...]:
    """Asked in turn, five minutes after joining."""
    askers = [attendees[index % len(attendees)] for index in range(len(texts))]
    return tuple(
        Question(text, asker.registrant_key, asker.attendance[0].start + timedelta(minutes=5), f"Yes: {text}")
        for text, asker in zip(texts, askers, strict=True)
    )


def _getting_started() -> Webinar:
    attendees = (
        _attendee(1045873914730958603, "Ada", "Lovelace", "2016-05-11T15:00:00Z", 60),
        _attendee(1045873914730958604, "Grace", "Hopper", "2016-05-11T15:10:00Z", 40),
    )
    return Webinar(
        GETTING_STARTED_KEY,
        ORGANIZER_KEY,
        "105324811",
        "Getting started with integration",
        (_hour_from("2016-06-15T15:00:00Z"),),
        description="Proxies, sequences and mediators in one hour.",
        time_zone="America/Los_Angeles",
        registrants=_registered(
            attendees, (1045873914730958605, "Annie", "Easley"), (1045873914730958606, "Edith", "Clarke")
        ),
        coorganizers=[Coorganizer(2170345618230967051, True, "Mary", "mary.jackson@example.com")],
        audio=Audio("VOIP"),
        panelists=[Panelist(2170345618230967041, "Alan Turing", "alan.turing@example.com")],
        sessions=[
            Session(
                5716243390184572161,
                attendees,
                attentiveness=81.5,
                interest=74.0,
                polls=_polls(attendees, "Have you used proxies before?"),
                questions=_questions(attendees, "Are sequences reusable?", "May templates call templates?"),
                surveys=_polls(attendees, "Would you come again?"),
            )
        ],
    )


def _product_update() -> Webinar:
    attendees = (
        _attendee(6219475027913462017, "Katherine", "Johnson", "2016-05-25T09:00:00Z", 55),
        _attendee(6219475027913462018, "Edsger", "Dijkstra", "2016-05-25T09:05:00Z", 50),
        _attendee(6219475027913462019, "Barbara", "Liskov", "2016-05-25T09:30:00Z", 30),
    )
    return Webinar(
        PRODUCT_UPDATE_KEY,
        ORGANIZER_KEY,
        "118046523",
        "Product update",
        (_hour_from("2016-06-22T09:00:00Z"),),
        description="What is new, and what comes next.",
        time_zone="Asia/Colombo",
        registrants=_registered(
            attendees,
            (6219475027913462020, "Radia", "Perlman"),
            (6219475027913462021, "Tony", "Hoare"),
            (6219475027913462022, "Niklaus", "Wirth"),
        ),
        audio=Audio("Hybrid", ("GB", "US"), ("US",)),
        panelists=[
            Panelist(2170345618230967042, "Margaret Hamilton", "margaret.hamilton@example.com"),
            Panelist(2170345618230967043, "Donald Knuth", "donald.knuth@example.com"),
        ],
        sessions=[
            Session(
                8802715346190248963,
                attendees,
                attentiveness=90.25,
                interest=67.5,
                polls=_polls(attendees, "Do you use the product?", "Will you update?"),
                questions=_questions(attendees, "When?", "For whom?", "At what price?", "Is it signed?", "Is it fast?"),
            )
        ],
    )


def _historical() -> Webinar:
    attendees = (_attendee(3098125467812340739, "John", "Backus", "2014-12-03T18:00:00Z", 60),)
    return Webinar(
        HISTORICAL_KEY,
        ORGANIZER_KEY,
        "100728954",
        "Year in review",
        (_hour_from("2014-12-03T18:00:00Z"),),
        description="Looking back at 2014.",
        time_zone="America/Los_Angeles",
        registrants=_registered(attendees, (3098125467812340740, "Frances", "Spence")),
        panelists=[Panelist(2170345618230967044, "Frances Allen", "frances.allen@example.com")],
        sessions=[
            Session(
                4790318265502197761,
                attendees,
                attentiveness=62.0,
                interest=55.5,
                questions=_questions(attendees, "Was 2014 a good year?"),
            )
        ],
    )


def webinars() -> tuple[Webinar, ...]:
    """Fresh objects at every call."""
    return (_getting_started(), _product_update(), _historical())


def recordings() -> tuple[Recording, ...]:
    """One of each webinar that has been held."""
    at = parse_instant("2014-12-03T20:00:00Z")
    return (
        Recording("c1f7ad0e-3a55-4a4d-9f10-6d1b6f0a0001", "Year in review", at, HISTORICAL_KEY),
        Recording("c1f7ad0e-3a55-4a4d-9f10-6d1b6f0a0002", "Getting started", at, GETTING_STARTED_KEY),
    )
