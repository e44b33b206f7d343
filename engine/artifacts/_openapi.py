"""The description of an API that its clients may read: published, or made from its resources.

OpenAPI 3.0.3 (https://spec.openapis.org/oas/v3.0.3) and Swagger 2.0 (https://swagger.io/specification/v2/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from engine.artifacts._resource import Resource
from engine.errors import Fault
from engine.message.codecs import json

FORMS = ("openapi.json", "openapi.yaml", "swagger.json", "swagger.yaml")
"""Queries that ask for a description."""

Reader = Callable[[str], Any]
"""Local entry or registry resource by its key; None when there is none."""

_DEFAULT_METHODS = ("GET", "POST", "PUT", "DELETE")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OPERATOR = re.compile(r"\{[+#./]")
_LENGTH = re.compile(r":[0-9]+(?=[,}])")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TEMPLATE_QUERY = re.compile(r"([^&=?]+)=\{[+#]?([^{}]+)\}")
_GOVERNANCE, _CONFIG = "/_system/governance/", "/_system/config/"


def is_badly_escaped(text: str) -> bool:
    """Whether a ``%`` in it is not followed by two hexadecimal digits."""
    return "%" in text and _BAD_ESCAPE.search(text) is not None


def registry_key(path: str) -> str:
    """A registry path of the reference as a key: ``/_system/governance/x`` is ``gov:/x``."""
    for prefix, short in ((_GOVERNANCE, "gov:/"), (_CONFIG, "conf:/")):
        if path.startswith(prefix):
            return short + path[len(prefix) :]
    return path


@dataclass(frozen=True, slots=True)
class Definition:
    """What is known of an API."""

    name: str
    version: str
    base: str
    resources: Sequence[Resource]
    published: str

    def render(self, form: str, scheme: str, host: str | None, read: Reader) -> tuple[bytes, str]:
        """The description as ``form`` (one of FORMS) to who called ``scheme`` and ``host``, and its content type.

        Raises Fault when the published one cannot be read.
        """
        kind, _, format_ = form.partition(".")
        document = self._published(read) if self.published else None
        if document is None:
            document = self.openapi(scheme, host) if kind == "openapi" else self.swagger(scheme, host)
        if format_ == "json":
            return json.encode(document), "application/json"
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode(), "application/yaml"

    def _published(self, read: Reader) -> Any:
        key = registry_key(self.published)
        text = read(key)
        if not isinstance(text, str):
            return None
        try:
            return yaml.safe_load(text)  # JSON is YAML
        except yaml.YAMLError:
            raise Fault(f"the published definition '{self.published}' is neither JSON nor YAML") from None

    def openapi(self, scheme: str, host: str | None) -> dict[str, Any]:
        """An OpenAPI 3.0.3 document of the resources."""
        server = f"{scheme}://{host}{self.base}" if host else self.base or "/"
        paths: dict[str, Any] = {}
        for resource in self.resources:
            path = paths.setdefault(_path(resource), {})
            for method in _methods(resource):
                operation: dict[str, Any] = {"responses": {"default": {"description": "Default response"}}}
                if parameters := [_parameter_3(*each) for each in _parameters(resource)]:
                    operation["parameters"] = parameters
                if method in _WITH_BODY:
                    content_type = resource.content_type or "*/*"
                    operation["requestBody"] = {"content": {content_type: {"schema": {}}}}
                path.setdefault(method.lower(), operation)
        return {"openapi": "3.0.3", "info": self._info(), "servers": [{"url": server}], "paths": paths}

    def swagger(self, scheme: str, host: str | None) -> dict[str, Any]:
        """A Swagger 2.0 document of the resources."""
        paths: dict[str, Any] = {}
        for resource in self.resources:
            path = paths.setdefault(_path(resource), {})
            for method in _methods(resource):
                parameters = [
                    {"name": name, "in": where, "required": required, "type": "string"}
                    for name, where, required in _parameters(resource)
                ]
                if method in _WITH_BODY:
                    parameters.append({"name": "payload", "in": "body", "required": False, "schema": {}})
                operation = {"parameters": parameters, "responses": {"default": {"description": "Default response"}}}
                path.setdefault(method.lower(), operation)
        document: dict[str, Any] = {"swagger": "2.0", "info": self._info()}
        if host:
            document["host"] = host
        return document | {"basePath": self.base or "/", "schemes": [scheme], "paths": paths}

    def _info(self) -> dict[str, str]:
        return {"title": self.name, "version": self.version or "1.0.0"}


def _methods(resource: Resource) -> tuple[str, ...]:
    return resource.methods or _DEFAULT_METHODS


def _plain(template: str) -> str:
    """A URI template with plain variables only, one in each pair of braces."""
    text = _LENGTH.sub("", _OPERATOR.sub("{", template))
    return re.sub(r"\{([^{}]*)\}", lambda match: "".join(f"{{{name}}}" for name in match[1].split(",")), text)


def _path(resource: Resource) -> str:
    """The path of the document; a wildcard has no form there and stays as text."""
    path = _plain(resource.pattern).partition("?")[0] or "/*"
    return path if path.startswith("/") else f"/{path}"


def _parameters(resource: Resource) -> list[tuple[str, str, bool]]:
    """Name, place and whether it is required, of each variable. A query variable goes by the name of its key."""
    query = _TEMPLATE_QUERY.findall(resource.uri_template.partition("?")[2])
    in_query = {variable for _, variable in query}
    names = dict.fromkeys(resource.template.names if resource.template is not None else ())
    found = [(name, "path", True) for name in names if name not in in_query]
    return [*found, *((key, "query", False) for key, _ in query)]


def _parameter_3(name: str, where: str, required: bool) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": {"type": "string"}}
