"""``<authentication>`` of http endpoints: Basic, and OAuth2 by the engine's one client (``core/oauth2.py``)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import ClassVar

from engine.core.clock import Clock
from engine.core.env import Environment, env_of
from engine.core.http import BLOCKING, HttpRequest, HttpResponse
from engine.core.oauth2 import Grant, OAuth2, TokenCache
from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import attr, child, child_text, children, element, text
from engine.declare.spec import Node, OneOf
from engine.endpoints import outgoing
from engine.errors import ErrorCode, Fault, TransportError
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.message.payload import Payload

_TOKEN_LIFE = 3000.0
"""Seconds a token is used at most (the reference's TOKEN_CACHE_TIMEOUT); less when the server says less."""

_MAX_REFUSAL = 64 * 1024


@element("basicAuth")
class BasicAuth(Node):
    """A name and a password in every request (RFC 7617)."""

    username: Value = child_text("Name; `{expression}` gives it at run time.", tag="username", default=Value(""))
    password: Value = child_text("Password, likewise.", tag="password", default=Value(""))

    def header(self, message: MessageContext) -> str:
        """The Authorization header."""
        pair = f"{_text(self.username, message)}:{_text(self.password, message)}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


@element("parameter")
class RequestParameter(Node):
    """A further field of the token request, such as scope."""

    name: str = attr("Name.")
    value: Value = text("Value, or `{expression}`.", default=Value(""))


@element("header")
class CustomHeader(Node):
    """A further header of the token request."""

    name: str = attr("Name.")
    value: Value = text("Value, or `{expression}`.", default=Value(""))


@element("requestParameters")
class RequestParameters(Node):
    """Further fields of the token request."""

    all: tuple[RequestParameter, ...] = children("One field.", tag="parameter")


@element("customHeaders")
class CustomHeaders(Node):
    """Further headers of the token request."""

    all: tuple[CustomHeader, ...] = children("One header.", tag="header")


@element("proxyConfigs", open_content=True)
class ProxyConfigs(Node):
    """A proxy for the token endpoint alone; not supported."""

    def __post_init__(self) -> None:
        raise Unacceptable(
            "a proxy for one token endpoint is not supported.",
            code="unsupported",
            hint="Name the proxy in the configuration, and in no_proxy the hosts that go without it.",
        )


@element("grant")
class TokenGrant(Node):
    """What the three ways to a token have in common."""

    GRANT: ClassVar[Grant] = "client_credentials"

    client_id: Value = child_text("The client.", tag="clientId", default=Value(""))
    client_secret: Value = child_text("Its secret.", tag="clientSecret", default=Value(""))
    token_url: Value = child_text("Where tokens come from.", tag="tokenUrl", default=Value(""))
    mode: Value = child_text(
        "`payload`: client and secret in the form; `header`: Basic.", tag="authMode", default=Value("")
    )
    parameters: RequestParameters | None = child("Further fields of the token request.", tag="requestParameters")
    headers: CustomHeaders | None = child("Further headers of the token request.", tag="customHeaders")
    proxy: ProxyConfigs | None = child("Not supported.", tag="proxyConfigs")
    global_proxy: bool = child_text("Without a meaning here.", tag="useGlobalProxyConfigs", default=True)
    global_timeouts: bool = child_text("Without a meaning here.", tag="useGlobalConnectionTimeoutConfigs", default=True)
    connect_timeout: Duration | None = child_text("Without a meaning here.", tag="connectionTimeout")
    pool_timeout: Duration | None = child_text("Without a meaning here.", tag="connectionRequestTimeout")
    timeout: Duration | None = child_text("Milliseconds to wait for a token.", tag="socketTimeout")

    def __post_init__(self) -> None:
        for name, value in self.needed():
            if not value.source.strip():
                raise Unacceptable(f"it needs <{name}>.", code="missing-element")

    def needed(self) -> tuple[tuple[str, Value], ...]:
        """What no token comes without: element and value."""
        return ("clientId", self.client_id), ("clientSecret", self.client_secret), ("tokenUrl", self.token_url)

    def client(self, owner: str, message: MessageContext) -> OAuth2:
        """The client with the values of this message."""
        client = OAuth2(
            owner=owner,
            token_url=_text(self.token_url, message),
            client_id=_text(self.client_id, message),
            client_secret=_text(self.client_secret, message),
            grant=self.GRANT,
            interval=_TOKEN_LIFE,
            form=_pairs(self.parameters, message),
            headers=_pairs(self.headers, message),
            credentials_in_form=_text(self.mode, message).lower() == "payload",
        )
        return client if not self.timeout else replace(client, timeout=self.timeout)


@element("clientCredentials")
class ClientCredentials(TokenGrant):
    """A token for the client itself (RFC 6749 section 4.4)."""


@element("passwordCredentials")
class PasswordCredentials(TokenGrant):
    """A token for a user whose password is known (RFC 6749 section 4.3)."""

    GRANT: ClassVar[Grant] = "password"

    username: Value = child_text("The user.", tag="username", default=Value(""))
    password: Value = child_text("The user's password.", tag="password", default=Value(""))

    def needed(self) -> tuple[tuple[str, Value], ...]:
        return *super().needed(), ("username", self.username), ("password", self.password)

    def client(self, owner: str, message: MessageContext) -> OAuth2:
        username, password = _text(self.username, message), _text(self.password, message)
        return replace(super().client(owner, message), username=username, password=password)


@element("authorizationCode")
class AuthorizationCode(TokenGrant):
    """Tokens by the refresh token that came of an authorization code (RFC 6749 sections 4.1 and 6)."""

    GRANT: ClassVar[Grant] = "refresh_token"

    refresh_token: Value = child_text("The refresh token.", tag="refreshToken", default=Value(""))

    def needed(self) -> tuple[tuple[str, Value], ...]:
        return *super().needed(), ("refreshToken", self.refresh_token)

    def client(self, owner: str, message: MessageContext) -> OAuth2:
        return replace(super().client(owner, message), refresh_token=_text(self.refresh_token, message))


@element("oauth", rules=(OneOf(("client_credentials", "password_credentials", "authorization_code")),))
class OAuth(Node):
    """A Bearer token in every request, renewed before it expires and when the API answers 401."""

    client_credentials: ClientCredentials | None = child("For the client itself.", tag="clientCredentials")
    password_credentials: PasswordCredentials | None = child("For a user.", tag="passwordCredentials")
    authorization_code: AuthorizationCode | None = child("By a refresh token.", tag="authorizationCode")

    def client(self, owner: str, message: MessageContext) -> OAuth2:
        grant = self.client_credentials or self.password_credentials or self.authorization_code
        assert grant is not None  # the rule above
        return grant.client(owner, message)


@element("authentication", rules=(OneOf(("basic", "oauth")),))
class Authentication(Node):
    """How requests show who sends them."""

    basic: BasicAuth | None = child("By name and password.", tag="basicAuth")
    oauth: OAuth | None = child("By OAuth2.", tag="oauth")

    async def ask(self, message: MessageContext, request: HttpRequest, owner: str) -> HttpResponse:
        """Send a request with its Authorization; when the token is refused, once more with a new one.

        Raises TransportError 303003 when no token is to be had.
        """
        env = env_of(message)
        if self.basic is not None:
            _authorize(request, self.basic.header(message))
            return await env.http.send(request)
        assert self.oauth is not None  # the rule above
        if BLOCKING in message.axis2:
            outgoing.take_for_answer(message, 401)
        authorization = _tokens(env).authorization(self.oauth.client(owner, message))
        try:
            used = await authorization.header(env)
        except Fault as fault:
            text = f"no access token for {owner}: {fault.message}"
            raise TransportError(text, code=ErrorCode.OAUTH) from None
        _authorize(request, used)
        response = await env.http.send(request)
        if response.status != 401:
            return response
        await _load(response)
        renewed = await authorization.renewed(env, response, used)
        if renewed is None:
            return response
        _authorize(request, renewed)
        return await env.http.send(request)


def _tokens(env: Environment) -> TokenCache:
    return env.shared("endpoint-tokens", "", lambda: TokenCache(Clock()))


def _authorize(request: HttpRequest, value: str) -> None:
    request.headers = [pair for pair in request.headers if pair[0] != b"authorization"]
    request.headers.append((b"authorization", value.encode("latin-1", "replace")))


async def _load(response: HttpResponse) -> None:
    """Read the refusal, which frees its connection."""
    if not isinstance(response.body, bytes):
        payload = Payload(response.body, origin="backend")
        await payload.load(_MAX_REFUSAL)
        response.body = payload.raw() or b""


def _text(value: Value, message: MessageContext) -> str:
    return (value.text(message) or "").strip()


def _pairs(of: RequestParameters | CustomHeaders | None, message: MessageContext) -> tuple[tuple[str, str], ...]:
    return tuple((each.name, _text(each.value, message)) for each in of.all) if of is not None else ()
