"""The token endpoints, and the rule which access tokens are good.

https://developer.goto.com/guides/Authentication/05_HOW_refreshToken
"""

from __future__ import annotations

import base64
import binascii
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from connectors.gotowebinar.simulator.messages import Answer, ApiError, Request, edge_error, json_answer
from connectors.gotowebinar.simulator.seed import ACCOUNT_KEY, ORGANIZER_KEY

TOKEN_PATHS = {"/oauth/token": "POST", "/oauth/v2/token": "POST", "/oauth/access_token": "GET"}


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """How the token endpoints answer. The defaults are today's server.

    ``organizer_keys`` gives the answer of the older server, which names organizer and account and always repeats the
    refresh token. ``rotate_refresh_token`` gives a new refresh token and refuses the old one from then on.
    ``expires_in`` is in seconds.
    """

    rotate_refresh_token: bool = False
    organizer_keys: bool = False
    expires_in: int = 3600


class TokenServer:
    """Takes any client and any token, except tokens marked bad and issued tokens whose time is over."""

    def __init__(self, policy: TokenPolicy) -> None:
        self.policy = policy
        self.clear()

    def clear(self) -> None:
        self._expired: set[str] = set()
        self._revoked: set[str] = set()
        self._expires_at: dict[str, datetime] = {}
        self._numbers = itertools.count(1)

    def expire(self, access_token: str) -> None:
        self._expired.add(access_token)

    def revoke(self, refresh_token: str) -> None:
        self._revoked.add(refresh_token)

    def accepts(self, authorization: str, now: datetime) -> bool:
        token = access_token(authorization)
        expires_at = self._expires_at.get(token)
        return bool(token) and token not in self._expired and (expires_at is None or now < expires_at)

    def answer(self, request: Request) -> Answer:
        """Answer a request to one of ``TOKEN_PATHS``. Raises ApiError with an RFC 6749 section 5.2 body."""
        if request.method != TOKEN_PATHS[request.path]:
            raise edge_error(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here")
        parameters = request.query if request.method == "GET" else _form(request)
        if not _client_id(request, parameters):
            raise ApiError(401, {"error": "invalid_client"})
        grant_type = parameters.get("grant_type")
        if not grant_type:
            raise ApiError(400, {"error": "invalid_request", "error_description": "grant_type is missing"})
        if grant_type != "refresh_token":
            raise ApiError(400, {"error": "unsupported_grant_type"})
        return self._refresh(parameters.get("refresh_token", ""), request.at)

    def _refresh(self, refresh_token: str, now: datetime) -> Answer:
        if not refresh_token:
            raise ApiError(400, {"error": "invalid_request", "error_description": "refresh_token is missing"})
        if refresh_token in self._revoked:
            raise ApiError(400, {"error": "invalid_grant"})
        number = next(self._numbers)
        issued = f"simulated-access-{number}"
        self._expires_at[issued] = now + timedelta(seconds=self.policy.expires_in)
        fields: dict[str, object] = {
            "access_token": issued,
            "token_type": "Bearer",
            "expires_in": self.policy.expires_in,
        }
        if self.policy.rotate_refresh_token:
            self.revoke(refresh_token)
            refresh_token = f"simulated-refresh-{number}"
        if self.policy.rotate_refresh_token or self.policy.organizer_keys:
            fields["refresh_token"] = refresh_token
        return json_answer(200, fields | self._principal())

    def _principal(self) -> dict[str, object]:
        if not self.policy.organizer_keys:
            return {"scope": "collab:", "principal": "organizer@example.com"}
        return {
            "organizer_key": str(ORGANIZER_KEY),
            "account_key": str(ACCOUNT_KEY),
            "email": "organizer@example.com",
        }


def access_token(authorization: str) -> str:
    """The token of ``<token>``, ``Bearer <token>`` or ``OAuth oauth_token=<token>``; empty when there is none."""
    scheme, space, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "oauth":
        return rest.strip().removeprefix("oauth_token=")
    return "" if space else scheme


def _form(request: Request) -> dict[str, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise ApiError(400, {"error": "invalid_request", "error_description": "the body is not a form"})
    return dict(parse_qsl(request.body.decode("latin-1")))


def _client_id(request: Request, parameters: dict[str, str]) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return parameters.get("client_id", "")
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
