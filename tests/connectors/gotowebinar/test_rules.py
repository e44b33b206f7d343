"""What the connector refuses before it calls the API."""

from __future__ import annotations

import pytest

from engine.core.faults import fill_fault
from engine.errors import Fault

from .conftest import Engine

KEY = {"webinarKey": "8274965567047301900"}
TIMES = {"webinarStartTime": "2016-06-09T16:45:58Z", "webinarEndTime": "2016-06-09T17:45:58Z"}
ISO = "an ISO 8601 date and time with its zone, such as 2016-06-09T16:45:58Z"
URL = "an http:// or https:// URL with a host and without user, query and fragment"
LOCALES = "one of en_US, de_DE, es_ES, fr_FR, it_IT, zh_CN"
TOLL = "only values of AT, AU, BE, CA, CH, DE, DK, ES, FI, FR, GB, IE, IT, NL, NO, NZ, SE, US"

REFUSED = [
    ("getWebinarById", {"webinarKey": "abc"}, "webinarKey", "abc", "digits only"),
    ("getWebinarById", {"webinarKey": "../x"}, "webinarKey", "../x", "digits only"),
    ("getWebinarById", {"webinarKey": ""}, "webinarKey", "", "required"),
    ("getWebinarById", {"webinarKey": "null"}, "webinarKey", "", "required"),
    ("listHistoricalWebinars", {"fromTime": "2014-12-03T18:00:00Z", "toTime": ""}, "toTime", "", "required"),
    (
        "listHistoricalWebinars",
        {"fromTime": "03.12.2014", "toTime": "2014-12-03T19:00:00Z"},
        "fromTime",
        "03.12.2014",
        ISO,
    ),
    ("createWebinar", TIMES | {"subject": "x" * 129}, "subject", "x" * 100 + "…", "at most 128 characters"),
    (
        "createWebinar",
        TIMES | {"subject": "s", "description": "ü" * 2049},
        "description",
        "ü" * 100 + "…",
        "at most 2048 characters",
    ),
    ("createWebinar", TIMES | {"subject": ""}, "subject", "", "required"),
    ("createWebinar", TIMES | {"subject": "s", "webinarEndTime": ""}, "webinarEndTime", "", "required"),
    (
        "createWebinar",
        TIMES | {"subject": "s", "webinarStartTime": "2016-02-30T10:00:00Z"},
        "webinarStartTime",
        "2016-02-30T10:00:00Z",
        ISO,
    ),
    (
        "createWebinar",
        TIMES | {"subject": "s", "webinarStartTime": "2016-06-09T16:45:58"},
        "webinarStartTime",
        "2016-06-09T16:45:58",
        ISO,
    ),
    (
        "createWebinar",
        TIMES | {"subject": "s", "timeZone": "Asia/Colombu"},
        "timeZone",
        "Asia/Colombu",
        "a time zone ID, such as Europe/Berlin",
    ),
    ("cancelWebinar", KEY | {"sendCancellationEmails": "yes"}, "sendCancellationEmails", "yes", "true or false"),
    ("updateWebinar", KEY | {"locale": "en_us"}, "locale", "en_us", LOCALES),
    (
        "updateWebinar",
        KEY | {"webinarStartTime": TIMES["webinarStartTime"], "webinarEndTime": ""},
        "webinarEndTime",
        "",
        "required together with webinarStartTime",
    ),
    ("updateWebinar", KEY | {"notifyParticipants": "1"}, "notifyParticipants", "1", "true or false"),
    ("updateAudioInformation", KEY | {"type": "pstn"}, "type", "pstn", "one of PSTN, VOIP, Hybrid, Private"),
    ("updateAudioInformation", KEY | {"tollCountries": '["AT","XX"]'}, "tollCountries", '["AT","XX"]', TOLL),
    ("updateAudioInformation", KEY | {"tollCountries": "AT,AE"}, "tollCountries", "AT,AE", TOLL),
    (
        "updateAudioInformation",
        KEY | {"tollCountries": '["AT",'},
        "tollCountries",
        '["AT",',
        "a JSON array of text, or text separated by commas",
    ),
    ("createPanelists", KEY | {"name": "N", "email": "nick"}, "email", "nick", "an e-mail address"),
    ("createPanelists", KEY | {"name": "", "email": "n@e.com"}, "name", "", "required"),
]


@pytest.mark.parametrize(("operation", "parameters", "parameter", "value", "rule"), REFUSED)
async def test_refused(
    engine: Engine, operation: str, parameters: dict[str, str], parameter: str, value: str, rule: str
) -> None:
    with pytest.raises(Fault) as caught:
        await engine.call(operation, parameters)
    fault = caught.value
    assert fault.status == 400
    named = {name: fault.details[name] for name in ("operation", "parameter", "value", "rule")}
    assert named == {"operation": f"gotowebinar.{operation}", "parameter": parameter, "value": value, "rule": rule}
    assert f"gotowebinar.{operation}: {parameter} " in fault.message
    assert rule in fault.message
    assert engine.simulator.requests == []


INIT_REFUSED = [
    ({"apiUrl": ""}, "apiUrl", "", "required"),
    ({"apiUrl": "api.getgo.com"}, "apiUrl", "api.getgo.com", URL),
    ({"apiUrl": "ftp://api.getgo.com"}, "apiUrl", "ftp://api.getgo.com", URL),
    ({"apiUrl": "https://user:pw@api.getgo.com"}, "apiUrl", "https://user:pw@api.getgo.com", URL),
    ({"apiUrl": "https://api.getgo.com?x=1"}, "apiUrl", "https://api.getgo.com?x=1", URL),
    ({"apiUrl": "https://api.getgo.com:99999"}, "apiUrl", "https://api.getgo.com:99999", URL),
    ({"organizerKey": "12/34"}, "organizerKey", "12/34", "digits only"),
    ({"intervalTime": "1h"}, "intervalTime", "1h", "a whole number"),
    ({"intervalTime": "-1"}, "intervalTime", "-1", "milliseconds, 0 or more"),
    ({"accessToken": "a\r\nX-Admin: 1"}, "accessToken", "***", "text without line breaks and other control characters"),
    ({"timeout": "10000"}, "timeout", "10000", "seconds, up to 600"),
    ({"timeout": "0"}, "timeout", "0", "seconds, up to 600"),
    ({"tokenUrl": "token"}, "tokenUrl", "token", URL),
    (
        {"accessToken": "", "clientId": ""},
        "accessToken",
        "",
        "required unless refreshToken and clientId are given",
    ),
]


@pytest.mark.parametrize(("changes", "parameter", "value", "rule"), INIT_REFUSED)
async def test_init_refused(engine: Engine, changes: dict[str, str], parameter: str, value: str, rule: str) -> None:
    with pytest.raises(Fault) as caught:
        await engine.call("getAllWebinars", account=engine.account(**changes))
    details = caught.value.details
    assert caught.value.status == 400
    named = (details["operation"], details["parameter"], details["value"], details["rule"])
    assert named == ("gotowebinar.init", parameter, value, rule)
    assert engine.simulator.requests == []


async def test_all_violations_in_one_answer(engine: Engine) -> None:
    parameters = {"subject": "", "description": "d" * 2049, "webinarStartTime": "soon", "timeZone": "Europe/Berln"}
    with pytest.raises(Fault) as caught:
        await engine.call("createWebinar", parameters)
    assert caught.value.details["violations"] == [
        {"parameter": "description", "value": "d" * 100 + "…", "rule": "at most 2048 characters"},
        {"parameter": "webinarStartTime", "value": "soon", "rule": ISO},
        {
            "parameter": "timeZone",
            "value": "Europe/Berln",
            "rule": "a time zone ID, such as Europe/Berlin",
            "hint": "Did you mean 'Europe/Berlin'?",
        },
        {"parameter": "subject", "value": "", "rule": "required"},
    ]


@pytest.mark.parametrize("missing", ["webinarStartTime", "webinarEndTime"])
async def test_a_new_webinar_needs_its_times(engine: Engine, missing: str) -> None:
    times = {"webinarStartTime": "2016-06-09T16:45:58Z", "webinarEndTime": "2016-06-09T17:45:58Z"} | {missing: ""}
    with pytest.raises(Fault) as caught:
        await engine.call("createWebinar", {"subject": "s"} | times)
    assert caught.value.details["violations"] == [{"parameter": missing, "value": "", "rule": "required"}]


async def test_version_1_needs_the_organizer(engine: Engine) -> None:
    with pytest.raises(Fault, match="organizerKey is required"):
        await engine.call("getAllWebinars", account=engine.account(organizerKey=""))


async def test_answer_to_the_client(engine: Engine) -> None:
    message = engine.harness.message(b"{}")
    steps = engine.step("init", engine.account(), message) + engine.step("getWebinarById", {"webinarKey": "x"}, message)
    with pytest.raises(Fault) as caught:
        await engine.harness.run(steps, message)
    fill_fault(message, caught.value)
    error = message.payload.json()["error"]
    del error["correlationId"]
    violation = {"parameter": "webinarKey", "value": "x", "rule": "digits only"}
    assert error == violation | {
        "code": caught.value.code,
        "message": "gotowebinar.getWebinarById: webinarKey must be digits only",
        "operation": "gotowebinar.getWebinarById",
        "violations": [violation],
    }
    assert message.axis2["HTTP_SC"] == 400


@pytest.mark.parametrize(
    ("content_type", "hint"),
    [
        ("application/x-www-form-urlencoded", "The request came with application/x-www-form-urlencoded; for JSON send"),
        ("text/plain", "The request came with text/plain; for JSON send Content-Type: application/json."),
        ("application/json", ""),
    ],
)
async def test_forgotten_content_type_is_named(engine: Engine, content_type: str, hint: str) -> None:
    message = engine.harness.message(b'{"apiUrl": "https://api.getgo.com"}', content_type)
    nothing = dict.fromkeys(engine.account(), "")
    with pytest.raises(Fault) as caught:
        await engine.harness.run(engine.step("init", nothing, message), message)
    assert ("Content-Type" in caught.value.message) == bool(hint)
    assert hint in caught.value.message
    assert [each["parameter"] for each in caught.value.details["violations"]] == ["apiUrl"]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
async def test_forgotten_body_is_named(engine: Engine, content_type: str) -> None:
    message = engine.harness.message(b"", content_type)
    with pytest.raises(Fault) as caught:
        await engine.harness.run(engine.step("init", dict.fromkeys(engine.account(), ""), message), message)
    assert caught.value.message == "gotowebinar.init: apiUrl is required. The request has no body."


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            "<gotowebinar.getWebinarById/>",
            "1:57: error[missing-element]: <gotowebinar.getWebinarById> needs <webinarKey>.",
        ),
        (
            "<gotowebinar.getWebinarById><webinarKey>12x</webinarKey></gotowebinar.getWebinarById>",
            "error[bad-value]: <gotowebinar.getWebinarById>: '12x' as webinarKey must be digits only.",
        ),
        ("<gotowebinar.getWebinar/>", "has no operation 'getWebinar'. Did you mean 'getWebinarById'?"),
        ("<gotowebinar.getAllWebinars><x/></gotowebinar.getAllWebinars>", "<x> is not known inside"),
    ],
)
def test_problems_at_load(engine: Engine, xml: str, problem: str) -> None:
    [found] = engine.harness.problems(xml)
    assert problem.removeprefix("1:57: ") in found
