"""The v1 answers, and how calls change what later calls see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

ORGANIZER = "/G2W/rest/organizers/3697511743350317068"
WEBINARS = f"{ORGANIZER}/webinars"
WEBINAR = f"{WEBINARS}/8274965567047301900"
HISTORICAL = f"{WEBINARS}/4255157664015486220"
HISTORY = {"fromTime": "2014-12-03T18:00:00Z", "toTime": "2014-12-03T19:00:00Z"}
TIMES = [{"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}]
LATER = [{"startTime": "2016-06-10T16:45:58Z", "endTime": "2016-06-10T17:45:58Z"}]
NEW_WEBINAR = {"subject": "Test Webinar", "description": "For testing", "times": TIMES, "timeZone": "Asia/Colombo"}
NO_SUCH_WEBINAR = (404, "NotFound", "Webinar with specified key does not exist.")


def test_lists_what_is_still_to_come(api: Any) -> None:
    webinars = api.get(WEBINARS)
    assert [webinar["webinarKey"] for webinar in webinars] == [5452440042032782081, 8274965567047301900]
    assert webinars[1] == {
        "webinarKey": 8274965567047301900,
        "webinarID": "118046523",
        "subject": "Product update",
        "description": "What is new, and what comes next.",
        "organizerKey": 3697511743350317068,
        "times": [{"startTime": "2016-06-22T09:00:00Z", "endTime": "2016-06-22T10:00:00Z"}],
        "timeZone": "Asia/Colombo",
        "registrationUrl": "https://attendee.gotowebinar.com/register/8274965567047301900",
        "inSession": False,
        "numberOfRegistrants": 6,
    }


def test_upcoming_webinars_have_no_number_of_registrants(api: Any) -> None:
    without = [{k: v for k, v in webinar.items() if k != "numberOfRegistrants"} for webinar in api.get(WEBINARS)]
    assert api.get(f"{ORGANIZER}/upcomingWebinars") == without


def test_one_webinar_has_the_obsolete_counters(api: Any) -> None:
    listed = api.get(WEBINARS)[1]
    assert api.get(WEBINAR) == listed | {"numberOfOpenedInvitations": 0, "numberOfRegistrationLinkClicks": 0}


def test_history_is_bounded_by_the_period(api: Any) -> None:
    [webinar] = api.get(f"{ORGANIZER}/historicalWebinars", params=HISTORY)
    assert webinar["webinarKey"] == 4255157664015486220
    assert set(webinar) == {"webinarKey", "webinarID", "subject", "description", "organizerKey", "times", "timeZone"}
    for year in ("2013", "2016"):
        period = {name: value.replace("2014", year) for name, value in HISTORY.items()}
        assert api.get(f"{ORGANIZER}/historicalWebinars", params=period) == []


def test_reads_the_parts_of_a_webinar(api: Any) -> None:
    assert api.get(f"{WEBINAR}/meetingtimes") == [
        {"startTime": "2016-06-22T09:00:00Z", "endTime": "2016-06-22T10:00:00Z"}
    ]
    assert api.get(f"{WEBINAR}/panelists")[0] == {
        "panelistId": 2170345618230967042,
        "name": "Margaret Hamilton",
        "firstName": "Margaret",
        "lastName": "Hamilton",
        "email": "margaret.hamilton@example.com",
        "joinLink": "https://global.gotowebinar.com/join/8274965567047301900/2170345618230967042",
    }
    assert api.get(f"{HISTORICAL}/attendees") == [
        {
            "registrantKey": 3098125467812340739,
            "firstName": "John",
            "lastName": "Backus",
            "email": "john.backus@example.com",
            "attendanceTimeInSeconds": 3600,
            "sessionKey": 4790318265502197761,
            "attendance": [{"joinTime": "2014-12-03T18:00:00Z", "leaveTime": "2014-12-03T19:00:00Z"}],
        }
    ]
    performance = api.get(f"{WEBINAR}/performance")["8802715346190248963"]
    assert performance["attendance"] == {
        "registrantCount": 6,
        "percentageAttendance": 50.0,
        "averageInterestRating": 67.5,
        "averageAttentiveness": 90.25,
        "averageAttendanceTimeSeconds": 2700.0,
    }
    assert performance["pollsAndSurveys"]["questionsAsked"] == 5


def test_the_webinars_of_an_account(api: Any) -> None:
    period = "fromTime=2016-06-01T00:00:00Z&toTime=2016-06-20T00:00:00Z"
    [webinar] = api.get(f"/G2W/rest/accounts/7423155926043817989/webinars?{period}")["_embedded"]["webinars"]
    assert webinar == {
        "webinarKey": "5452440042032782081",
        "webinarID": "105324811",
        "organizerKey": "3697511743350317068",
        "subject": "Getting started with integration",
        "description": "Proxies, sequences and mediators in one hour.",
        "times": [{"startTime": "2016-06-15T15:00:00Z", "endTime": "2016-06-15T16:00:00Z"}],
        "timeZone": "America/Los_Angeles",
        "registrationUrl": "https://attendee.gotowebinar.com/register/5452440042032782081",
        "impromptu": False,
        "isPasswordProtected": False,
        "type": "single_session",
    }


def test_keys_keep_every_digit(api: Any) -> None:
    assert '"webinarKey": 8274965567047301900' in api("GET", WEBINAR).text


def test_a_webinar_lives_and_is_cancelled(api: Any) -> None:
    created = api("POST", WEBINARS, json=NEW_WEBINAR)
    key = created.json()["webinarKey"]
    assert (created.status_code, created.json()) == (201, {"webinarKey": "6400000000000000001"})
    assert int(key) in [webinar["webinarKey"] for webinar in api.get(WEBINARS)]
    assert api.get(f"{WEBINARS}/{key}/meetingtimes") == TIMES

    change = {"subject": "Changed", "times": LATER, "locale": "de_DE"}
    updated = api("PUT", f"{WEBINARS}/{key}?notifyParticipants=true", json=change)
    assert (updated.status_code, updated.content) == (202, b"")
    changed = api.get(f"{WEBINARS}/{key}")
    assert (changed["subject"], changed["times"]) == ("Changed", LATER)
    assert (changed["description"], changed["timeZone"]) == ("", "America/Los_Angeles")  # replaced, not merged

    cancelled = api("DELETE", f"{WEBINARS}/{key}?sendCancellationEmails=true")
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert api.business_error(api("GET", f"{WEBINARS}/{key}")) == NO_SUCH_WEBINAR
    assert int(key) not in [webinar["webinarKey"] for webinar in api.get(WEBINARS)]


def test_update_keeps_subject_and_times_that_are_left_out(api: Any) -> None:
    before = api.get(WEBINAR)
    assert api("PUT", WEBINAR, json={"description": "New"}).status_code == 202
    after = api.get(WEBINAR)
    assert (after["subject"], after["times"], after["description"]) == (before["subject"], before["times"], "New")


def test_a_series_has_two_or_more_pairs(api: Any) -> None:
    created = api("POST", WEBINARS, json=NEW_WEBINAR | {"type": "series", "times": TIMES + LATER})
    assert api.get(f"{WEBINARS}/{created.json()['webinarKey']}/meetingtimes") == TIMES + LATER


def test_creates_panelists(api: Any) -> None:
    created = api("POST", f"{WEBINAR}/panelists", json=[{"name": "Nick", "email": "nick@yahoo.com"}])
    [panelist] = created.json()
    assert created.status_code == 201
    assert panelist == {
        "panelistKey": "6400000000000000001",
        "name": "Nick",
        "email": "nick@yahoo.com",
        "joinLink": "https://global.gotowebinar.com/join/8274965567047301900/6400000000000000001",
    }
    assert api.get(f"{WEBINAR}/panelists")[-1]["panelistId"] == 6400000000000000001


CODES = {"organizer": "791-426-085", "panelist": "690-270-339", "attendee": "159-309-045"}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"type": "VOIP"}, {"type": "VOIP"}),
        (
            {"type": "PSTN", "pstnInfo": {"tollFreeCountries": ["AE"], "tollCountries": []}},
            {"type": "PSTN", "confCallNumbers": {"AE": {"tollFree": "1 888 455 4198", "accessCodes": CODES}}},
        ),
        (
            {"type": "Hybrid", "pstnInfo": {"tollFreeCountries": [], "tollCountries": ["AT"]}},
            {"type": "Hybrid", "confCallNumbers": {"AT": {"toll": "+1 (805) 879-4198", "accessCodes": CODES}}},
        ),
        (
            {"type": "Private", "privateInfo": {"attendee": "973", "panelist": "219"}},
            {"type": "Private", "privateInfo": {"attendee": "973", "panelist": "219"}},
        ),
    ],
)
def test_audio_answers_by_type(api: Any, body: dict[str, Any], answer: dict[str, Any]) -> None:
    updated = api("POST", f"{WEBINAR}/audio?notifyParticipants=true", json=body)
    assert (updated.status_code, updated.content) == (204, b"")
    assert api.get(f"{WEBINAR}/audio") == answer


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/attendees"),
        ("GET", "/audio"),
        ("POST", "/audio"),
        ("GET", "/meetingtimes"),
        ("GET", "/panelists"),
        ("POST", "/panelists"),
        ("GET", "/performance"),
    ],
)
def test_unknown_webinar(api: Any, method: str, path: str) -> None:
    assert api.business_error(api(method, f"{WEBINARS}/1{path}", json={})) == NO_SUCH_WEBINAR
    elsewhere = WEBINAR.replace("3697511743350317068", "1")
    assert api.business_error(api(method, f"{elsewhere}{path}", json={})) == NO_SUCH_WEBINAR


def test_what_runs_or_ran_cannot_be_cancelled_or_updated(api: Any) -> None:
    assert api.business_error(api("DELETE", HISTORICAL)) == (405, "MethodNotAllowed", "The webinar is in the past.")
    api.clock.now = datetime(2016, 6, 22, 9, 30, tzinfo=UTC)
    assert api.get(WEBINAR)["inSession"] is True
    assert api.business_error(api("DELETE", WEBINAR)) == (409, "Conflict", "The webinar is in session.")
    in_progress = (400, "InvalidRequest", "The webinar is in progress.")
    assert api.business_error(api("PUT", WEBINAR, json={"subject": "s"})) == in_progress
