"""Every operation against the simulator, on both versions: the API takes what the connector sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from connectors.gotowebinar.simulator.store import Registrant
from engine.plugins.discovery import FILE
from engine.runtime.catalog import shipped_connectors

from .conftest import Engine

WEBINAR = {"webinarKey": "8274965567047301900"}
SESSION = WEBINAR | {"sessionKey": "8802715346190248963"}
ATTENDEE = SESSION | {"registrantKey": "6219475027913462017"}
REGISTRANT = WEBINAR | {"registrantKey": "6219475027913462017"}
PANELIST = WEBINAR | {"panelistKey": "2170345618230967042"}
GUEST = {"webinarKey": "5452440042032782081", "coorganizerKey": "2170345618230967051", "external": "true"}
EVER = {"fromTime": "2014-01-01T00:00:00Z", "toTime": "2017-01-01T00:00:00Z"}
TIMES = {"webinarStartTime": "2016-06-09T16:45:58Z", "webinarEndTime": "2016-06-09T17:45:58Z"}
PERSON = {"firstName": "Ada", "lastName": "Byron", "email": "ada.byron@example.com"}

PARAMETERS: dict[str, Mapping[str, str]] = {
    "listHistoricalWebinars": EVER,
    "createWebinar": {"subject": "s"} | TIMES,
    "updateWebinar": WEBINAR | {"subject": "s"},
    "updateAudioInformation": WEBINAR | {"type": "VOIP"},
    "createPanelists": WEBINAR | {"name": "Ada", "email": "ada@example.com"},
    "resendPanelistInvitation": PANELIST,
    "deleteWebinarPanelist": PANELIST,
    "getAllAccountWebinars": EVER,
    "copyWebinar": WEBINAR | {"subject": "Again"},
    "createRegistrant": WEBINAR | PERSON | {"city": "London", "roleInPurchaseProcess": "decides"},
    "getRegistrantById": REGISTRANT,
    "deleteRegistrant": REGISTRANT,
    "getOrganizerSessions": EVER,
    "getSessionById": SESSION,
    "listSessionAttendees": SESSION,
    "getSessionAttendees": SESSION,
    "getSessionPerformance": SESSION,
    "getSessionPolls": SESSION,
    "getSessionQuestions": SESSION,
    "getSessionSurveys": SESSION,
    "getAttendee": ATTENDEE,
    "getAttendeePollAnswers": ATTENDEE,
    "getAttendeeQuestions": ATTENDEE,
    "getAttendeeSurveyAnswers": ATTENDEE,
    "createCOOrganizer": WEBINAR | {"external": "true", "givenName": "Mary", "email": "mary@example.com"},
    "deleteCOOrganizer": GUEST,
    "resendInvitation": GUEST,
}
"""Parameters by operation; the others take the webinar, or nothing."""

STATUS = {
    "createWebinar": 201,
    "copyWebinar": 201,
    "createPanelists": 201,
    "createRegistrant": 201,
    "createCOOrganizer": 201,
    "updateWebinar": 202,
    "cancelWebinar": 204,
    "updateAudioInformation": 204,
    "resendPanelistInvitation": 204,
    "deleteWebinarPanelist": 204,
    "deleteRegistrant": 204,
    "deleteCOOrganizer": 204,
    "resendInvitation": 204,
}
"""Good answers that are not 200."""

OPERATIONS: dict[str, Any] = yaml.safe_load((shipped_connectors() / "gotowebinar" / FILE).read_text())["operations"]
ABOUT_WEBHOOKS = frozenset(name for name in OPERATIONS if "Webhook" in name or "Subscription" in name)
CALLS = [
    (version, name)
    for name, entry in OPERATIONS.items()
    for version in ("v1", "v2")
    if name not in ABOUT_WEBHOOKS and ("path" in entry or "path" in entry.get(version, {}))
]


def parameters_of(operation: str) -> dict[str, str]:
    given = OPERATIONS[operation].get("parameters", {})
    return dict(PARAMETERS.get(operation, WEBINAR if "webinarKey" in given else {}))


@pytest.mark.parametrize(("version", "operation"), CALLS)
async def test_the_api_takes_it(engine: Engine, version: str, operation: str) -> None:
    account = engine.account(apiVersion=version)
    message = await engine.call(operation, parameters_of(operation), account)
    assert message.axis2["HTTP_SC"] == STATUS.get(operation, 200), message.payload.text()


async def test_webhooks_from_the_key_to_the_end(engine: Engine) -> None:
    account = engine.account(apiVersion="v2")

    async def call(operation: str, **parameters: str) -> Any:
        message = await engine.call(operation, parameters, account)
        assert message.axis2["HTTP_SC"] in (200, 202, 204), message.payload.text()
        return message.payload.json()

    event = {"callbackUrl": "https://flows.example.com/services/events", "eventName": "registrant.added"}
    assert (await call("createSecretKey"))["value"]
    webhook = (await call("createWebhooks", **event))["_embedded"]["webhooks"][0]["webhookKey"]
    await call("updateWebhooks", webhookKey=webhook, state="ACTIVE")
    assert (await call("getWebhook", webhookKey=webhook))["state"] == "ACTIVE"
    assert len((await call("getWebhooks"))["_embedded"]["webhooks"]) == 1
    created = await call("createUserSubscriptions", webhookKey=webhook)
    subscription = created["_embedded"]["userSubscriptions"][0]["userSubscriptionKey"]
    inactive = {"webhookKey": webhook, "userSubscriptionKey": subscription, "userSubscriptionState": "INACTIVE"}
    await call("updateUserSubscriptions", **inactive)
    found = await call("getUserSubscription", userSubscriptionKey=subscription)
    assert (found["userSubscriptionState"], found["activationState"]) == ("INACTIVE", "INACTIVE")
    assert len((await call("getUserSubscriptions"))["_embedded"]["userSubscriptions"]) == 1
    await call("deleteUserSubscriptions", userSubscriptionKeys=subscription)
    await call("deleteWebhooks", webhookKeys=webhook)
    assert (await call("getWebhooks"))["_embedded"]["webhooks"] == []


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("getAllWebinars", {}),
        ("listHistoricalWebinars", EVER),
        ("getAttendeesForAllWebinarSessions", WEBINAR),
        ("listRegistrants", WEBINAR),
        ("getOrganizerSessions", EVER),
        ("listSessions", WEBINAR),
    ],
)
async def test_old_flows_get_arrays_with_numeric_keys(
    engine: Engine, operation: str, parameters: Mapping[str, str]
) -> None:
    # Without a period the connector's own clock counts, which is years after the simulator's.
    period = EVER if operation == "getAllWebinars" else {}
    v1 = (await engine.call(operation, dict(parameters))).payload.json()
    account = engine.account(apiVersion="v2", resultShape="v1")
    v2 = (await engine.call(operation, {**parameters, **period}, account)).payload.json()
    assert isinstance(v2, list)
    by_key = {tuple(item[name] for name in KEYS if name in item): item for item in v2}
    for item in v1:
        same = by_key[tuple(item[name] for name in KEYS if name in item)]
        differing = {name for name in item if item[name] != same.get(name)}
        assert differing <= {"numberOfRegistrants"}


KEYS = ("webinarKey", "sessionKey", "registrantKey")


async def test_all_pages_become_one_array(engine: Engine) -> None:
    webinar = engine.simulator.store.webinars[int(WEBINAR["webinarKey"])]
    at = webinar.registrants[0].registered_at
    webinar.registrants += [Registrant(key, "Ada", "Byron", f"{key}@example.com", at) for key in range(1, 445)]
    message = await engine.call("listRegistrants", WEBINAR | {"all": "true"}, engine.account(apiVersion="v2"))
    keys = [registrant["registrantKey"] for registrant in message.payload.json()]
    assert keys == [registrant.key for registrant in webinar.registrants]
    pages = [request.query for request in engine.simulator.requests]
    assert pages == [{"page": str(number), "limit": "200"} for number in range(3)]
