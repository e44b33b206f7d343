"""The v2 answers, where they differ from v1, and what v1 never had."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from connectors.gotowebinar.simulator.people import VENDOR_TYPE

BASE = "/G2W/rest/v2"
V1_ORGANIZER = "/G2W/rest/organizers/3697511743350317068"
ORGANIZER = f"{BASE}/organizers/3697511743350317068"
ACCOUNT = f"{BASE}/accounts/7423155926043817989"
WEBINARS = f"{ORGANIZER}/webinars"
KEY = 8274965567047301900
WEBINAR = f"{WEBINARS}/{KEY}"
SESSION = f"{WEBINAR}/sessions/8802715346190248963"
ATTENDEE = f"{SESSION}/attendees/6219475027913462017"
EVER = {"fromTime": "2014-01-01T00:00:00Z", "toTime": "2017-01-01T00:00:00Z"}
ADA = {"firstName": "Ada", "lastName": "Byron", "email": "ada.byron@example.com", "city": "London"}
PAIR = {"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}
CALLBACK = "http://127.0.0.1:9/nobody"
NOT_BEARER = {"int_err_code": "InvalidToken", "msg": "Invalid token passed"}


@pytest.fixture
def v2(api: Any) -> Callable[..., Any]:
    """Calls with the scheme that version 2 wants."""

    def call(method: str, path: str, **options: Any) -> Any:
        return api(method, path, token="Bearer t", **options)

    return call


def got(v2: Any, path: str, **params: Any) -> Any:
    response = v2("GET", path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_bare_token_is_not_enough(api: Any) -> None:
    response = api("GET", WEBINAR, token="t")
    assert (response.status_code, response.json()) == (403, NOT_BEARER)
    assert api("GET", WEBINAR, token="Bearer t").status_code == 200


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ({"size": 2}, ["4255157664015486220", "5452440042032782081"]),
        ({"size": 2, "page": 1}, ["8274965567047301900"]),
        ({"page": 3}, []),
    ],
)
def test_webinars_come_in_pages(v2: Any, page: dict[str, int], keys: list[str]) -> None:
    answer = got(v2, WEBINARS, **EVER, **page)
    found = [webinar["webinarKey"] for webinar in answer.get("_embedded", {}).get("webinars", [])]
    size = page.get("size", 20)
    assert found == keys
    assert answer["page"] == {
        "size": size,
        "totalElements": 3,
        "totalPages": -(-3 // size),
        "number": page.get("page", 0),
    }


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "fromTime is required."),
        ({"fromTime": EVER["fromTime"]}, "toTime is required."),
        (EVER | {"size": "201"}, "size must be between 1 and 200."),
        (EVER | {"size": "x"}, "size must be a whole number."),
        (EVER | {"page": "-1"}, "page must be a whole number."),
    ],
)
def test_lists_want_a_period_and_a_good_page(api: Any, v2: Any, params: dict[str, str], description: str) -> None:
    response = v2("GET", WEBINARS, params=params)
    assert api.business_error(response) == (400, "InvalidRequest", description)


def test_keys_are_text_in_lists_and_numbers_in_single_answers(v2: Any) -> None:
    [listed] = [
        each for each in got(v2, WEBINARS, **EVER)["_embedded"]["webinars"] if each["subject"] == "Product update"
    ]
    single = got(v2, WEBINAR)
    assert (listed["webinarKey"], single["webinarKey"]) == (str(KEY), KEY)
    assert single["numberOfRegistrants"] == 6
    assert "numberOfOpenedInvitations" not in single
    assert listed["accountKey"] == single["accountKey"] == "7423155926043817989"


def test_webinars_of_the_account(v2: Any) -> None:
    assert len(got(v2, f"{ACCOUNT}/webinars", **EVER)["_embedded"]["webinars"]) == 3


def test_webinars_in_session(api: Any, v2: Any) -> None:
    assert got(v2, f"{ORGANIZER}/insessionWebinars", toTime=EVER["toTime"]) == []
    api.clock.now = datetime(2016, 6, 22, 9, 30, tzinfo=UTC)
    [running] = got(v2, f"{ORGANIZER}/insessionWebinars", toTime=EVER["toTime"])
    assert (running["webinarKey"], running["inSession"]) == (KEY, True)


def test_past_webinars_can_be_deleted(v2: Any) -> None:
    assert v2("DELETE", f"{WEBINARS}/4255157664015486220?deleteAll=true").status_code == 204


def test_start_url_and_copy(v2: Any) -> None:
    assert got(v2, f"{BASE}/webinars/{KEY}/startUrl")["startUrl"].endswith(str(KEY))
    copied = v2("PUT", f"{BASE}/webinars/{KEY}/copy", json={"subject": "Again", "times": [PAIR]})
    assert copied.status_code == 201
    copy = got(v2, f"{WEBINARS}/{copied.json()['webinarKey']}")
    assert (copy["subject"], copy["times"], copy["timeZone"]) == ("Again", [PAIR], "Asia/Colombo")


def test_a_sequence(v2: Any) -> None:
    recurrence = {"recurrenceStart": PAIR, "recurrencePattern": "weekly", "recurrenceEnd": "2016-07-09T16:45:58Z"}
    created = v2("POST", WEBINARS, json={"subject": "s", "type": "sequence"} | recurrence)
    assert got(v2, f"{WEBINARS}/{created.json()['webinarKey']}/meetingtimes") == [PAIR]


# -------------------------------------------------------------------- registrants


@pytest.mark.parametrize(
    ("base", "accept", "keeps_city"),
    [
        (f"{V1_ORGANIZER}/webinars/{KEY}", VENDOR_TYPE, True),
        (f"{V1_ORGANIZER}/webinars/{KEY}", "application/json", False),
        (WEBINAR, VENDOR_TYPE, False),
        (WEBINAR, "application/json", True),
    ],
)
def test_accept_means_the_opposite_in_the_other_version(v2: Any, base: str, accept: str, keeps_city: bool) -> None:
    created = v2("POST", f"{base}/registrants", json=ADA, headers={"Accept": accept})
    assert created.status_code == 201
    registrant = got(v2, f"{base}/registrants/{created.json()['registrantKey']}")
    assert ("city" in registrant) == keeps_city


def test_somebody_who_is_registered_already(v2: Any) -> None:
    first = v2("POST", f"{WEBINAR}/registrants", json=ADA).json()
    again = v2("POST", f"{WEBINAR}/registrants", json=ADA)
    assert again.status_code == 409
    assert again.json()["registrantKey"] == first["registrantKey"]


def test_registrants_come_in_pages_only_when_asked(v2: Any) -> None:
    everybody = got(v2, f"{WEBINAR}/registrants")
    assert isinstance(everybody, list)
    page = got(v2, f"{WEBINAR}/registrants", limit=4, page=1)
    assert page == {"data": everybody[4:], "total": 6, "page": 1, "limit": 4, "pageSize": 2}


def test_registration_can_be_cancelled(api: Any, v2: Any) -> None:
    key = got(v2, f"{WEBINAR}/registrants")[0]["registrantKey"]
    assert v2("DELETE", f"{WEBINAR}/registrants/{key}").status_code == 204
    gone = (404, "NotFound", "Registrant with specified key does not exist.")
    assert api.business_error(v2("DELETE", f"{WEBINAR}/registrants/{key}")) == gone
    assert len(got(v2, f"{WEBINAR}/registrants")) == 5


def test_registration_fields(v2: Any) -> None:
    form = got(v2, f"{WEBINAR}/registrants/fields")
    assert [each["field"] for each in form["fields"] if each["required"]] == ["firstName", "lastName", "email"]
    assert form["questions"][0]["questionKey"] > 2**53


# -------------------------------------------------------------------- sessions


def test_sessions(v2: Any) -> None:
    [session] = got(v2, f"{WEBINAR}/sessions")["_embedded"]["sessionInfoResources"]
    assert (session["sessionKey"], session["registrantsAttended"]) == ("8802715346190248963", 3)
    assert len(got(v2, f"{ORGANIZER}/sessions", **EVER)["_embedded"]["sessionInfoResources"]) == 3
    [v1_session] = got(v2, f"{V1_ORGANIZER}/webinars/{KEY}/sessions")
    assert v1_session == {
        "sessionKey": 8802715346190248963,
        "webinarKey": KEY,
        "webinarID": "118046523",
        "startTime": "2016-05-25T09:00:00Z",
        "endTime": "2016-05-25T10:00:00Z",
        "registrantsAttended": 3,
    }


def test_what_a_session_tells(v2: Any) -> None:
    assert got(v2, f"{SESSION}/performance")["sessionInfo"]["webinarName"] == "Product update"
    assert got(v2, f"{SESSION}/polls")[0] == {
        "question": "Do you use the product?",
        "numberOfResponses": 3,
        "responses": [{"text": "No", "percentage": 200 / 3}, {"text": "Yes", "percentage": 100 / 3}],
    }
    assert got(v2, f"{SESSION}/surveys") == []
    assert len(got(v2, f"{SESSION}/questions")) == 5
    assert len(got(v2, f"{SESSION}/attendees")) == len(got(v2, SESSION)) == 3


def test_what_an_attendee_did(v2: Any) -> None:
    assert got(v2, ATTENDEE)["email"] == "katherine.johnson@example.com"
    assert got(v2, f"{ATTENDEE}/polls")[0] == {
        "question": "Do you use the product?",
        "answer": "Yes",
        "answers": ["Yes"],
    }
    assert [each["question"] for each in got(v2, f"{ATTENDEE}/questions")] == ["When?", "Is it signed?"]
    assert got(v2, f"{ATTENDEE}/surveys") == []


def test_attendees_of_all_sessions(v2: Any) -> None:
    answer = got(v2, f"{WEBINAR}/attendees")
    assert len(answer["_embedded"]["attendeeParticipationResponses"]) == 3


# -------------------------------------------------------------------- co-organizers, panelists, recordings


def test_coorganizers(api: Any, v2: Any) -> None:
    colleague = {"external": False, "organizerKey": "12345"}
    guest = {"external": True, "givenName": "Mary", "email": "mary@example.com"}
    created = v2("POST", f"{WEBINAR}/coorganizers", json=[colleague, guest]).json()
    assert [each["external"] for each in created] == [False, True]
    path = f"{WEBINAR}/coorganizers/{created[1]['memberKey']}"
    missing = (404, "NotFound", "Co-organizer with specified key does not exist.")
    assert api.business_error(v2("DELETE", path)) == missing
    assert v2("POST", f"{path}/resendInvitation?external=true").status_code == 204
    assert v2("DELETE", f"{path}?external=true").status_code == 204
    assert [each["memberKey"] for each in got(v2, f"{WEBINAR}/coorganizers")] == [created[0]["memberKey"]]


def test_panelists_are_removed(v2: Any) -> None:
    path = f"{WEBINAR}/panelists/2170345618230967042"
    assert v2("POST", f"{path}/resendInvitation").status_code == 204
    assert v2("DELETE", path).status_code == 204
    assert [each["name"] for each in got(v2, f"{WEBINAR}/panelists")] == ["Donald Knuth"]


def test_recordings(v2: Any) -> None:
    found = v2("POST", f"{BASE}/recordingassets/search", json={"accountKey": "1", "sortField": "NAME"}).json()
    assert [each["name"] for each in found["_embedded"]["recordingAssets"]] == ["Year in review", "Getting started"]
    search = {"organizerKey": "1", "name": "start"}
    found = v2("POST", f"{ACCOUNT}/recordingassets/search", json=search).json()
    assert [each["name"] for each in found["_embedded"]["recordingAssets"]] == ["Getting started"]
    of_one = got(v2, f"{BASE}/webinars/4255157664015486220/recordingAssets")
    assert [each["name"] for each in of_one["data"]] == ["Year in review"]


# -------------------------------------------------------------------- webhooks


class Receiver:
    """A place for events; ``received`` are signature and body, ``arrived`` is set with each."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.arrived = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((self.headers["X-Webhook-Signature"], body))
                self.send_response(200)
                self.end_headers()
                receiver.arrived.set()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.thread.join()
    receiver.server.server_close()


def subscribed(v2: Any, url: str, event: str = "registrant.added") -> tuple[str, str, str]:
    """Secret, webhook and subscription, all active."""
    secret = v2("POST", f"{BASE}/webhooks/secretkey", json={}).json()["value"]
    webhook = {"callbackUrl": url, "eventName": event, "eventVersion": "1.0.0", "product": "g2w"}
    created = v2("POST", f"{BASE}/webhooks", json=[webhook]).json()
    key = created["_embedded"]["webhooks"][0]["webhookKey"]
    assert v2("PUT", f"{BASE}/webhooks", json=[{"webhookKey": key, "state": "ACTIVE"}]).status_code == 204
    subscription = {"webhookKey": key, "userSubscriptionState": "ACTIVE"}
    created = v2("POST", f"{BASE}/userSubscriptions", json=[subscription]).json()
    return secret, key, created["_embedded"]["userSubscriptions"][0]["userSubscriptionKey"]


def test_events_are_signed(v2: Any, receiver: Receiver) -> None:
    secret, _, _ = subscribed(v2, receiver.url)
    v2("POST", f"{WEBINAR}/registrants", json=ADA)
    assert receiver.arrived.wait(30)
    [(signature, body)] = receiver.received
    assert signature == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    event = json.loads(body)
    assert (event["eventName"], event["webinarKey"], event["email"]) == ("registrant.added", str(KEY), ADA["email"])


def test_nobody_is_told_of_other_events_or_when_inactive(api: Any, v2: Any) -> None:
    _, webhook, subscription = subscribed(v2, CALLBACK, "webinar.created")
    v2("POST", f"{WEBINAR}/registrants", json=ADA)
    inactive = {"webhookKey": webhook, "userSubscriptionKey": subscription, "userSubscriptionState": "INACTIVE"}
    assert v2("PUT", f"{BASE}/userSubscriptions", json=[inactive]).status_code == 204
    alone = got(v2, f"{BASE}/userSubscriptions/{subscription}")
    assert alone["activationState"] == "INACTIVE"
    assert "state" not in alone  # that of the webhook
    assert v2("POST", WEBINARS, json={"subject": "s", "times": [PAIR]}).status_code == 201
    assert api.simulator.delivered == []
    assert api.simulator.store.deliveries == []


def test_webhooks_are_listed_and_deleted(api: Any, v2: Any) -> None:
    _, webhook, subscription = subscribed(v2, CALLBACK)
    [listed] = got(v2, f"{BASE}/webhooks", product="g2w")["_embedded"]["webhooks"]
    assert listed == got(v2, f"{BASE}/webhooks/{webhook}")
    [user] = got(v2, f"{BASE}/userSubscriptions", product="g2w")["_embedded"]["userSubscriptions"]
    assert (user["userSubscriptionKey"], user["activationState"]) == (subscription, "ACTIVE")
    assert v2("DELETE", f"{BASE}/userSubscriptions", json=[subscription]).status_code == 202
    assert v2("DELETE", f"{BASE}/webhooks", json=[webhook]).status_code == 202
    gone = (404, "NotFound", "Webhook with specified key does not exist.")
    assert api.business_error(v2("GET", f"{BASE}/webhooks/{webhook}")) == gone


@pytest.mark.parametrize(
    ("method", "path", "body", "description"),
    [
        ("POST", "/webhooks", [], "The request body must hold at least one item."),
        ("POST", "/webhooks", [{"eventName": "x"}], "eventName must be one of registrant.added"),
        ("GET", "/webhooks", None, "product is required and must be g2w."),
        ("POST", "/recordingassets/search", {}, "accountKey is required."),
        ("PUT", f"/webinars/{KEY}/copy", {"timeZone": "Mars"}, "timeZone must be a valid time zone ID."),
    ],
)
def test_bad_requests(api: Any, v2: Any, method: str, path: str, body: Any, description: str) -> None:
    status, code, found = api.business_error(v2(method, BASE + path, **({} if body is None else {"json": body})))
    assert (status, code) == (400, "InvalidRequest")
    assert found.startswith(description)


def test_identity(api: Any) -> None:
    assert api.get("/admin/rest/v1/me")["key"] == 3697511743350317068
    assert api("GET", "/admin/rest/v1/me", token=None).status_code == 403
