"""``base_url`` and ``auth`` of a ``connector.yaml``: from them comes ``<connector.init>``.

    base_url: https://api.acme.example/v1   # what apiUrl of init is when a flow does not say it
    auth: {type: none}                      # or one of:
    auth: {type: api-key, in: header, name: X-Api-Key}      # in: header, query or cookie
    auth: {type: basic}                     # username and password
    auth: {type: bearer}                    # accessToken
    auth:
      type: oauth2
      grant: client_credentials             # or password, or refresh_token, which an authorization code ends in
      token_url: https://auth.acme.example/token
      scope: orders.read orders.write
      credentials: header                   # or form: where client and secret go in the token request
      scheme: Bearer                        # the word before the token
      rejected: {status: 401, body: InvalidToken}           # how the API says that a token is no longer good

A list of them lets the flow choose with the parameter ``auth``, which is the name of the type; without it the first one
counts whose credentials are all there. Whatever ``connection`` lists is a parameter of init, too.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import quote

from engine.core.mediator import Mediator
from engine.core.oauth2 import Grant, OAuth2, TokenCache
from engine.declare.spec import Spec
from engine.errors import Where
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.plugins.arguments import Arguments, refusal
from engine.plugins.connection import Connection, Static
from engine.plugins.kept_connections import KeptConnections
from engine.plugins.parameters import Parameter
from engine.plugins.rest import by_parameter, operation_spec
from engine.plugins.yaml_tree import Section

AuthType = Literal["none", "api-key", "basic", "bearer", "oauth2"]
TYPES: tuple[AuthType, ...] = ("none", "api-key", "basic", "bearer", "oauth2")
GRANTS: tuple[Grant, ...] = ("client_credentials", "password", "refresh_token")

RESERVED = ("init",)
"""Names that an operation cannot have beside it."""

_KEYS = {
    "none": (),
    "api-key": ("in", "name"),
    "basic": (),
    "bearer": ("scheme",),
    "oauth2": ("grant", "token_url", "scope", "credentials", "scheme", "rejected"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """One way to show who calls; see the module for the keys."""

    type: AuthType = "none"
    place: str = "header"
    name: str = ""
    grant: Grant = "client_credentials"
    token_url: str = ""
    scope: str = ""
    in_form: bool = False
    scheme: str = "Bearer"
    rejected_status: int = 401
    rejected_body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What ``<connector.init>`` is made of."""

    connector: str
    base_url: str = ""
    auths: tuple[Auth, ...] = (Auth(),)
    values: tuple[str, ...] = ()
    """What ``connection`` lists."""

    def parameters(self) -> tuple[Parameter, ...]:
        """Those of ``<connector.init>``."""
        url_doc = f"Base URL of the API. {self.base_url} when left out." if self.base_url else "Base URL of the API."
        found = {"apiUrl": Parameter("apiUrl", url_doc, "url", required=not self.base_url)}
        if len(self.auths) > 1:
            types = tuple(each.type for each in self.auths)
            found["auth"] = Parameter("auth", "How to show who calls. Without it: by what is given.", choices=types)
        for auth in self.auths:
            for each in _credentials(auth, alone=len(self.auths) == 1):
                found.setdefault(each.name, each)
        for name in self.values:
            found.setdefault(name, Parameter(name, f"The {name} of the operations that follow."))
        found["timeout"] = Parameter("timeout", "Seconds to wait for each answer of the API.", "number")
        return tuple(found.values())


def read_opening(section: Section, connector: str, values: tuple[str, ...]) -> Opening | None:
    """None when the file says neither ``base_url`` nor ``auth``. What is wrong becomes a Problem."""
    if not {"base_url", "auth"} & section.values.keys():
        return None
    base_url = section.text("base_url").rstrip("/")
    if base_url and not base_url.startswith(("http://", "https://")):
        section.error("bad-value", "'base_url' must begin with http:// or https://.", "base_url")
    if isinstance(section.values.get("auth"), list):
        auths = tuple(_auth(each) for each in section.items("auth"))
    else:
        auths = (_auth(section.section("auth")),) if "auth" in section.values else (Auth(),)
    return Opening(connector=connector, base_url=base_url, auths=auths or (Auth(),), values=values)


def opening_spec(opening: Opening, tokens: TokenCache) -> Spec:
    """The declaration of ``<connector.init>``."""
    tag = f"{opening.connector}.init"
    parameters = opening.parameters()

    def construct(*, where: Where, **values: Value | None) -> Mediator:
        return _Open(spec, where, opening, tokens, Arguments(tag, parameters, by_parameter(values, parameters)))

    doc = "Name the API and the account for the operations that follow in the flow."
    spec = operation_spec(tag, doc, doc, parameters, construct)
    return spec


class _Open(Mediator):
    """``<connector.init>`` in a flow."""

    __slots__ = ("_arguments", "_kept", "_opening", "_tokens", "reads_body", "spec", "where")

    def __init__(self, spec: Spec, where: Where, opening: Opening, tokens: TokenCache, arguments: Arguments) -> None:
        self.spec = spec
        self.where = where
        self.reads_body = False
        self._opening = opening
        self._tokens = tokens
        self._arguments = arguments
        self._kept = KeptConnections()

    async def mediate(self, message: MessageContext) -> bool:
        texts = self._arguments.texts(message)
        opened = self._kept.get(texts)
        if opened is None:
            opened = connection(self._opening, self._arguments.evaluate(message, texts), self._tokens)
            self._kept.keep(texts, opened)
        message.connections[self._opening.connector] = opened
        return True


def connection(opening: Opening, given: Mapping[str, Any], tokens: TokenCache) -> Connection:
    """The account. Raises Fault 400 for credentials that are missing."""
    tag = f"{opening.connector}.init"
    auth = _chosen(opening, given)
    if missing := _missing(auth, given):
        others = ", ".join(each.type for each in opening.auths if each is not auth)
        hint = f"Other ways, which auth names: {others}." if others else ""
        raise refusal(tag, [{"parameter": name, "value": "", "rule": "required"} for name in missing], hint)
    base_url = str(given.get("apiUrl", opening.base_url)).rstrip("/")
    who = str(given.get("clientId") or given.get("username") or "")
    account = f"{base_url} {who}"
    timeout = given.get("timeout")
    headers, query = _plain_credentials(auth, given)
    authorization = (
        tokens.authorization(_oauth2(auth, given, account)) if auth.type == "oauth2" else Static(_header(auth, given))
    )
    return Connection(
        base_url,
        {name: str(given[name]) for name in opening.values if name in given},
        authorization,
        account=account,
        timeout=float(timeout) if timeout is not None else None,
        headers=headers,
        query=query,
    )


def _chosen(opening: Opening, given: Mapping[str, Any]) -> Auth:
    """The way that ``auth`` names, else the first whose credentials are given, else the first."""
    if "auth" in given:
        return next(each for each in opening.auths if each.type == given["auth"])
    ways = (each for each in opening.auths if each.type != "none" and not _missing(each, given))
    return next(ways, opening.auths[0])


def _missing(auth: Auth, given: Mapping[str, Any]) -> list[str]:
    return [each.name for each in _credentials(auth, alone=True) if each.required and each.name not in given]


def _credentials(auth: Auth, *, alone: bool) -> list[Parameter]:
    """The parameters of one way. One of several is required only when it was chosen."""
    match auth.type:
        case "none":
            return []
        case "api-key":
            return [Parameter("apiKey", "The key.", required=alone, secret=True)]
        case "basic":
            name = Parameter("username", "The user.", required=alone)
            return [name, Parameter("password", "The user's password.", required=alone, secret=True)]
        case "bearer":
            return [Parameter("accessToken", "The token.", required=alone, secret=True)]
        case "oauth2":
            return _oauth2_parameters(auth, alone)


def _oauth2_parameters(auth: Auth, alone: bool) -> list[Parameter]:
    needs_secret = alone and auth.grant == "client_credentials"
    found = [
        Parameter("clientId", "The application's key.", required=alone),
        Parameter("clientSecret", "The application's secret.", required=needs_secret, secret=True),
        Parameter("tokenUrl", "Where tokens come from.", "url", required=alone and not auth.token_url),
        Parameter("accessToken", "The token to begin with.", secret=True),
        Parameter("registryPath", "Where the registry keeps the tokens, so that they survive a restart."),
        Parameter("scope", f"What the token may do. {auth.scope}".strip()),
    ]
    if auth.grant == "refresh_token":
        found.append(Parameter("refreshToken", "Gets new tokens.", required=alone, secret=True))
    if auth.grant == "password":
        found.append(Parameter("username", "The user.", required=alone))
        found.append(Parameter("password", "The user's password.", required=alone, secret=True))
    return found


def _header(auth: Auth, given: Mapping[str, Any]) -> str:
    if auth.type == "basic":
        pair = f"{given['username']}:{given['password']}"
        return "Basic " + base64.b64encode(pair.encode()).decode()
    return f"{auth.scheme} {given['accessToken']}".strip() if auth.type == "bearer" else ""


def _plain_credentials(auth: Auth, given: Mapping[str, Any]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Headers and query of an API key."""
    if auth.type != "api-key":
        return (), ""
    key = str(given["apiKey"])
    if auth.place == "query":
        return (), f"{quote(auth.name, safe='')}={quote(key, safe='')}"
    return ((("Cookie", f"{auth.name}={key}") if auth.place == "cookie" else (auth.name, key)),), ""


def _oauth2(auth: Auth, given: Mapping[str, Any], account: str) -> OAuth2:
    token_url = str(given.get("tokenUrl", auth.token_url))
    scope = str(given.get("scope", auth.scope))
    return OAuth2(
        owner=f"{account} {token_url}",
        token_url=token_url,
        client_id=str(given.get("clientId", "")),
        client_secret=str(given.get("clientSecret", "")),
        access_token=str(given.get("accessToken", "")),
        refresh_token=str(given.get("refreshToken", "")),
        registry_path=str(given.get("registryPath", "")),
        scheme=f"{auth.scheme} " if auth.scheme else "",
        rejected_status=auth.rejected_status,
        rejected_body=auth.rejected_body,
        grant=auth.grant,
        username=str(given.get("username", "")),
        password=str(given.get("password", "")),
        form=(("scope", scope),) if scope else (),
        credentials_in_form=auth.in_form,
    )


def _auth(section: Section) -> Auth:
    type_ = cast(AuthType, section.choice("type", TYPES, "none"))
    section.known("type", *_KEYS[type_])
    if type_ == "api-key":
        section.required("name")
    rejected = section.section("rejected")
    rejected.known("status", "body")
    return Auth(
        type=type_,
        place=section.choice("in", ("header", "query", "cookie"), "header"),
        name=section.text("name"),
        grant=cast(Grant, section.choice("grant", GRANTS, "client_credentials")),
        token_url=section.text("token_url"),
        scope=section.text("scope"),
        in_form=section.choice("credentials", ("header", "form"), "header") == "form",
        scheme=section.text("scheme", "Bearer"),
        rejected_status=rejected.count("status", 401),
        rejected_body=rejected.text("body").encode(),
    )
