"""Path, query and body that newer connectors make of the parameters of an operation.

``<property name="pathParameters" value="id,name"/>`` and ``queryParameters`` list the parameters of the template.
"""

from __future__ import annotations

from typing import ClassVar

from engine.core.java_class import JavaClass, java_class
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.ported import signing
from engine.ported._base import argument

_NO_PARAMETER = 701002
"""ERROR_CODE when a parameter of the path is missing."""


class _RestUrl(JavaClass):
    """``uri.var.urlPath`` and ``uri.var.urlQuery``, which is empty or begins with ``?``."""

    path_parameters: str = ""
    query_parameters: str = ""
    marked: ClassVar[frozenset[str]] = frozenset()
    """Query parameters whose names get a ``$`` in front."""

    def mediate(self, message: MessageContext) -> None:
        path = self.path(message)
        for name in _names(self.path_parameters):
            value = argument(message, name)
            if not value:
                raise Fault(f"the parameter '{name}', a part of the path, is not set", code=_NO_PARAMETER)
            path = path.replace(f"{{{name}}}", signing.java_encode(value))
        pairs = [
            f"{'$' if name in self.marked else ''}{name}={self.encoded(value)}"
            for name in _names(self.query_parameters)
            if (value := argument(message, name))
        ]
        message.properties["uri.var.urlPath"] = path
        message.properties["uri.var.urlQuery"] = f"?{'&'.join(pairs)}" if pairs else ""

    def path(self, message: MessageContext) -> str:
        """The path with its ``{parameters}``."""
        raise NotImplementedError

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

    marked = frozenset({"page", "pagesize", "orderBy", "filter", "fields"})


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
