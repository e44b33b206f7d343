"""Each operation against the simulator: the exact request it makes and the exact answer that becomes the message."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from engine.errors import Fault

from .conftest import ORGANIZER, Engine

BASE = f"/G2W/rest/organizers/{ORGANIZER}"
WEBINAR = "8274965567047301900"
KEY = {"webinarKey": WEBINAR}
TIMES = {"webinarStartTime": "2016-06-09T16:45:58Z", "webinarEndTime": "2016-06-09T17:45:58Z"}
PAIR = {"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}
ABOUT = {"subject": "Test Webinar", "description": "For testing"}
ZONE = {"timeZone": "Asia/Colombo"}

READS = [
    ("getWebinarById", KEY, f"{BASE}/webinars/{WEBINAR}", {}),
    (
        "listHistoricalWebinars",
        {"fromTime": "2014-12-03T18:00:00Z", "toTime": "2014-12-03T19:00:00Z"},
        f"{BASE}/historicalWebinars",
        {"fromTime": "2014-12-03T18:00:00Z", "toTime": "2014-12-03T19:00:00Z"},
    ),
    (
        "listHistoricalWebinars",
        {"fromTime": "2014-12-03T20:00:00+02:00", "toTime": "2014-12-03T19:00:00Z"},
        f"{BASE}/historicalWebinars",
        {"fromTime": "2014-12-03T20:00:00+02:00", "toTime": "2014-12-03T19:00:00Z"},
    ),
    ("listUpcomingWebinars", {}, f"{BASE}/upcomingWebinars", {}),
    ("getAllWebinars", {}, f"{BASE}/webinars", {}),
    ("getAttendeesForAllWebinarSessions", KEY, f"{BASE}/webinars/{WEBINAR}/attendees", {}),
    ("getAudioInformation", KEY, f"{BASE}/webinars/{WEBINAR}/audio", {}),
    ("getWebinarMeetingTimes", KEY, f"{BASE}/webinars/{WEBINAR}/meetingtimes", {}),
    ("getWebinarPanelists", KEY, f"{BASE}/webinars/{WEBINAR}/panelists", {}),
    ("getPerformanceForAllWebinarSessions", KEY, f"{BASE}/webinars/{WEBINAR}/performance", {}),
]

WRITES: list[tuple[str, dict[str, str], str, str, dict[str, str], Any, int, Any]] = [
    (
        "createWebinar",
        ABOUT | TIMES | ZONE,
        "POST",
        f"{BASE}/webinars",
        {},
        ABOUT | {"times": [PAIR]} | ZONE,
        201,
        {"webinarKey": "6400000000000000001"},
    ),
    (
        "createWebinar",
        {"subject": 'Grüße & "Küsse" / 100%', "description": "", "timeZone": ""} | TIMES,
        "POST",
        f"{BASE}/webinars",
        {},
        {"subject": 'Grüße & "Küsse" / 100%', "times": [PAIR]},
        201,
        {"webinarKey": "6400000000000000001"},
    ),
    ("cancelWebinar", KEY, "DELETE", f"{BASE}/webinars/{WEBINAR}", {}, None, 204, None),
    (
        "cancelWebinar",
        KEY | {"sendCancellationEmails": "TRUE"},
        "DELETE",
        f"{BASE}/webinars/{WEBINAR}",
        {"sendCancellationEmails": "true"},
        None,
        204,
        None,
    ),
    (
        "updateWebinar",
        KEY | ABOUT | TIMES | ZONE | {"locale": "en_US", "notifyParticipants": "true"},
        "PUT",
        f"{BASE}/webinars/{WEBINAR}",
        {"notifyParticipants": "true"},
        ABOUT | {"times": [PAIR]} | ZONE | {"locale": "en_US"},
        202,
        None,
    ),
    (
        "updateWebinar",
        KEY | {"subject": "New", "notifyParticipants": "false"},
        "PUT",
        f"{BASE}/webinars/{WEBINAR}",
        {"notifyParticipants": "false"},
        {"subject": "New"},
        202,
        None,
    ),
    (
        "updateAudioInformation",
        KEY
        | {
            "type": "Hybrid",
            "tollFreeCountries": '["AE", "AR"]',
            "tollCountries": "AT, NO",
            "attendee": "973-108-502",
            "organizer": "228-421-345",
            "panelist": "219-935-710",
            "notifyParticipants": "true",
        },
        "POST",
        f"{BASE}/webinars/{WEBINAR}/audio",
        {"notifyParticipants": "true"},
        {"type": "Hybrid", "pstnInfo": {"tollFreeCountries": ["AE", "AR"], "tollCountries": ["AT", "NO"]}},
        204,
        None,
    ),
    (
        "createPanelists",
        KEY | {"name": "Nick", "email": "nick@yahoo.com"},
        "POST",
        f"{BASE}/webinars/{WEBINAR}/panelists",
        {},
        [{"email": "nick@yahoo.com", "name": "Nick"}],
        201,
        [
            {
                "panelistKey": "6400000000000000001",
                "name": "Nick",
                "email": "nick@yahoo.com",
                "joinLink": f"https://global.gotowebinar.com/join/{WEBINAR}/6400000000000000001",
            }
        ],
    ),
]


@pytest.mark.parametrize(("operation", "parameters", "path", "query"), READS)
async def test_reading(
    engine: Engine, operation: str, parameters: dict[str, str], path: str, query: dict[str, str]
) -> None:
    message = await engine.call(operation, parameters)

    [request] = engine.simulator.requests
    assert (request.method, request.path, request.query, request.body) == ("GET", path, query, b"")
    url, headers = engine.simulator.base_url + path, {"Authorization": "any"}
    direct = await asyncio.to_thread(requests.get, url, params=query, headers=headers, timeout=10)
    assert direct.status_code == 200
    assert len(direct.json()) > 0
    assert message.payload.raw() == direct.content
    assert message.axis2 == {"HTTP_SC": 200, "HTTP_SC_DESC": "OK", "messageType": "application/json"}
    assert message.is_response


@pytest.mark.parametrize(("operation", "parameters", "method", "path", "query", "body", "status", "answer"), WRITES)
async def test_writing(
    engine: Engine,
    operation: str,
    parameters: dict[str, str],
    method: str,
    path: str,
    query: dict[str, str],
    body: Any,
    status: int,
    answer: Any,
) -> None:
    message = await engine.call(operation, parameters)

    [request] = engine.simulator.requests
    assert (request.method, request.path, request.query) == (method, path, query)
    assert (request.json() if request.body else None) == body
    assert message.axis2["HTTP_SC"] == status
    assert (message.payload.json() if message.payload.kind == "json" else None) == answer
    assert (message.payload.kind == "empty") == (answer is None)


async def test_request_carries_its_own_headers_only(engine: Engine) -> None:
    await engine.call("createPanelists", KEY | {"name": "N", "email": "n@example.com"})
    await engine.call("getAllWebinars")
    post, get = engine.simulator.requests
    assert sorted(post.headers) == ["accept", "authorization", "content-length", "content-type", "host"]
    assert sorted(get.headers) == ["accept", "authorization", "host"]
    assert post.headers["content-type"] == post.headers["accept"] == "application/json"


async def test_removed_headers_do_not_reach_the_client(engine: Engine) -> None:
    engine.simulator.fail_next(200, [], {"X-Request-Id": "7", "Content-Type": "application/json"})
    message = await engine.call("getAllWebinars")
    assert sorted(message.headers) == [("content-type", "application/json"), ("x-request-id", "7")]


async def test_vendor_json_is_json(engine: Engine) -> None:
    media = "application/vnd.citrix.g2wapi-v1.1+json"
    engine.simulator.fail_next(200, {"webinarKey": 5452440042032782081}, {"Content-Type": media})
    message = await engine.call("getAllWebinars")
    assert (message.payload.kind, message.payload.json()) == ("json", {"webinarKey": 5452440042032782081})


@pytest.mark.parametrize("key", ["825376542158346243", "9007199254740993", "18446744073709551615"])
async def test_long_keys_pass_digit_for_digit(engine: Engine, key: str) -> None:
    engine.simulator.fail_next(200, f'{{"webinarKey":{key}}}')
    message = await engine.call("getWebinarById", {"webinarKey": key})
    assert engine.simulator.requests[0].path == f"{BASE}/webinars/{key}"
    assert str(message.payload.json()["webinarKey"]) == key
    assert message.payload.raw() == f'{{"webinarKey":{key}}}'.encode()


async def test_query_of_one_operation_does_not_leak_into_the_next(engine: Engine) -> None:
    message = engine.harness.message(b"{}")
    steps = engine.step("init", engine.account(), message)
    steps += engine.step("updateWebinar", KEY | {"subject": "New", "notifyParticipants": "true"}, message)
    steps += engine.step("cancelWebinar", KEY | {"sendCancellationEmails": "false"}, message)
    steps += "<gotowebinar.getAllWebinars/>"
    await engine.harness.run(steps, message)
    queries = [request.query for request in engine.simulator.requests]
    assert queries == [{"notifyParticipants": "true"}, {"sendCancellationEmails": "false"}, {}]


async def test_operation_without_init_is_a_fault(engine: Engine) -> None:
    with pytest.raises(Fault, match=r"<gotowebinar\.init> must come before"):
        await engine.harness.run("<gotowebinar.getAllWebinars/>", engine.harness.message())


async def test_second_init_replaces_the_first(engine: Engine) -> None:
    message = engine.harness.message(b"{}")
    steps = engine.step("init", engine.account(), message)
    message.properties["other"] = "1234567890123456789"
    steps += "<gotowebinar.init><apiUrl>{$ctx:apiUrl}</apiUrl><organizerKey>{$ctx:other}</organizerKey>"
    steps += "<accessToken>other</accessToken></gotowebinar.init><gotowebinar.getAllWebinars/>"
    await engine.harness.run(steps, message)
    [request] = engine.simulator.requests
    assert request.path == "/G2W/rest/organizers/1234567890123456789/webinars"
    assert request.headers["authorization"] == "other"


@pytest.mark.parametrize(
    ("base", "token", "header"),
    [
        ("", "abc", "abc"),
        ("", "OAuth oauth_token=abc", "OAuth oauth_token=abc"),
        ("/G2W/rest/v2", "abc", "Bearer abc"),
        ("/G2W/rest/v2", "Bearer abc", "Bearer abc"),
    ],
)
async def test_authorization(engine: Engine, base: str, token: str, header: str) -> None:
    account = engine.account(apiUrl=engine.simulator.base_url + base, accessToken=token)
    await engine.call("getAllWebinars", account=account)
    assert engine.simulator.requests[0].headers["authorization"] == header
