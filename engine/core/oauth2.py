"""The OAuth2 client of connectors and endpoints: tokens by refresh token, client credentials or password (RFC 6749
sections 4.3, 4.4 and 6), renewed before and after they expire."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

from engine.core.clock import Clock
from engine.core.env import Environment
from engine.core.http import HttpRequest, HttpResponse, load_body
from engine.core.token_store import Tokens, TokenStore
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError

log = logging.getLogger("myelin.oauth2")

Grant = Literal["refresh_token", "client_credentials", "password"]

_MARGIN = 60.0
"""Seconds before ``expires_in`` is over at which a token is renewed, at most a tenth of its life."""

_PAUSE = 5.0
"""Seconds after a failed refresh in which no other is tried: a broken token endpoint must not slow every call."""

_MAX_ANSWER = 64 * 1024
_MAX_ACCOUNTS = 10_000


@dataclass(kw_only=True)
class OAuth2:
    """A client, its tokens and the way to get new ones. Not to be changed once it is in use.

    ``grant`` is how the first token comes; a refresh token that came with it is used from then on. ``form`` are further
    fields of the token request (scope, audience), ``headers`` further headers. ``credentials_in_form`` puts client and
    secret there instead of into Basic authentication (RFC 6749 section 2.3.1).
    ``interval`` is how many seconds a token is used before it is renewed, whatever the server said; None = no limit.
    ``scheme`` stands before the token in the header (``"Bearer "``). ``rejected_status`` and ``rejected_body`` (a part
    of the answer's body) are how the API says that a token is no longer good. ``owner`` names hosts and account:
    the tokens of two owners never mix. ``registry_path`` empty: tokens live as long as the process.
    """

    owner: str
    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    registry_path: str = ""
    interval: float | None = None
    scheme: str = "Bearer "
    rejected_status: int = 401
    rejected_body: bytes = b""
    timeout: float = 10.0
    grant: Grant = "refresh_token"
    username: str = ""
    password: str = field(default="", repr=False)
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    credentials_in_form: bool = False

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Tells accounts apart: clients with the same key share their tokens."""
        if self.registry_path:
            return (self.registry_path, self.owner, self.token_url)
        return (
            self.owner,
            self.token_url,
            self.client_id,
            self.client_secret,
            self.refresh_token,
            self.access_token,
            self.grant,
            self.username,
            self.password,
            self.form,
            self.headers,
        )

    def header(self, access_token: str) -> str:
        """The Authorization header. A token with a space brings its own scheme: ``OAuth oauth_token=…``."""
        return access_token if " " in access_token else f"{self.scheme}{access_token}"


@dataclass(slots=True)
class _Account:
    """The state of one owner's tokens in this process."""

    store: TokenStore | None
    tokens: Tokens
    is_asked_for: bool = False
    """Whether the flow named the store: else it holds no longer than the account is known."""
    refresh: asyncio.Task[Tokens] | None = None
    paused_until: float = 0.0


class TokenCache:
    """The accounts of one connector. Calls that need a new token at the same time share one refresh."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts: OrderedDict[tuple[object, ...], _Account] = OrderedDict()

    def authorization(self, client: OAuth2) -> TokenAuthorization:
        """What a Connection takes."""
        return TokenAuthorization(self, client)

    async def current(self, env: Environment, client: OAuth2) -> str:
        """The access token to use now. Raises Fault 403 when there is none and the token endpoint gives none."""
        account = self._account(env, client)
        if not self._is_due(client, account.tokens):
            if not account.tokens.access:
                raise Fault("there is no access token, and no refresh token and client to get one with", status=403)
            return account.tokens.access
        try:
            return (await self._refreshed(env, client, account)).access
        except Fault as fault:
            if not account.tokens.access:
                raise
            # It may be good for a while yet; the API is the judge.
            log.warning("keeping the access token: %s", fault.message)
            return account.tokens.access

    async def renewed(self, env: Environment, client: OAuth2, used: str) -> str | None:
        """Another token than that of the header ``used``, which the API refused; None when there is none."""
        account = self._account(env, client)
        if client.header(account.tokens.access) != used:
            return account.tokens.access
        if not _can_refresh(client, account.tokens):
            return None
        try:
            return (await self._refreshed(env, client, account)).access
        except Fault as fault:
            log.warning("the API refused the access token, and no new one was given: %s", fault.message)
            return None

    def _account(self, env: Environment, client: OAuth2) -> _Account:
        key = client.key
        account = self._accounts.get(key)
        if account is not None:
            self._accounts.move_to_end(key)
            return account
        account = self._accounts[key] = self._opened(env, client)
        if len(self._accounts) > _MAX_ACCOUNTS:
            _, oldest = self._accounts.popitem(last=False)
            if oldest.store is not None and not oldest.is_asked_for:
                oldest.store.forget()
        return account

    def _opened(self, env: Environment, client: OAuth2) -> _Account:
        given = Tokens(client.access_token, client.refresh_token, self._clock.now())
        store = self._store(env, client, given)
        if store is None:
            return _Account(None, given)
        is_asked_for = bool(client.registry_path)
        stored = store.load()
        if stored is not None:
            known = stored if stored.refresh else replace(stored, refresh=given.refresh)
            return _Account(store, known, is_asked_for)
        if given.access and is_asked_for:
            store.save(given)
        return _Account(store, given, is_asked_for)

    def _store(self, env: Environment, client: OAuth2, given: Tokens) -> TokenStore | None:
        """Where the flow wants the tokens, else where all workers find what one of them was given."""
        if client.registry_path:
            return TokenStore(env.registry, client.registry_path, client.owner)
        if env.between_workers is None or not _can_refresh(client, given):
            return None
        account = hashlib.sha256(repr(client.key).encode()).hexdigest()
        return TokenStore(env.between_workers, f"tokens/{account}", client.owner)

    def _is_due(self, client: OAuth2, tokens: Tokens) -> bool:
        if not _can_refresh(client, tokens):
            return False
        now = self._clock.now()
        if not tokens.access or (client.interval is not None and now - tokens.obtained_at > client.interval):
            return True
        if tokens.expires_at is None:
            return False
        return now >= tokens.expires_at - min(_MARGIN, (tokens.expires_at - tokens.obtained_at) / 10)

    async def _refreshed(self, env: Environment, client: OAuth2, account: _Account) -> Tokens:
        """Join the refresh that is under way, or begin one. A caller that goes away does not stop it for the others."""
        if account.refresh is None:
            if self._clock.monotonic() < account.paused_until:
                raise Fault("the last refresh failed a moment ago", status=403)
            account.refresh = asyncio.create_task(self._refresh(env, client, account), name="oauth2-refresh")
            account.refresh.add_done_callback(lambda task: self._finished(account, task))
        return await asyncio.shield(account.refresh)

    def _finished(self, account: _Account, task: asyncio.Task[Tokens]) -> None:
        account.refresh = None
        # Asking for the exception also marks it as seen when every caller has gone.
        if task.cancelled() or task.exception() is not None:
            account.paused_until = self._clock.monotonic() + _PAUSE

    async def _refresh(self, env: Environment, client: OAuth2, account: _Account) -> Tokens:
        if account.store is None:
            account.tokens = await self._requested(env, client, account.tokens)
            return account.tokens
        before = account.tokens
        async with account.store.locked(2 * client.timeout):
            stored = account.store.load()
            if stored is not None and stored.access != before.access and not self._is_due(client, stored):
                # Another worker was first.
                account.tokens = stored
                return stored
            newest = stored if stored is not None and stored.refresh else before
            account.tokens = await self._requested(env, client, newest)
            await _save(account.store, account.tokens)
        return account.tokens

    async def _requested(self, env: Environment, client: OAuth2, tokens: Tokens) -> Tokens:
        """A new set from the token endpoint. When it refuses the newest refresh token, the second choice is how the
        first token came: the refresh token of the flow, or the grant."""
        first = tokens if client.grant != "client_credentials" else replace(tokens, refresh="")
        try:
            return await self._request(env, client, first)
        except _Refused:
            second = replace(first, refresh=client.refresh_token)
            if first.refresh == second.refresh or not _can_refresh(client, second):
                raise
        return await self._request(env, client, second)

    async def _request(self, env: Environment, client: OAuth2, tokens: Tokens) -> Tokens:
        response = await _ask(env, client, _grant_form(client, tokens.refresh))
        answer = _read(response)
        now = self._clock.now()
        lifetime = _lifetime(answer.get("expires_in"))
        # What the answer leaves out stays as it was: today's server names a refresh token only when it rotated it.
        return Tokens(
            answer["access_token"],
            _text(answer.get("refresh_token")) or tokens.refresh,
            now,
            None if lifetime is None else now + lifetime,
        )


async def _save(store: TokenStore, tokens: Tokens) -> None:
    try:
        await asyncio.to_thread(store.save, tokens)
    except Fault as fault:
        # The tokens are good all the same, for as long as this process lives.
        log.error("renewed tokens could not be stored: %s", fault.message)


@dataclass(frozen=True, slots=True)
class TokenAuthorization:
    """``connection.Authorization`` by OAuth2."""

    cache: TokenCache = field(repr=False)
    client: OAuth2

    @property
    def refusals(self) -> frozenset[int]:
        return frozenset({self.client.rejected_status})

    async def header(self, env: Environment) -> str:
        return self.client.header(await self.cache.current(env, self.client))

    async def renewed(self, env: Environment, response: HttpResponse, used: str) -> str | None:
        client = self.client
        assert isinstance(response.body, bytes)  # the protocol's promise
        if response.status != client.rejected_status or client.rejected_body not in response.body:
            return None
        token = await self.cache.renewed(env, client, used)
        return None if token is None else client.header(token)


async def request_tokens(env: Environment, client: OAuth2, refresh_token: str) -> HttpResponse:
    """Ask the token endpoint; the answer comes as it is, its body as bytes.

    Raises TransportError, and Fault 502 for an answer that is far too large.
    """
    return await _ask(env, client, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def _grant_form(client: OAuth2, refresh_token: str) -> dict[str, str]:
    if refresh_token:
        return {"grant_type": "refresh_token", "refresh_token": refresh_token}
    if client.grant == "password":
        return {"grant_type": "password", "username": client.username, "password": client.password}
    return {"grant_type": "client_credentials"}


async def _ask(env: Environment, client: OAuth2, form: dict[str, str]) -> HttpResponse:
    """With a secret the client shows itself by Basic authentication, without one by ``client_id`` in the form (RFC 6749
    section 2.3.1)."""
    headers = [(b"accept", b"application/json"), (b"content-type", b"application/x-www-form-urlencoded")]
    if client.client_secret and not client.credentials_in_form:
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
        headers.append((b"authorization", b"Basic " + base64.b64encode(pair.encode())))
    else:
        form |= {"client_id": client.client_id} if client.client_id else {}
        form |= {"client_secret": client.client_secret} if client.client_secret else {}
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in client.headers]
    form |= dict(client.form)
    request = HttpRequest("POST", client.token_url, headers, urlencode(form).encode(), client.timeout)
    response = await env.http.send(request)
    await load_body(response, _MAX_ANSWER)
    return response


class _Refused(Fault):
    """The token endpoint said no: the refresh token or the client is not good."""


def _read(response: HttpResponse) -> Mapping[str, Any]:
    """The members of a good answer. Nothing of the body gets into the errors but its error code."""
    body = response.body
    try:
        answer = json.decode(body) if isinstance(body, bytes) else None
    except DecodeError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if 400 <= response.status < 500:
        code = str(answer.get("error", response.status))[:40]
        raise _Refused(f"the token endpoint refused to renew the access token: {code}", status=403)
    if response.status != 200 or not _text(answer.get("access_token")):
        raise Fault(f"the token endpoint gave no access token (status {response.status})", status=502)
    return answer


def _can_refresh(client: OAuth2, tokens: Tokens) -> bool:
    if client.grant == "refresh_token":
        return bool(tokens.refresh and client.client_id)
    return bool(client.client_id or client.username)


def _lifetime(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
