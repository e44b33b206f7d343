"""What each operation sends in each version of the API; the vendor's two documents are the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from engine.core.clock import Clock
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.codecs import json
from engine.plugins.discovery import FILE, discover
from engine.runtime.catalog import language, shipped_connectors
from engine.testing.harness import Harness, StubClient, response

NOW = "2016-06-09T16:45:58Z"
CLOCK = Clock(now=lambda: 1_465_490_758.0)
HOST = "https://api.example.com"
O = "/organizers/11"  # noqa: E741  # the reference's short names for the long paths
W = f"{O}/webinars/5"
S = f"{W}/sessions/6"
A = f"{S}/attendees/7"
PERIOD = {"fromTime": "2016-01-01T00:00:00Z", "toTime": "2016-02-01T00:00:00Z"}
YEAR_AHEAD = {"fromTime": NOW, "toTime": "2017-06-09T16:45:58Z"}
YEAR_BACK = {"fromTime": "2015-06-10T16:45:58Z", "toTime": NOW}
START = {"webinarStartTime": "2016-06-10T10:00:00Z", "webinarEndTime": "2016-06-10T11:00:00Z"}
PAIR = {"startTime": "2016-06-10T10:00:00Z", "endTime": "2016-06-10T11:00:00Z"}
KEYS = {"webinarKey": "5"}
SESSION = KEYS | {"sessionKey": "6"}
ATTENDEE = SESSION | {"registrantKey": "7"}
REGISTRANT = KEYS | {"registrantKey": "7"}
COORGANIZER = KEYS | {"coorganizerKey": "8", "external": "true"}
PANELIST = KEYS | {"panelistKey": "9"}
PERSON = {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"}
CALLBACK = "https://flows.example.com/services/events"
BOTH = ("v1", "v2")

Row = tuple[str, tuple[str, ...], Mapping[str, str], str, str, Mapping[str, str], Any]
ROWS: list[Row] = [
    ("getWebinarById", BOTH, KEYS, "GET", W, {}, None),
    ("listHistoricalWebinars", ("v1",), PERIOD, "GET", f"{O}/historicalWebinars", PERIOD, None),
    ("listHistoricalWebinars", ("v2",), PERIOD, "GET", f"{O}/webinars", PERIOD, None),
    ("listHistoricalWebinars", ("v2",), {}, "GET", f"{O}/webinars", YEAR_BACK, None),
    ("listUpcomingWebinars", ("v1",), {}, "GET", f"{O}/upcomingWebinars", {}, None),
    ("listUpcomingWebinars", ("v2",), {}, "GET", f"{O}/webinars", YEAR_AHEAD, None),
    (
        "listUpcomingWebinars",
        ("v2",),
        {"page": "2", "size": "50"},
        "GET",
        f"{O}/webinars",
        YEAR_AHEAD | {"page": "2", "size": "50"},
        None,
    ),
    ("getAllWebinars", ("v1",), {}, "GET", f"{O}/webinars", {}, None),
    ("getAllWebinars", ("v2",), PERIOD, "GET", f"{O}/webinars", PERIOD, None),
    ("createWebinar", BOTH, {"subject": "s"} | START, "POST", f"{O}/webinars", {}, {"subject": "s", "times": [PAIR]}),
    (
        "cancelWebinar",
        BOTH,
        KEYS | {"sendCancellationEmails": "true"},
        "DELETE",
        W,
        {"sendCancellationEmails": "true"},
        None,
    ),
    ("cancelWebinar", ("v2",), KEYS | {"deleteAll": "false"}, "DELETE", W, {"deleteAll": "false"}, None),
    (
        "updateWebinar",
        BOTH,
        KEYS | {"subject": "s", "notifyParticipants": "false"},
        "PUT",
        W,
        {"notifyParticipants": "false"},
        {"subject": "s"},
    ),
    ("getAttendeesForAllWebinarSessions", BOTH, KEYS, "GET", f"{W}/attendees", {}, None),
    ("getAudioInformation", BOTH, KEYS, "GET", f"{W}/audio", {}, None),
    ("updateAudioInformation", BOTH, KEYS | {"type": "VOIP"}, "POST", f"{W}/audio", {}, {"type": "VOIP"}),
    ("getWebinarMeetingTimes", BOTH, KEYS, "GET", f"{W}/meetingtimes", {}, None),
    ("getWebinarPanelists", BOTH, KEYS, "GET", f"{W}/panelists", {}, None),
    (
        "createPanelists",
        BOTH,
        KEYS | {"name": "Ada", "email": "a@b.c"},
        "POST",
        f"{W}/panelists",
        {},
        [{"email": "a@b.c", "name": "Ada"}],
    ),
    ("resendPanelistInvitation", BOTH, PANELIST, "POST", f"{W}/panelists/9/resendInvitation", {}, None),
    ("deleteWebinarPanelist", BOTH, PANELIST, "DELETE", f"{W}/panelists/9", {}, None),
    ("getPerformanceForAllWebinarSessions", BOTH, KEYS, "GET", f"{W}/performance", {}, None),
    ("getAllAccountWebinars", BOTH, PERIOD, "GET", "/accounts/22/webinars", PERIOD, None),
    ("getInSessionWebinars", ("v2",), {}, "GET", f"{O}/insessionWebinars", {"toTime": NOW}, None),
    ("getStartUrl", ("v2",), KEYS, "GET", "/webinars/5/startUrl", {}, None),
    ("copyWebinar", ("v2",), KEYS | {"subject": "Copy"}, "PUT", "/webinars/5/copy", {}, {"subject": "Copy"}),
    (
        "createRegistrant",
        BOTH,
        KEYS | PERSON | {"resendConfirmation": "true"},
        "POST",
        f"{W}/registrants",
        {"resendConfirmation": "true"},
        PERSON,
    ),
    (
        "createRegistrant",
        BOTH,
        KEYS | PERSON | {"roleInPurchaseProcess": "r"},
        "POST",
        f"{W}/registrants",
        {},
        PERSON | {"purchasingRole": "r"},
    ),
    ("listRegistrants", BOTH, KEYS, "GET", f"{W}/registrants", {}, None),
    (
        "listRegistrants",
        ("v2",),
        KEYS | {"page": "1", "limit": "9"},
        "GET",
        f"{W}/registrants",
        {"page": "1", "limit": "9"},
        None,
    ),
    ("getRegistrantById", BOTH, REGISTRANT, "GET", f"{W}/registrants/7", {}, None),
    ("getRegistrationFields", BOTH, KEYS, "GET", f"{W}/registrants/fields", {}, None),
    ("deleteRegistrant", BOTH, REGISTRANT, "DELETE", f"{W}/registrants/7", {}, None),
    ("getOrganizerSessions", BOTH, PERIOD, "GET", f"{O}/sessions", PERIOD, None),
    ("listSessions", BOTH, KEYS, "GET", f"{W}/sessions", {}, None),
    ("getSessionById", BOTH, SESSION, "GET", S, {}, None),
    ("listSessionAttendees", BOTH, SESSION, "GET", f"{S}/attendees", {}, None),
    ("getSessionPerformance", BOTH, SESSION, "GET", f"{S}/performance", {}, None),
    ("getSessionPolls", BOTH, SESSION, "GET", f"{S}/polls", {}, None),
    ("getSessionQuestions", BOTH, SESSION, "GET", f"{S}/questions", {}, None),
    ("getSessionSurveys", BOTH, SESSION, "GET", f"{S}/surveys", {}, None),
    ("getSessionAttendees", BOTH, SESSION, "GET", f"{S}/attendees", {}, None),
    ("getAttendee", BOTH, ATTENDEE, "GET", A, {}, None),
    ("getAttendeePollAnswers", BOTH, ATTENDEE, "GET", f"{A}/polls", {}, None),
    ("getAttendeeQuestions", BOTH, ATTENDEE, "GET", f"{A}/questions", {}, None),
    ("getAttendeeSurveyAnswers", BOTH, ATTENDEE, "GET", f"{A}/surveys", {}, None),
    (
        "createCOOrganizer",
        BOTH,
        KEYS | {"external": "false", "organizerKey": "8"},
        "POST",
        f"{W}/coorganizers",
        {},
        [{"external": False, "organizerKey": "8"}],
    ),
    ("listCOOrganizers", BOTH, KEYS, "GET", f"{W}/coorganizers", {}, None),
    ("deleteCOOrganizer", BOTH, COORGANIZER, "DELETE", f"{W}/coorganizers/8", {"external": "true"}, None),
    ("resendInvitation", BOTH, COORGANIZER, "POST", f"{W}/coorganizers/8/resendInvitation", {"external": "true"}, None),
    ("searchAssets", ("v2",), {"name": "n"}, "POST", "/recordingassets/search", {}, {"accountKey": "22", "name": "n"}),
    (
        "searchAssetsForAdmin",
        ("v2",),
        {"sortOrder": "ASC"},
        "POST",
        "/accounts/22/recordingassets/search",
        {},
        {"organizerKey": "11", "sortOrder": "ASC"},
    ),
    ("getRecordingAssets", ("v2",), KEYS, "GET", "/webinars/5/recordingAssets", {}, None),
    ("createSecretKey", ("v2",), {}, "POST", "/webhooks/secretkey", {}, {}),
    (
        "createWebhooks",
        ("v2",),
        {"callbackUrl": CALLBACK, "eventName": "registrant.added"},
        "POST",
        "/webhooks",
        {},
        [{"callbackUrl": CALLBACK, "eventName": "registrant.added", "eventVersion": "1.0.0", "product": "g2w"}],
    ),
    (
        "updateWebhooks",
        ("v2",),
        {"webhookKey": "w", "state": "ACTIVE"},
        "PUT",
        "/webhooks",
        {},
        [{"webhookKey": "w", "state": "ACTIVE"}],
    ),
    ("getWebhooks", ("v2",), {}, "GET", "/webhooks", {"product": "g2w"}, None),
    ("getWebhook", ("v2",), {"webhookKey": "w"}, "GET", "/webhooks/w", {}, None),
    ("deleteWebhooks", ("v2",), {"webhookKeys": "w,x"}, "DELETE", "/webhooks", {}, ["w", "x"]),
    (
        "createUserSubscriptions",
        ("v2",),
        {"webhookKey": "w"},
        "POST",
        "/userSubscriptions",
        {},
        [{"webhookKey": "w", "userSubscriptionState": "ACTIVE"}],
    ),
    (
        "updateUserSubscriptions",
        ("v2",),
        {"webhookKey": "w", "userSubscriptionKey": "u", "userSubscriptionState": "INACTIVE"},
        "PUT",
        "/userSubscriptions",
        {},
        [{"webhookKey": "w", "userSubscriptionKey": "u", "userSubscriptionState": "INACTIVE"}],
    ),
    ("getUserSubscriptions", ("v2",), {}, "GET", "/userSubscriptions", {"product": "g2w"}, None),
    ("getUserSubscription", ("v2",), {"userSubscriptionKey": "u"}, "GET", "/userSubscriptions/u", {}, None),
    ("deleteUserSubscriptions", ("v2",), {"userSubscriptionKeys": "u"}, "DELETE", "/userSubscriptions", {}, ["u"]),
]
CALLS = [(version, *row[:1], *row[2:]) for row in ROWS for version in row[1]]


def identity(request: HttpRequest) -> HttpResponse:
    return response(body=b'{"key": 11, "accountKey": "22"}' if request.url.endswith("/me") else b"{}")


async def run(version: str, operation: str, inside: str, account: str = "", host: str = HOST) -> StubClient:
    specs, problems = discover([shipped_connectors()], CLOCK)
    assert not list(problems)
    http = StubClient(identity)
    harness = Harness(http=http, catalog=language().with_specs(specs))
    account = account or "<organizerKey>11</organizerKey><accountKey>22</accountKey>"
    base = f"<apiUrl>{host}</apiUrl><apiVersion>{version}</apiVersion><accessToken>t</accessToken>"
    steps = f"<gotowebinar.init>{base}{account}</gotowebinar.init>{_step(operation, inside)}"
    await harness.run(steps, harness.message(b"{}"))
    return http


def _step(operation: str, inside: str) -> str:
    return f"<gotowebinar.{operation}>{inside}</gotowebinar.{operation}>"


def elements(parameters: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in parameters.items())


@pytest.mark.parametrize(("version", "operation", "parameters", "method", "path", "query", "body"), CALLS)
async def test_request(
    version: str,
    operation: str,
    parameters: Mapping[str, str],
    method: str,
    path: str,
    query: Mapping[str, str],
    body: Any,
) -> None:
    [request] = (await run(version, operation, elements(parameters))).requests
    url = urlsplit(request.url)
    base = "/G2W/rest/v2" if version == "v2" else "/G2W/rest"
    assert (request.method, url.path, dict(parse_qsl(url.query))) == (method, base + path, dict(query))
    assert isinstance(request.body, bytes)
    assert (json.decode(request.body) if request.body else None) == body
    assert dict(request.headers)[b"authorization"] == (b"Bearer t" if version == "v2" else b"t")


def test_every_operation_is_in_the_table() -> None:
    declared = yaml.safe_load((shipped_connectors() / "gotowebinar" / FILE).read_text())["operations"]
    assert sorted({row[0] for row in ROWS}) == sorted(declared)
    assert len(declared) + len(("init", "getAccessTokenFromRefreshToken")) == 38 + 20


@pytest.mark.parametrize("operation", ["copyWebinar", "createSecretKey"])
async def test_version_1_lacks_some(operation: str) -> None:
    with pytest.raises(Fault, match=f"<gotowebinar.{operation}> is an operation of v2, and this connection speaks v1"):
        await run("v1", operation, elements(KEYS) if operation == "copyWebinar" else "")


@pytest.mark.parametrize(
    ("version", "accept"), [("v1", b"application/vnd.citrix.g2wapi-v1.1+json"), ("v2", b"application/json")]
)
async def test_all_fields_of_a_registrant_count(version: str, accept: bytes) -> None:
    [request] = (await run(version, "createRegistrant", elements(KEYS | PERSON))).requests
    assert dict(request.headers)[b"accept"] == accept


async def test_version_1_wants_a_period() -> None:
    with pytest.raises(Fault, match="fromTime is required; toTime is required"):
        await run("v1", "listHistoricalWebinars", "")


async def test_the_two_must_agree() -> None:
    with pytest.raises(Fault, match="apiVersion must be v2, as apiUrl says"):
        await run("v1", "getAllWebinars", "", host=f"{HOST}/G2W/rest/v2")


@pytest.mark.parametrize(
    ("account", "urls"),
    [
        (elements({"organizerKey": "11", "accountKey": "22"}), ["/G2W/rest/v2/accounts/22/webinars"]),
        (elements({"organizerKey": "11"}), ["/admin/rest/v1/me", "/G2W/rest/v2/accounts/22/webinars"]),
        ("<timeout>5</timeout>", ["/admin/rest/v1/me", "/G2W/rest/v2/accounts/22/webinars"]),
    ],
)
async def test_keys_that_are_missing_are_asked_for(account: str, urls: list[str]) -> None:
    requests = (await run("v2", "getAllAccountWebinars", elements(PERIOD), account)).requests
    assert [urlsplit(request.url).path for request in requests] == urls
    assert all(dict(request.headers)[b"authorization"] == b"Bearer t" for request in requests)
