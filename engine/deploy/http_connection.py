"""The endpoint that goes with a connection of WSO2's HTTP connector.

``<localEntry key="shop"><http.init>…</http.init></localEntry>`` also deploys an endpoint, which the operations of the
connector call: NAME_INTERNAL_ENDPOINT_REFERENCE, with all that the connection says about authentication, timeouts and
suspension (HTTPConnectionUtils.java). Its elements lie where the texts that they are made of stand: mistakes are told
there.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.declare.spec import SYNAPSE
from engine.source import Element

SUFFIX = "_INTERNAL_ENDPOINT_REFERENCE"

_ADDRESS = "{uri.var.base}{+uri.var.path}{+uri.var.query}"
_SUSPENSION = {
    "suspendErrorCodes": "errorCodes",
    "suspendInitialDuration": "initialDuration",
    "suspendProgressionFactor": "progressionFactor",
    "suspendMaximumDuration": "maximumDuration",
}
_RETRIES = {
    "retryErrorCodes": "errorCodes",
    "retryCount": "retriesBeforeSuspension",
    "retryDelay": "retryDelay",
}
_GRANTS = {
    "authorization code": "authorizationCode",
    "client credentials": "clientCredentials",
    "password": "passwordCredentials",
}
_CLIENT = {
    "clientId": "clientId",
    "clientSecret": "clientSecret",
    "tokenUrl": "tokenUrl",
    "oauthAuthorizationMode": "authMode",
    "oauthConnectionTimeout": "connectionTimeout",
    "oauthConnectionRequestTimeout": "connectionRequestTimeout",
    "oauthSocketTimeout": "socketTimeout",
}
_ACCOUNT = {"username": "username", "password": "password"}


def endpoint_of(entry: Element) -> Element | None:
    """The ``<endpoint>`` of a local entry; None for one that is no connection of the HTTP connector."""
    init = entry.find("http.init")
    return _Connection(init).endpoint() if init is not None and init.namespace == SYNAPSE else None


class _Connection:
    """What ``<http.init>`` says."""

    def __init__(self, init: Element) -> None:
        self._init = init
        self._fields = {each.tag: each for each in init.children if each.text.strip()}

    def endpoint(self) -> Element:
        http = self._made("http", self._init)
        http.attributes["uri-template"] = _ADDRESS
        for name in ("trace", "statistics"):
            if self._is(name, "enable"):
                http.attributes[name] = "enable"
        http.children += [*self._quality(), *self._timeout()]
        http.children += self._group("suspendOnFailure", _SUSPENSION) + self._group("markForSuspension", _RETRIES)
        http.children += self._authentication()
        endpoint = self._made("endpoint", self._init, name=self._text("name") + SUFFIX)
        endpoint.children += [http, *self._properties()]
        return endpoint

    def _quality(self) -> Iterator[Element]:
        """What the endpoint itself refuses as unsupported."""
        if self._is("qualityServiceAddressOption", "enable"):
            yield self._made("enableAddressing", self._fields["qualityServiceAddressOption"])
        if self._is("qualityServiceSecurityOption", "enable"):
            yield self._made("enableSec", self._fields["qualityServiceSecurityOption"])

    def _timeout(self) -> list[Element]:
        names = {"timeoutDuration": "duration"}
        if not self._is("timeoutAction", "never"):
            names["timeoutAction"] = "responseAction"
        return self._group("timeout", names)

    def _authentication(self) -> list[Element]:
        type_ = self._fields.get("authType")
        if type_ is None:
            return []
        if self._is("authType", "Basic Auth"):
            inner = self._made("basicAuth", type_, self._renamed(_ACCOUNT))
        elif self._is("authType", "OAuth") and (grant := _GRANTS.get(self._text("oauthGrantType").lower())):
            names = _CLIENT
            if grant == "passwordCredentials":
                names = _ACCOUNT | names
            elif grant == "authorizationCode":
                names = {"refreshToken": "refreshToken"} | names
            parts = [*self._renamed(names), *self._request_parameters()]
            inner = self._made("oauth", type_, [self._made(grant, type_, parts)])
        else:
            return []
        return [self._made("authentication", type_, [inner])]

    def _request_parameters(self) -> Iterator[Element]:
        """``name:value,name:value`` for the token request."""
        field = self._fields.get("additionalProperties")
        if field is None:
            return
        pairs = [pair for each in field.text.split(",") if len(pair := each.split(":")) == 2]
        made = [self._made("parameter", field, text=value.strip(), name=name.strip()) for name, value in pairs]
        yield self._made("requestParameters", field, made)

    def _properties(self) -> Iterator[Element]:
        """``name:scope:value,…``"""
        field = self._fields.get("miscellaneousProperties")
        for each in field.text.split(",") if field is not None else ():
            parts = [part.strip() for part in each.split(":")]
            if field is not None and len(parts) == 3:
                yield self._made("property", field, name=parts[0], scope=parts[1], value=parts[2])

    def _group(self, tag: str, names: dict[str, str]) -> list[Element]:
        """An element with those of the fields that are there, by their names in it; none without any."""
        children = self._renamed(names)
        return [self._made(tag, children[0], children)] if children else []

    def _renamed(self, names: dict[str, str]) -> list[Element]:
        found = [(self._fields.get(name), tag) for name, tag in names.items()]
        return [self._made(tag, field, text=field.text.strip()) for field, tag in found if field is not None]

    def _text(self, name: str) -> str:
        field = self._fields.get(name)
        return field.text.strip() if field is not None else ""

    def _is(self, name: str, value: str) -> bool:
        return self._text(name).lower() == value.lower()

    def _made(
        self, tag: str, at: Element, children: list[Element] | None = None, text: str = "", **attributes: str
    ) -> Element:
        """An element that lies where ``at`` lies."""
        return Element(
            at.source, SYNAPSE, tag, at.start, at.namespaces, attributes, children or [], text, at.end, at.text_start
        )
