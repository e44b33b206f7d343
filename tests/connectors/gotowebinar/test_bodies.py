from __future__ import annotations

from typing import Any

import pytest

from connectors.gotowebinar.bodies import audio_settings, coorganizer, new_webinar, registrant
from engine.api import BrokenRule

WEBINAR = "8274965567047301900"
COUNTRIES = {"tollFreeCountries": ["US", "GB"], "tollCountries": ["US"]}
NUMBERS = {"attendee": "1", "organizer": "2", "panelist": "3"}
TIMES = {"webinarStartTime": "2016-06-09T16:45:58Z", "webinarEndTime": "2016-06-09T17:45:58Z"}
PAIR = {"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"subject": "s"} | TIMES, {"subject": "s", "times": [PAIR]}),
        (
            {"subject": "s", "type": "series", "times": [PAIR, PAIR], "isOndemand": False},
            {"subject": "s", "type": "series", "times": [PAIR, PAIR], "isOndemand": False},
        ),
        (
            {"subject": "s", "type": "sequence", "recurrenceStart": PAIR, "recurrencePattern": "daily"},
            {"subject": "s", "type": "sequence", "recurrenceStart": PAIR, "recurrencePattern": "daily"},
        ),
    ],
)
def test_new_webinar(values: dict[str, Any], body: dict[str, Any]) -> None:
    assert new_webinar({"organizerKey": "1", "resultShape": "v1"} | values) == body


@pytest.mark.parametrize(
    ("given", "missing"), [({}, "webinarStartTime"), ({"webinarStartTime": "2016-06-09T16:45:58Z"}, "webinarEndTime")]
)
def test_a_new_webinar_needs_times(given: dict[str, str], missing: str) -> None:
    with pytest.raises(BrokenRule, match="required") as caught:
        new_webinar({"subject": "s"} | given)
    assert caught.value.parameter == missing


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"type": "VOIP"} | COUNTRIES | NUMBERS, {"type": "VOIP"}),
        ({"type": "PSTN"} | COUNTRIES | NUMBERS, {"type": "PSTN", "pstnInfo": COUNTRIES}),
        ({"type": "Private"} | COUNTRIES | NUMBERS, {"type": "Private", "privateInfo": NUMBERS}),
        ({"type": "Private", "attendee": "1"}, {"type": "Private", "privateInfo": {"attendee": "1"}}),
        ({"type": "Hybrid"}, {"type": "Hybrid"}),
        (COUNTRIES | NUMBERS, {"pstnInfo": COUNTRIES, "privateInfo": NUMBERS}),
        ({}, {}),
    ],
)
def test_audio_settings(values: dict[str, Any], body: dict[str, Any]) -> None:
    assert audio_settings({"webinarKey": WEBINAR, "notifyParticipants": True} | values) == body


def test_registrant() -> None:
    fields = {"firstName": "Ada", "purchasingRole": "decides", "responses": [{"questionKey": 9007199254740993}]}
    account = {"organizerKey": "1", "accountKey": "2", "webinarKey": WEBINAR, "resendConfirmation": True}
    assert registrant(account | fields) == fields


@pytest.mark.parametrize(
    ("values", "body"),
    [
        (
            {"external": True, "givenName": "Ada", "email": "a@example.com", "coorganizerKey": "7"},
            {"external": True, "givenName": "Ada", "email": "a@example.com"},
        ),
        ({"external": False, "coorganizerKey": "7", "email": "a@b"}, {"external": False, "organizerKey": "7"}),
    ],
)
def test_coorganizer(values: dict[str, Any], body: dict[str, Any]) -> None:
    assert coorganizer({"organizerKey": "1"} | values) == [body]


@pytest.mark.parametrize(
    ("values", "missing", "rule"),
    [
        ({"external": True, "email": "a@b"}, "givenName", "required with external=true"),
        ({"external": True, "givenName": "Ada"}, "email", "required with external=true"),
        ({"external": False}, "coorganizerKey", "required with external=false"),
    ],
)
def test_incomplete_coorganizers(values: dict[str, Any], missing: str, rule: str) -> None:
    with pytest.raises(BrokenRule, match=rule) as caught:
        coorganizer({"organizerKey": "1"} | values)
    assert caught.value.parameter == missing
