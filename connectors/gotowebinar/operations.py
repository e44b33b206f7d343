"""The operations of GoToWebinar that are more than a request: the account, its tokens, and the events it sends."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from connectors.gotowebinar import hosts
from connectors.gotowebinar.identity import Identity
from engine.api import Answer, Call, Connection, Fault, OAuth2, Rules, operation, request_tokens

EVENTS = ("registrant.added", "registrant.joined", "webinar.created", "webinar.changed", "survey.submitted")

_INVALID_TOKEN = b"InvalidToken"

Key = Annotated[str, Rules(type="key")]
Url = Annotated[str, Rules(type="url")]
Secret = Annotated[str, Rules(secret=True)]
Milliseconds = Annotated[int, Rules(type="integer")]


@operation("gotowebinar.init", kept=True)
async def init(
    call: Call,
    api_url: Url,
    organizer_key: Key = "",
    access_token: Secret = "",
    refresh_token: Secret = "",
    client_id: str = "",
    registry_path: str = "",
    interval_time: Milliseconds | None = None,
    client_secret: Secret = "",
    token_url: Url = "",
    timeout: Decimal | None = None,  # noqa: ASYNC109  # of the calls that follow
    api_version: hosts.Version | None = None,
    account_key: Key = "",
    result_shape: Literal["v1", ""] = "",
) -> Connection:
    """Name the account for the operations that follow in the flow.

    A new access token is fetched when ``intervalTime`` has passed, shortly before the token server's ``expires_in`` is
    over, and when the API answers 403 InvalidToken. That takes refreshToken and clientId. The organizer stays the one
    given here, whatever the token server answers. Keys that are not given are asked of GoTo's identity API when an
    operation needs them.

    Args:
        api_url: Host of the API, or the whole base such as https://host/G2W/rest/v2. A host alone means version 1,
            unless apiVersion says otherwise.
        organizer_key: The organizer whose webinars are meant. On version 2 the one the token belongs to when left out.
        access_token: The token to begin with. May be left out when it can be refreshed.
        refresh_token: Gets new access tokens.
        client_id: The application's key.
        registry_path: Where the registry keeps the tokens, so that they survive a restart. Its tokens go before those
            given here.
        interval_time: Milliseconds after which an access token is renewed in any case.
        client_secret: The application's secret, for token servers that ask for it.
        token_url: The token server, when it is not the one that belongs to apiUrl.
        timeout: Seconds to wait for each answer of the API.
        api_version: Version of the API, when apiUrl does not say it.
        account_key: The account, for operations on all of it. The one the token belongs to when left out.
        result_shape: Give the results of version 2 the form that version 1 had.
    """
    seconds = _timeout(call, timeout)
    base_url, version = _api(call, api_url, api_version, organizer_key)
    server = token_url or hosts.token_url(api_url)
    owner = f"{base_url} {server} {organizer_key}"
    tokens = (access_token, refresh_token)
    _check_tokens(call, client_id, tokens, registry_path, interval_time)
    client = _client(version, owner, server, (client_id, client_secret), tokens, registry_path, interval_time, seconds)
    keys = {"organizerKey": organizer_key, "accountKey": account_key, "resultShape": result_shape}
    return _connection(call, base_url, version, client, {name: value for name, value in keys.items() if value})


def _timeout(call: Call, timeout: Decimal | None) -> float:
    if timeout is None:
        return call.settings.timeout
    if not 0 < timeout <= 600:
        raise call.refused("timeout", "seconds, up to 600", str(timeout))
    return float(timeout)


def _api(call: Call, api_url: str, api_version: hosts.Version | None, organizer_key: str) -> tuple[str, hosts.Version]:
    """The base of the API's URLs and its version, which say whether an organizer must be named."""
    base_url, version = hosts.base_url(api_url, api_version)
    if api_version is not None and version != api_version:
        raise call.refused("apiVersion", f"{version}, as apiUrl says", api_version)
    if version == "v1" and not organizer_key:
        raise call.refused("organizerKey", "required")
    return base_url, version


def _check_tokens(
    call: Call, client_id: str, tokens: tuple[str, str], registry_path: str, interval_time: int | None
) -> None:
    """Refuse what no call could be made with: ``tokens`` are access token and refresh token."""
    access_token, refresh_token = tokens
    if not access_token and not (refresh_token and client_id) and not registry_path:
        raise call.refused("accessToken", "required unless refreshToken and clientId are given")
    if not access_token.isprintable():
        raise call.refused("accessToken", "text without line breaks and other control characters", "***")
    if interval_time is not None and interval_time < 0:
        raise call.refused("intervalTime", "milliseconds, 0 or more", str(interval_time))


def _client(
    version: hosts.Version,
    owner: str,
    token_url: str,
    application: tuple[str, str],
    tokens: tuple[str, str],
    registry_path: str,
    interval_time: int | None,
    timeout: float,
) -> OAuth2:
    """GoTo's ways with tokens. ``application`` are its key and secret, ``tokens`` access token and refresh token."""
    client_id, client_secret = application
    access_token, refresh_token = tokens
    return OAuth2(
        owner=owner,
        token_url=token_url,
        client_id=client_id,
        client_secret=client_secret,
        access_token=access_token,
        refresh_token=refresh_token,
        registry_path=registry_path,
        interval=None if interval_time is None else interval_time / 1000,
        # Version 1 takes the bare token, version 2 wants the scheme.
        scheme="Bearer " if version == "v2" else "",
        rejected_status=403,
        rejected_body=_INVALID_TOKEN,
        timeout=timeout,
    )


def _connection(
    call: Call, base_url: str, version: hosts.Version, client: OAuth2, keys: Mapping[str, str]
) -> Connection:
    """Calls of the API in the client's name. Keys that were not given are those the client's token belongs to."""
    authorization = call.services.tokens.authorization(client)
    account = f"{base_url} {keys.get('organizerKey', client.client_id)}"
    host = Connection(hosts.host_of(base_url), authorization=authorization, account=account, timeout=client.timeout)
    secrets = (client.client_id, client.refresh_token, client.access_token)
    identity = Identity(call.services.exchange, host, client.owner, secrets)
    return Connection(
        base_url,
        keys,
        authorization,
        account=account,
        timeout=client.timeout,
        version=version,
        supply=identity.keys,
    )


@operation("gotowebinar.getAccessTokenFromRefreshToken")
async def get_access_token_from_refresh_token(
    call: Call,
    client_id: str,
    refresh_token: Secret,
    client_secret: Secret = "",
    token_url: Url = hosts.GOTO_TOKEN_URL,
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


@operation("gotowebinar.receiveEvent")
async def receive_event(call: Call, secret_key: Secret) -> Answer | None:
    """Take an event that a webhook of GoTo sends to this flow.

    A GET, with which GoTo looks whether the callback is there, is answered 200, and the flow is over. A POST must be
    signed with the webhooks' secret key; others are answered 403. The flow goes on with the event as its message and
    the properties ``gotowebinar.event`` (such as registrant.added) and ``gotowebinar.eventVersion``.

    Args:
        secret_key: The value that createSecretKey gave.
    """
    message = call.message
    if message.exchange.method in ("GET", "HEAD"):
        return Answer(200, final=True)
    await message.payload.load(call.env.limits.buffered_body)
    body = message.payload.raw() or b""
    if not _is_signed(body, message.headers.get("x-webhook-signature") or "", secret_key):
        raise Fault("the event is not signed with the secret key of the webhook", status=403)
    event = message.payload.json()
    name = str(event.get("eventName", "")) if isinstance(event, Mapping) else ""
    if name not in EVENTS:
        raise Fault(f"'{name[:80]}' is none of the events {', '.join(EVENTS)}", status=400)
    message.set_property("gotowebinar.event", name)
    message.set_property("gotowebinar.eventVersion", str(event.get("eventVersion", "")))
    return None


def _is_signed(body: bytes, signature: str, secret_key: str) -> bool:
    """HMAC-SHA256 over the body, in hexadecimal or base64, with or without ``sha256=`` before it."""
    digest = hmac.new(secret_key.encode(), body, hashlib.sha256).digest()
    given = signature.strip().removeprefix("sha256=")
    try:
        decoded = bytes.fromhex(given) if len(given) == 2 * len(digest) else base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(decoded, digest)
