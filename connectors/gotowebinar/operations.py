"""The operations of GoToWebinar that are more than a request: the account, its tokens, and the audio settings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from engine.api import Answer, Call, Connection, OAuth2, Rules, operation, request_tokens

API_PATH = "/G2W/rest"
GOTO_TOKEN_URL = "https://authentication.logmeininc.com/oauth/token"  # noqa: S105  # a URL
"""Today's token server; the ones of the older hosts are switched off
(https://developer.goto.com/guides/Authentication/New_Token_Retrieval_Migration_Guide)."""

_GOTO_DOMAINS = ("citrixonline.com", "getgo.com", "logmeininc.com", "goto.com")
_OWN_TOKEN_PATH = "/oauth/v2/token"  # noqa: S105  # a path
_INVALID_TOKEN = b"InvalidToken"
_CONFERENCE_NUMBERS = ("attendee", "organizer", "panelist")

Key = Annotated[str, Rules(type="key")]
Url = Annotated[str, Rules(type="url")]
Secret = Annotated[str, Rules(secret=True)]
Milliseconds = Annotated[int, Rules(type="integer")]


@operation("gotowebinar.init")
async def init(
    call: Call,
    api_url: Url,
    organizer_key: Key,
    access_token: Secret = "",
    refresh_token: Secret = "",
    client_id: str = "",
    registry_path: str = "",
    interval_time: Milliseconds | None = None,
    client_secret: Secret = "",
    token_url: Url = "",
    timeout: Decimal | None = None,  # noqa: ASYNC109  # of the calls that follow
) -> Connection:
    """Name the account for the operations that follow in the flow.

    A new access token is fetched when ``intervalTime`` has passed, shortly before the token server's ``expires_in`` is
    over, and when the API answers 403 InvalidToken. That takes refreshToken and clientId. The organizer stays the one
    given here, whatever the token server answers.

    Args:
        api_url: Host of the API, which means its version 1, or the whole base such as https://host/G2W/rest/v2.
        organizer_key: The organizer whose webinars are meant.
        access_token: The token to begin with. May be left out when it can be refreshed.
        refresh_token: Gets new access tokens.
        client_id: The application's key.
        registry_path: Where the registry keeps the tokens, so that they survive a restart. Its tokens go before those
            given here.
        interval_time: Milliseconds after which an access token is renewed in any case.
        client_secret: The application's secret, for token servers that ask for it.
        token_url: The token server, when it is not the one that belongs to apiUrl.
        timeout: Seconds to wait for each answer of the API.
    """
    if not access_token and not (refresh_token and client_id) and not registry_path:
        raise call.refused("accessToken", "required unless refreshToken and clientId are given")
    seconds = _timeout(call, timeout)
    base_url = _base_url(api_url)
    tokens = token_url or _token_url(api_url)
    client = OAuth2(
        owner=f"{base_url} {tokens} {organizer_key}",
        token_url=tokens,
        client_id=client_id,
        client_secret=client_secret,
        access_token=access_token,
        refresh_token=refresh_token,
        registry_path=registry_path,
        interval=None if interval_time is None else interval_time / 1000,
        # Version 1 takes the bare token, version 2 wants the scheme.
        scheme="Bearer " if base_url.endswith("/v2") else "",
        rejected_status=403,
        rejected_body=_INVALID_TOKEN,
        timeout=seconds,
    )
    return Connection(
        base_url,
        {"organizerKey": organizer_key},
        call.services.tokens.authorization(client),
        account=f"{base_url} {organizer_key}",
        timeout=seconds,
    )


@operation("gotowebinar.getAccessTokenFromRefreshToken")
async def get_access_token_from_refresh_token(
    call: Call,
    client_id: str,
    refresh_token: Secret,
    client_secret: Secret = "",
    token_url: Url = GOTO_TOKEN_URL,
) -> Answer:
    """Exchange a refresh token for an access token.

    The answer of the token server becomes the message. Flows that begin with init need no such step.

    Args:
        client_id: The application's key.
        refresh_token: The token to exchange.
        client_secret: The application's secret, for token servers that ask for it.
        token_url: The token server.
    """
    client = OAuth2(
        owner="",
        token_url=token_url,
        client_id=client_id,
        client_secret=client_secret,
        timeout=call.settings.timeout,
    )
    response = await request_tokens(call.env, client, refresh_token)
    assert isinstance(response.body, bytes)  # request_tokens reads it
    return Answer(response.status, response.body, {"Content-Type": "application/json"} if response.body else {})


def audio_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of updateAudioInformation: phone numbers for PSTN and Hybrid, an own system's for Private, else all."""
    kind = values.get("type")
    countries = {name: values[name] for name in ("tollFreeCountries", "tollCountries") if name in values}
    numbers = {name: values[name] for name in _CONFERENCE_NUMBERS if name in values}
    body: dict[str, Any] = {} if kind is None else {"type": kind}
    if countries and kind in (None, "PSTN", "Hybrid"):
        body["pstnInfo"] = countries
    if numbers and kind in (None, "Private"):
        body["privateInfo"] = numbers
    return body


@lru_cache(maxsize=256)
def _base_url(api_url: str) -> str:
    """A host alone means version 1, as in WSO2's connector; a path of its own is taken as it is."""
    base = api_url.rstrip("/")
    return base if urlsplit(base).path else base + API_PATH


@lru_cache(maxsize=256)
def _token_url(api_url: str) -> str:
    """GoTo's token server for GoTo's hosts; any other host, such as the simulator's, serves its own."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if any(host == domain or host.endswith(f".{domain}") for domain in _GOTO_DOMAINS):
        return GOTO_TOKEN_URL
    return f"{parts.scheme}://{parts.netloc}{_OWN_TOKEN_PATH}"


def _timeout(call: Call, timeout: Decimal | None) -> float:
    if timeout is None:
        return call.settings.timeout
    if not 0 < timeout <= 600:
        raise call.refused("timeout", "seconds, up to 600", str(timeout))
    return float(timeout)
