"""Path, query and body that newer connectors make of the parameters of an operation.

``<property name="pathParameters" value="id,name"/>`` and ``queryParameters`` list the parameters of the template.
"""

from __future__ import annotations

import re
from typing import ClassVar

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import URI_VAR, argument, text

_CAPITAL = re.compile("[A-Z]")


class _RestUrl(JavaClass):
    """``uri.var.urlPath`` and ``uri.var.urlQuery``, which is empty or begins with ``?``."""

    path_parameters: str = ""
    query_parameters: str = ""
    no_parameter: ClassVar[int] = 701002
    """ERROR_CODE when a parameter of the path is missing."""

    def mediate(self, message: MessageContext) -> None:
        path = self.path(message)
        for name in _names(self.path_parameters):
            value = argument(message, name)
            if not value:
                problem = f"the parameter '{name}', a part of the path, is not set"
                raise Fault(problem, code=self.no_parameter)
            path = path.replace(f"{{{self.called(name)}}}", signing.java_encode(value))
        pairs = self.credentials(message)
        for name in _names(self.query_parameters):
            if value := argument(message, name):
                pairs += self.pairs(self.called(name), value)
        query = "&".join(f"{name}={self.encoded(value)}" for name, value in pairs)
        message.properties["uri.var.urlPath"] = path
        message.properties["uri.var.urlQuery"] = f"?{query}" if query else ""

    def path(self, message: MessageContext) -> str:
        """The path with its ``{parameters}``."""
        raise NotImplementedError

    def called(self, name: str) -> str:
        """What the API calls a parameter of the template."""
        return name

    def credentials(self, message: MessageContext) -> list[tuple[str, str]]:
        """What the query begins with."""
        return []

    def pairs(self, name: str, value: str) -> list[tuple[str, str]]:
        """One parameter in the query."""
        return [(name, value)]

    def encoded(self, value: str) -> str:
        """A value of the query."""
        return signing.java_encode(value)


@java_class("org.wso2.carbon.sharepoint.connector.RestURLBuilder")
class SharePointUrl(_RestUrl):
    """For Microsoft Graph."""

    operation_path: str = ""

    def path(self, message: MessageContext) -> str:
        return self.operation_path


@java_class("org.wso2.carbon.salesforce.marketingcloud.connector.RestURLBuilder")
class MarketingCloudUrl(SharePointUrl):
    """For Marketing Cloud, which marks the parameters of its paging and filters."""

    def called(self, name: str) -> str:
        return f"${name}" if name in ("page", "pagesize", "orderBy", "filter", "fields") else name


@java_class("org.wso2.carbon.facebook.ads.connector.RestURLBuilder")
class FacebookAdsUrl(SharePointUrl):
    """For Facebook Ads: with the access token, names as ``ad_account_id``, and the members of the JSON object in
    ``properties`` as parameters of their own: of a list one for each item. Numbers keep their digits, and objects in a
    list are JSON."""

    no_parameter = 701102

    def called(self, name: str) -> str:
        return _CAPITAL.sub(lambda match: f"_{match[0].lower()}", name)

    def credentials(self, message: MessageContext) -> list[tuple[str, str]]:
        token = text(message, "_FB_ACCESS_TOKEN_")
        if not token.strip():
            raise Fault("the connection has no access token", code=self.no_parameter)
        return [("access_token", token)]

    def pairs(self, name: str, value: str) -> list[tuple[str, str]]:
        if name != "properties":
            return [(name, value)]
        try:
            members = json.decode(value.encode("utf-8", "replace"))
        except DecodeError as error:
            raise Fault(f"the parameter 'properties' is {error}") from None
        if not isinstance(members, dict):
            raise Fault("the parameter 'properties' must be a JSON object")
        items = ((key, each if isinstance(each, list) else [each]) for key, each in members.items())
        return [(signing.java_encode(key), json.text_of(item)) for key, several in items for item in several]


@java_class("org.wso2.carbon.twitter.connector.RestURLBuilder")
class TwitterUrl(JavaClass):
    """``uri.var.callEndpointUri``: the whole address. Its parameters are properties below ``uri.var.``."""

    endpoint_path: str = ""
    path_params: str = ""
    query_params: str = ""

    def mediate(self, message: MessageContext) -> None:
        path = self.endpoint_path or argument(message, "endpointPath")
        for name in _names(self.path_params):
            if (value := text(message, URI_VAR + name)).strip():
                path = path.replace(f"{{{name}}}", signing.rfc3986(value))
        if not path or "{" in path:
            raise Fault(f"a part of the path '{path}' is not set")
        values = {name: text(message, URI_VAR + name) for name in _names(self.query_params)}
        # tweet_fields is tweet.fields to the API.
        pairs = [
            f"{name.replace('_fields', '.fields')}={signing.java_encode(value)}"
            for name, value in values.items()
            if value.strip()
        ]
        base = argument(message, "apiUrl").strip() or "https://api.twitter.com"
        message.properties["uri.var.callEndpointUri"] = f"{base}{path}{'?' if pairs else ''}{'&'.join(pairs)}"


@java_class("org.wso2.carbon.salesforce.connector.RestURLBuilder")
class SalesforceUrl(_RestUrl):
    """For Salesforce: paths below ``/services/data/VERSION``, and ``uri.var.auth`` for the host."""

    resource_path: str = ""

    def mediate(self, message: MessageContext) -> None:
        message.properties["uri.var.auth"] = message.properties.get("_OH_INTERNAL_INSTANCE_URL_") or ""
        super().mediate(message)

    def path(self, message: MessageContext) -> str:
        version = message.properties.get("_OH_INTERNAL_API_VERSION_") or "v60.0"
        path = self.resource_path.replace("{$version}", version)
        return path if path.startswith("/services/data/") else f"/services/data/{version}/{path.removeprefix('/')}"

    def encoded(self, value: str) -> str:
        return signing.java_encode(value).replace("+", "%20")


@java_class("org.wso2.carbon.salesforce.marketingcloud.connector.PayloadBuilder")
class MarketingCloudPayload(JavaClass):
    """``normalized.parameters``: a JSON object of the parameters that are set, or the parameter ``payload`` itself when
    ``inputStructure`` is ``INLINE``. Numbers and JSON go in as they are; single quotes around JSON go."""

    payload_parameters: str = ""
    numeric_parameters: str = ""
    json_parameters: str = ""

    def mediate(self, message: MessageContext) -> None:
        if argument(message, "inputStructure").upper() == "INLINE":
            if payload := argument(message, "payload"):
                message.properties["normalized.parameters"] = payload
            return
        plain = {*_names(self.numeric_parameters), *_names(self.json_parameters)}
        members = [
            f'"{name}":{_without_quotes(value) if name in plain else json.encode(value).decode()}'
            for name in _names(self.payload_parameters)
            if name not in ("payload", "inputStructure") and (value := argument(message, name))
        ]
        message.properties["normalized.parameters"] = f"{{{','.join(members)}}}"


def _without_quotes(value: str) -> str:
    trimmed = value.strip()
    is_quoted = len(trimmed) > 1 and trimmed[0] == trimmed[-1] == "'"
    return trimmed[1:-1] if is_quoted else value


def _names(listed: str) -> list[str]:
    return [name for each in listed.split(",") if (name := each.strip())]
