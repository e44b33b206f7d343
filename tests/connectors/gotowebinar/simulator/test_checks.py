"""What the API refuses with a 400, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.gotowebinar.simulator.checks import TOLL_COUNTRIES, TOLL_FREE_COUNTRIES

ORGANIZER = "/G2W/rest/organizers/3697511743350317068"
WEBINARS = f"{ORGANIZER}/webinars"
WEBINAR = f"{WEBINARS}/8274965567047301900"
HISTORICAL = f"{WEBINARS}/4255157664015486220"
TIMES = [{"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}]
LATER = [{"startTime": "2016-06-10T16:45:58Z", "endTime": "2016-06-10T17:45:58Z"}]
NEW_WEBINAR = {"subject": "Test Webinar", "description": "For testing", "times": TIMES, "timeZone": "Asia/Colombo"}


def test_knows_the_countries_of_the_specification() -> None:
    assert (len(TOLL_COUNTRIES), len(TOLL_FREE_COUNTRIES)) == (18, 56)


AUDIO, PANELISTS = f"{WEBINAR}/audio", f"{WEBINAR}/panelists"
PANELIST = {"name": "Nick", "email": "nick@yahoo.com"}
IN_2016 = {"startTime": "2016-06-09T16:45:58Z"}


@pytest.mark.parametrize(
    ("method", "path", "body", "description"),
    [
        ("POST", WEBINARS, [], "The request body must be an object."),
        ("POST", WEBINARS, {"times": TIMES}, "subject is required."),
        ("POST", WEBINARS, NEW_WEBINAR | {"subject": " "}, "subject is required."),
        ("POST", WEBINARS, NEW_WEBINAR | {"subject": 7}, "subject must be a string."),
        ("POST", WEBINARS, NEW_WEBINAR | {"subject": "x" * 129}, "subject must not be longer than 128 characters."),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"description": "x" * 2049},
            "description must not be longer than 2048 characters.",
        ),
        ("POST", WEBINARS, NEW_WEBINAR | {"timeZone": "Mars/Base"}, "timeZone must be a valid time zone ID."),
        ("POST", WEBINARS, NEW_WEBINAR | {"isPasswordProtected": "true"}, "isPasswordProtected must be true or false."),
        ("POST", WEBINARS, NEW_WEBINAR | {"type": "sequence"}, "recurrenceStart is required for a sequence."),
        ("POST", WEBINARS, NEW_WEBINAR | {"type": "series"}, "times must hold two or more pairs for a series."),
        ("POST", WEBINARS, {"subject": "s"}, "times is required."),
        ("POST", WEBINARS, NEW_WEBINAR | {"times": {}}, "times must be an array."),
        ("POST", WEBINARS, NEW_WEBINAR | {"times": []}, "times must hold exactly one pair for a single session."),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"times": TIMES + LATER},
            "times must hold exactly one pair for a single session.",
        ),
        ("POST", WEBINARS, NEW_WEBINAR | {"times": [IN_2016]}, "endTime is required."),
        ("POST", WEBINARS, NEW_WEBINAR | {"times": ["x"]}, "times[] must be an object."),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"times": [IN_2016 | {"endTime": "2016-06-09"}]},
            "endTime must be an ISO 8601 date and time such as 2015-07-13T10:00:00Z.",
        ),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"times": [IN_2016 | {"endTime": "2016-06-09T16:00:00Z"}]},
            "startTime must be before endTime.",
        ),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"times": [IN_2016 | {"endTime": IN_2016["startTime"]}]},
            "startTime must be before endTime.",
        ),
        (
            "POST",
            WEBINARS,
            NEW_WEBINAR | {"times": [{"startTime": "2016-06-01T09:00:00Z", "endTime": "2016-06-01T10:00:00Z"}]},
            "startTime must be in the future.",
        ),
        ("PUT", WEBINAR, {}, "The request body must hold at least one field."),
        ("PUT", WEBINAR, {"subject": ""}, "subject is required."),
        ("PUT", WEBINAR, {"locale": "en"}, "locale must be one of en_US, de_DE, es_ES, fr_FR, it_IT, zh_CN."),
        ("PUT", WEBINAR, {"times": TIMES + LATER}, "times must hold exactly one pair for a single session."),
        ("PUT", HISTORICAL, {"subject": "s"}, "The webinar has ended."),
        ("PUT", f"{WEBINAR}?notifyParticipants=yes", {"subject": "s"}, "notifyParticipants must be true or false."),
        ("DELETE", f"{WEBINAR}?sendCancellationEmails=1", None, "sendCancellationEmails must be true or false."),
        ("POST", f"{AUDIO}?notifyParticipants=", {"type": "VOIP"}, "notifyParticipants must be true or false."),
        ("POST", AUDIO, {}, "type is required."),
        ("POST", AUDIO, {"type": "Phone"}, "type must be one of PSTN, VOIP, Hybrid, Private."),
        ("POST", AUDIO, {"type": "PSTN", "pstnInfo": []}, "pstnInfo must be an object."),
        ("POST", AUDIO, {"type": "PSTN", "pstnInfo": {"tollCountries": "AT"}}, "tollCountries must be an array."),
        ("POST", AUDIO, {"type": "PSTN", "pstnInfo": {"tollCountries": ["AE"]}}, "tollCountries has no country 'AE'."),
        (
            "POST",
            AUDIO,
            {"type": "PSTN", "pstnInfo": {"tollFreeCountries": ["XX"]}},
            "tollFreeCountries has no country 'XX'.",
        ),
        ("POST", AUDIO, {"type": "Private", "privateInfo": {}}, "attendee is required."),
        ("POST", PANELISTS, PANELIST, "The request body must be an array."),
        ("POST", PANELISTS, [], "The request body must hold at least one panelist."),
        ("POST", PANELISTS, [{"email": "nick@yahoo.com"}], "name is required."),
        ("POST", PANELISTS, [{"name": "Nick"}], "email is required."),
        ("POST", PANELISTS, [PANELIST, PANELIST | {"email": "nick"}], "email must be an e-mail address."),
        ("GET", f"{ORGANIZER}/historicalWebinars?toTime=2014-12-03T19:00:00Z", None, "fromTime is required."),
        ("GET", f"{ORGANIZER}/historicalWebinars?fromTime=2014-12-03T19:00:00Z", None, "toTime is required."),
        (
            "GET",
            f"{ORGANIZER}/historicalWebinars?fromTime=2015-01-01T00:00:00Z&toTime=2014-01-01T00:00:00Z",
            None,
            "fromTime must be before toTime.",
        ),
        (
            "GET",
            f"{ORGANIZER}/historicalWebinars?fromTime=2014-01-01T00:00:00+00:00&toTime=2014-01-02T00:00:00Z",
            None,
            "fromTime must be an ISO 8601 date and time such as 2015-07-13T10:00:00Z.",  # a bare + is a space
        ),
        ("GET", f"{WEBINARS}/abc", None, "webinarKey must be a 64-bit integer."),
        ("GET", f"{WEBINARS}/9223372036854775808", None, "webinarKey must be a 64-bit integer."),
        ("GET", f"{WEBINARS}/1%2Faudio", None, "webinarKey must be a 64-bit integer."),
        ("GET", "/G2W/rest/organizers/me/webinars", None, "organizerKey must be a 64-bit integer."),
    ],
)
def test_bad_request_changes_nothing(api: Any, method: str, path: str, body: Any, description: str) -> None:
    before = api.get(WEBINARS), api.get(AUDIO), api.get(PANELISTS)
    options = {} if body is None else {"json": body}
    assert api.business_error(api(method, path, **options)) == (400, "InvalidRequest", description)
    assert (api.get(WEBINARS), api.get(AUDIO), api.get(PANELISTS)) == before


@pytest.mark.parametrize(
    ("content_type", "body", "description"),
    [
        ("application/json", b'{"subject": ', "The request body is not valid JSON."),
        ("application/json", b'{"subject": "\xff"}', "The request body is not valid JSON."),
        ("text/xml", b"<a/>", "The Content-Type must be application/json."),
    ],
)
def test_body_that_is_not_json(api: Any, content_type: str, body: bytes, description: str) -> None:
    answer = api("POST", WEBINARS, data=body, headers={"Content-Type": content_type})
    assert api.business_error(answer) == (400, "InvalidRequest", description)
