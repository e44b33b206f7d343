"""Access tokens, and the endpoints that issue them."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.gotowebinar.simulator import TokenPolicy

WEBINARS = "/G2W/rest/organizers/3697511743350317068/webinars"
WEBINAR = f"{WEBINARS}/8274965567047301900"
INVALID_TOKEN = {"int_err_code": "InvalidToken", "msg": "Invalid token passed"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "c"}


@pytest.mark.parametrize("token", ["t", "Bearer t", "bearer t", "OAuth oauth_token=t"])
def test_forms_of_the_access_token(api: Any, token: str) -> None:
    assert api("GET", WEBINAR, token=token).status_code == 200
    api.simulator.expire("t")
    refused = api("GET", WEBINAR, token=token)
    assert (refused.status_code, refused.json()) == (403, INVALID_TOKEN)


@pytest.mark.parametrize("token", [None, "", "Basic dDp0", "Bearer", "OAuth"])
def test_no_access_token(api: Any, token: str | None) -> None:
    refused = api("GET", WEBINAR, token=token)
    assert (refused.status_code, refused.json()) == (403, INVALID_TOKEN)


def refresh(api: Any, path: str = "/oauth/token", **changes: str) -> requests.Response:
    parameters = {name: value for name, value in (REFRESH | changes).items() if value}
    if path == "/oauth/access_token":
        return api("GET", path, token=None, params=parameters)
    return api("POST", path, token=None, data=parameters)


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/v2/token", "/oauth/access_token"])
def test_issued_token_works_until_it_expires(api: Any, path: str) -> None:
    answer = refresh(api, path)
    assert answer.json() == {
        "access_token": "simulated-access-1",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "collab:",
        "principal": "organizer@example.com",
    }
    api.clock.now += timedelta(seconds=3599)
    assert api("GET", WEBINAR, token="Bearer simulated-access-1").status_code == 200
    api.clock.now += timedelta(seconds=1)
    assert api("GET", WEBINAR, token="Bearer simulated-access-1").json() == INVALID_TOKEN


def test_client_by_basic_authentication(api: Any) -> None:
    basic = "Basic " + base64.b64encode(b"client:secret").decode()
    form = {"grant_type": "refresh_token", "refresh_token": "r"}
    assert api("POST", "/oauth/token", token=basic, data=form).status_code == 200
    assert api("POST", "/oauth/token", token="Basic ???", data=form).json() == {"error": "invalid_client"}


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/access_token"])
@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "revoked"}, 400, "invalid_grant"),
    ],
)
def test_refused_refresh(api: Any, path: str, changes: dict[str, str], status: int, error: str) -> None:
    api.simulator.revoke("revoked")
    answer = refresh(api, path, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_token_request_must_be_a_form(api: Any) -> None:
    answer = api("POST", "/oauth/token", json=REFRESH)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_old_server_names_the_organizer_and_repeats_the_refresh_token(start: Any) -> None:
    answer = refresh(start(tokens=TokenPolicy(organizer_keys=True))).json()
    assert answer["refresh_token"] == "r"
    assert (answer["organizer_key"], answer["account_key"]) == ("3697511743350317068", "7423155926043817989")
    assert "principal" not in answer


def test_rotated_refresh_token_replaces_the_old_one(start: Any) -> None:
    api = start(tokens=TokenPolicy(rotate_refresh_token=True, expires_in=60))
    answer = refresh(api).json()
    assert (answer["refresh_token"], answer["expires_in"]) == ("simulated-refresh-1", 60)
    assert refresh(api).json() == {"error": "invalid_grant"}
    assert refresh(api, refresh_token="simulated-refresh-1").json()["refresh_token"] == "simulated-refresh-2"
