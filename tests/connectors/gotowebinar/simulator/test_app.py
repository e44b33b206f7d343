"""What holds for every path: gateway errors, headers, rate limit, ordered faults, records."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.gotowebinar.simulator import SimulatorApp

WEBINARS = "/G2W/rest/organizers/3697511743350317068/webinars"
WEBINAR = f"{WEBINARS}/8274965567047301900"
NO_SUCH_WEBINAR = (404, "NotFound", "Webinar with specified key does not exist.")
WSO2_REMOVES = {
    "Content-Language",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Origin",
    "Vary",
    "Access-Control-Max-Age",
    "Access-Control-Allow-Methods",
    "ETag",
}


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/", 404, {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}),
        ("GET", "/G2W/rest/x", 404, {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}),
        (
            "GET",
            "/G2W/rest/organizers//webinars",
            404,
            {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"},
        ),
        ("PATCH", WEBINAR, 405, {"errorCode": "METHOD_NOT_ALLOWED", "message": "PATCH is not allowed here"}),
        ("GET", "/oauth/token", 405, {"errorCode": "METHOD_NOT_ALLOWED", "message": "GET is not allowed here"}),
    ],
)
def test_gateway_errors(api: Any, method: str, path: str, status: int, body: dict[str, str]) -> None:
    answer = api(method, path)
    assert (answer.status_code, answer.json()) == (status, body)


def test_sends_the_headers_that_the_wso2_connector_removes(api: Any) -> None:
    for path in (WEBINAR, f"{WEBINARS}/1"):
        assert all(name in api("GET", path).headers for name in WSO2_REMOVES)


def test_rate_limit_per_organizer_and_second(start: Any) -> None:
    api = start(rate_limit=10)
    assert [api("GET", WEBINARS).status_code for _ in range(11)] == [200] * 10 + [429]
    refused = {"errorCode": "TOO_MANY_REQUESTS", "message": "Rate limit exceeded"}
    assert api("GET", WEBINARS).json() == refused
    assert api("GET", "/G2W/rest/organizers/1/webinars").status_code == 200
    api.clock.now += timedelta(seconds=1)
    assert api("GET", WEBINARS).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "received"),
    [
        ({"a": 1}, "application/json", b'{"a": 1}'),
        ("busy", "text/plain", b"busy"),
        (b"\x00", "application/octet-stream", b"\x00"),
    ],
)
def test_fail_next(api: Any, body: Any, content_type: str, received: bytes) -> None:
    api.simulator.fail_next(503, body=body, headers={"Retry-After": "1", "Content-Type": content_type}, times=2)
    for _ in range(2):
        failed = api("DELETE", WEBINAR)
        assert (failed.status_code, failed.content, failed.headers["Retry-After"]) == (503, received, "1")
        assert failed.headers["Content-Type"] == content_type
    assert api("GET", WEBINAR).status_code == 200  # not carried out


def test_fail_next_has_a_body_of_its_own(api: Any) -> None:
    api.simulator.fail_next(500)
    assert api.business_error(api("GET", WEBINAR)) == (500, "InternalServerError", "Internal Server Error")


def test_faults_come_in_the_order_they_were_asked_for(api: Any) -> None:
    api.simulator.fail_next(500)
    api.simulator.break_next("json")
    api.simulator.fail_next(502)
    assert [api("GET", WEBINAR).status_code for _ in range(4)] == [500, 200, 502, 200]


def test_delayed_request_is_carried_out(api: Any) -> None:
    api.simulator.delay_next(60)
    with pytest.raises(requests.ReadTimeout):
        api("DELETE", WEBINAR, timeout=0.2)
    assert api.business_error(api("GET", WEBINAR)) == NO_SUCH_WEBINAR


def test_delay_ends_by_itself(api: Any) -> None:
    api.simulator.delay_next(0.05)
    answer = api("GET", WEBINAR)
    assert answer.status_code == 200
    assert answer.elapsed >= timedelta(seconds=0.05)


def test_broken_json(api: Any) -> None:
    api.simulator.break_next("json")
    with pytest.raises(requests.JSONDecodeError):
        api.get(WEBINAR)


def test_reset(api: Any) -> None:
    api.simulator.break_next("reset")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        api("GET", WEBINAR)


@pytest.mark.parametrize(("method", "path"), [("GET", WEBINAR), ("DELETE", WEBINAR)])
def test_truncate(api: Any, method: str, path: str) -> None:
    api.simulator.break_next("truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api(method, path)


def test_records_requests(api: Any) -> None:
    api("PUT", f"{WEBINAR}?notifyParticipants=true", json={"subject": "Grüße"})
    [request] = api.simulator.requests
    assert (request.method, request.path, request.query) == ("PUT", WEBINAR, {"notifyParticipants": "true"})
    assert request.headers["authorization"] == "t"
    assert (request.json(), request.at) == ({"subject": "Grüße"}, api.clock.now)


def test_reset_forgets(api: Any) -> None:
    api.simulator.expire("t")
    api.simulator.revoke("r")
    api("DELETE", WEBINAR, token="other")
    api.simulator.fail_next(500)
    api.simulator.reset()
    assert api.simulator.requests == []
    assert api("GET", WEBINAR).status_code == 200
    form = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "c"}
    assert api("POST", "/oauth/token", data=form).json()["access_token"] == "simulated-access-1"


def test_logs_one_line_per_request_without_secrets(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "myelin.simulator"):
        api("GET", f"{WEBINARS}/1?access_token=hidden", token="hidden")
    assert caplog.messages == [f"GET {WEBINARS}/1 -> 404"]


async def test_runs_in_an_existing_loop() -> None:
    app = SimulatorApp()
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": WEBINAR,
        "raw_path": WEBINAR.encode(),
        "query_string": b"",
        "headers": [(b"authorization", b"t")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200
    assert json.loads(sent[1]["body"])["webinarKey"] == 8274965567047301900
