"""An OpenAPI 3 or Swagger 2 document, read into one form that both have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import yaml

Place = Literal["path", "query", "header", "cookie"]
PLACES: tuple[Place, ...] = ("path", "query", "header", "cookie")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_BYTES = 32 * 1024 * 1024
_MAX_REFERENCES = 64
_NO_PARAMETER = frozenset({"accept", "content-type", "authorization"})
"""Headers that a parameter cannot be (OpenAPI 3, Parameter Object)."""
_AUTHORIZATION = "Authorization"
_IN_HEADER = {"type": "apiKey", "in": "header", "name": _AUTHORIZATION}


class DocumentError(ValueError):
    """The file is no description of an API that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """One parameter of a request."""

    name: str
    place: Place
    required: bool
    doc: str
    schema: Mapping[str, Any]
    style: str = "form"
    """How lists and objects are written, in the words of OpenAPI 3; ``tabDelimited`` is Swagger 2's tsv."""
    explode: bool = True
    """Whether each item is written for itself."""


@dataclass(frozen=True, slots=True)
class ApiBody:
    """The body of a request. ``media`` is its content type; forms of Swagger 2 come as an object schema."""

    media: str
    schema: Mapping[str, Any]
    required: bool
    doc: str = ""


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    doc: str
    parameters: tuple[ApiParameter, ...]
    body: ApiBody | None
    answers: Mapping[str, Any]
    """The responses by status, with their references resolved."""
    accept: str
    security: tuple[str, ...]
    """Names of the schemes, of which one is enough."""
    is_open: bool = False
    """Whether it says itself that it needs none."""


@dataclass(frozen=True, slots=True)
class Document:
    """What was read. ``schemes`` are the security schemes in the form of OpenAPI 3."""

    title: str
    base_url: str
    docs_url: str
    operations: tuple[ApiOperation, ...]
    schemes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    security: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    """Names of the requests that the API sends (OpenAPI 3.1)."""
    root: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, node: Any) -> Any:
        """``node``, or what its ``$ref`` points to."""
        return _resolve(self.root, node)


def load(path: Path) -> Document:
    """Raises DocumentError."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DocumentError(f"it has more than {_MAX_BYTES:,} bytes")
        text = path.read_text("utf-8-sig")
        # YAML's own readers refuse some of JSON's escapes.
        root = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_LOADER)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"it cannot be read: {error}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"it is neither JSON nor YAML: {str(error).splitlines()[0]}") from None
    return read(root)


def read(root: Any) -> Document:
    """Raises DocumentError for what is neither OpenAPI 3 nor Swagger 2."""
    if not isinstance(root, Mapping) or not isinstance(root.get("paths"), Mapping):
        raise DocumentError("it has no 'paths': it describes no API")
    if str(root.get("swagger", "")).startswith("2"):
        reader: _Reader = _Swagger(root)
    elif str(root.get("openapi", "")).startswith("3"):
        reader = _OpenApi(root)
    else:
        raise DocumentError("it says neither openapi: 3.x nor swagger: 2.0")
    return reader.document()


class _Reader:
    """What both have in common."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self._names_authorization = False
        """Whether operations have the header Authorization as a parameter."""

    def document(self) -> Document:
        info = _mapping(self.root.get("info"))
        operations = tuple(self._operations())
        schemes, security = self.schemes(), _names(self.root.get("security"))
        if not schemes and self._names_authorization:
            # OpenAPI says that such parameters are ignored, but without them these documents name no credentials.
            schemes, security = {_AUTHORIZATION: _IN_HEADER}, (_AUTHORIZATION,)
        return Document(
            title=str(info.get("title") or "API"),
            base_url=self.base_url(),
            docs_url=str(_mapping(self.root.get("externalDocs")).get("url") or ""),
            operations=operations,
            schemes=schemes,
            security=security,
            webhooks=tuple(map(str, _mapping(self.root.get("webhooks")))),
            root=self.root,
        )

    def base_url(self) -> str:
        raise NotImplementedError

    def schemes(self) -> dict[str, Mapping[str, Any]]:
        raise NotImplementedError

    def body(self, operation: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> ApiBody | None:
        raise NotImplementedError

    def schema(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotImplementedError

    def style(self, parameter: Mapping[str, Any]) -> tuple[str, bool]:
        """Style and explode of OpenAPI 3."""
        raise NotImplementedError

    def accept(self, operation: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def resolve(self, node: Any) -> Mapping[str, Any]:
        return _mapping(_resolve(self.root, node))

    def _operations(self) -> Iterator[ApiOperation]:
        for path, item in self.root["paths"].items():
            entry = self.resolve(item)
            for method in METHODS:
                if isinstance(operation := entry.get(method), Mapping):
                    yield self._operation(str(path), method, entry, operation)

    def _operation(self, path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]) -> ApiOperation:
        given = [self.resolve(each) for each in (*_list(item.get("parameters")), *_list(operation.get("parameters")))]
        # An operation's own parameter replaces that of its path.
        merged = {(each.get("name"), each.get("in")): each for each in given}
        parameters = list(merged.values())
        answers = {str(code): self.resolve(each) for code, each in _mapping(operation.get("responses")).items()}
        has_own = "security" in operation
        return ApiOperation(
            id=str(operation.get("operationId") or ""),
            method=method.upper(),
            path=path,
            summary=str(operation.get("summary") or ""),
            doc=str(operation.get("description") or ""),
            parameters=tuple(self._parameters(parameters)),
            body=self.body(operation, parameters),
            answers=answers,
            accept=self.accept(operation, answers),
            security=_names(operation["security"] if has_own else self.root.get("security")),
            is_open=has_own and not any(_names(operation["security"])),
        )

    def _parameters(self, parameters: list[Mapping[str, Any]]) -> Iterator[ApiParameter]:
        for each in parameters:
            place, name = each.get("in"), str(each.get("name", ""))
            self._names_authorization |= place == "header" and name.lower() == _AUTHORIZATION.lower()
            if place not in ("path", "query", "header", "cookie") or (
                place == "header" and name.lower() in _NO_PARAMETER
            ):
                continue
            style, explode = self.style(each)
            yield ApiParameter(
                name=name,
                place=place,
                required=place == "path" or bool(each.get("required")),
                doc=str(each.get("description") or ""),
                schema=self.schema(each),
                style=style,
                explode=explode,
            )


class _OpenApi(_Reader):
    def base_url(self) -> str:
        servers = _list(self.root.get("servers"))
        if not servers:
            return ""
        server = _mapping(servers[0])
        variables = _mapping(server.get("variables"))
        defaults = {name: str(_mapping(each).get("default", "")) for name, each in variables.items()}
        url = re.sub(r"\{(\w+)\}", lambda match: defaults.get(match[1], match[0]), str(server.get("url", "")))
        return url.rstrip("/") if url.startswith(("http://", "https://")) else ""

    def schemes(self) -> dict[str, Mapping[str, Any]]:
        schemes = _mapping(_mapping(self.root.get("components")).get("securitySchemes"))
        return {str(name): self.resolve(each) for name, each in schemes.items()}

    def body(self, operation: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> ApiBody | None:
        body = self.resolve(operation.get("requestBody"))
        contents = _mapping(body.get("content"))
        if not contents:
            return None
        media = _best(contents)
        schema = self.resolve(_mapping(contents[media]).get("schema"))
        return ApiBody(media, schema, bool(body.get("required")), str(body.get("description") or ""))

    def schema(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        content = _mapping(parameter.get("content"))
        holder = parameter if "schema" in parameter else _mapping(next(iter(content.values()), None))
        return self.resolve(holder.get("schema"))

    def style(self, parameter: Mapping[str, Any]) -> tuple[str, bool]:
        default = "form" if parameter.get("in") in ("query", "cookie") else "simple"
        # What a parameter's content is written in, such as JSON, has no style.
        style = str(parameter.get("style", default)) if "content" not in parameter else "content"
        return style, bool(parameter.get("explode", style in ("form", "deepObject")))

    def accept(self, operation: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
        good = {media for code, each in answers.items() if code[:1] == "2" for media in _mapping(each.get("content"))}
        return _best(good) if good else "application/json"


_COLLECTED = {"ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited"}
"""Swagger 2's names of styles, but for csv and multi."""


class _Swagger(_Reader):
    def base_url(self) -> str:
        host = self.root.get("host")
        if not host:
            return ""
        schemes = [str(each) for each in _list(self.root.get("schemes"))] or ["https"]
        scheme = "https" if "https" in schemes else schemes[0]
        return f"{scheme}://{host}{self.root.get('basePath') or ''}".rstrip("/")

    def schemes(self) -> dict[str, Mapping[str, Any]]:
        found = _mapping(self.root.get("securityDefinitions"))
        return {str(name): _scheme(self.resolve(each)) for name, each in found.items()}

    def body(self, operation: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> ApiBody | None:
        consumes = [str(each) for each in _list(operation.get("consumes") or self.root.get("consumes"))]
        fields = [each for each in parameters if each.get("in") == "formData"]
        if fields:
            is_file = any(each.get("type") == "file" for each in fields)
            is_multipart = is_file or (bool(consumes) and "application/x-www-form-urlencoded" not in consumes)
            media = "multipart/form-data" if is_multipart else "application/x-www-form-urlencoded"
            properties = {
                str(each.get("name")): {**each, "description": each.get("description", "")} for each in fields
            }
            required = [str(each.get("name")) for each in fields if each.get("required")]
            schema = {"type": "object", "properties": properties, "required": required}  # each says required itself
            return ApiBody(media, schema, bool(required))
        body = next((each for each in parameters if each.get("in") == "body"), None)
        if body is None:
            return None
        media = _best(consumes or ["application/json"])
        return ApiBody(
            media, self.resolve(body.get("schema")), bool(body.get("required")), str(body.get("description") or "")
        )

    def schema(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        return parameter

    def style(self, parameter: Mapping[str, Any]) -> tuple[str, bool]:
        if parameter.get("type") != "array":
            return "form", True
        collected = str(parameter.get("collectionFormat", "csv"))
        return _COLLECTED.get(collected, "form"), collected == "multi"

    def accept(self, operation: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
        produces = [str(each) for each in _list(operation.get("produces") or self.root.get("produces"))]
        return _best(produces or ["application/json"])


def _scheme(swagger: Mapping[str, Any]) -> Mapping[str, Any]:
    """A security definition of Swagger 2 as OpenAPI 3 would write it."""
    if swagger.get("type") == "basic":
        return {"type": "http", "scheme": "basic"}
    if swagger.get("type") != "oauth2":
        return swagger
    names = {"application": "clientCredentials", "accessCode": "authorizationCode"}
    flow = str(swagger.get("flow", ""))
    return {
        "type": "oauth2",
        "flows": {names.get(flow, flow): {key: swagger.get(key) for key in ("tokenUrl", "scopes")}},
    }


def _best(medias: Any) -> str:
    """The content type to use: JSON before all others, then forms, then the first."""
    names = [str(each) for each in medias]
    for wanted in ("application/json", "application/x-www-form-urlencoded"):
        if wanted in names:
            return wanted
    return next((each for each in names if "json" in each), names[0])


def _resolve(root: Mapping[str, Any], node: Any) -> Any:
    for _ in range(_MAX_REFERENCES):
        if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
            return node
        node = _pointed(root, node["$ref"])
    raise DocumentError("its references point to each other in a circle")


def _pointed(root: Mapping[str, Any], reference: str) -> Any:
    """What ``#/a/b`` points to. Swagger 1 wrote the bare name of a model; some still do."""
    if not reference.startswith("#/"):
        models = _mapping(root.get("definitions"))
        if reference in models:
            return models[reference]
        raise DocumentError(f"it refers to '{reference}', which is outside of the file")
    node: Any = root
    for part in reference[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, Mapping) and name in node:
            node = node[name]
        else:
            raise DocumentError(f"it refers to '{reference}', which is not there")
    return node


def _names(security: Any) -> tuple[str, ...]:
    """The schemes of a list of requirements; one that asks for nothing is ``""``."""
    found: dict[str, None] = {}
    for requirement in _list(security):
        for name in _mapping(requirement) or {"": []}:
            found[str(name)] = None
    return tuple(found)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
