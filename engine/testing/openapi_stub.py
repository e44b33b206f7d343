"""A back end that plays an API from its description: it checks each request, and answers with what the document says.

    client = StubClient(OpenApiStub(load(Path("api.yaml"))))

Requests that the document does not allow are answered 400 with the reasons, unknown ones 404; ``refused`` keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema

from engine.core.http import HttpRequest, HttpResponse
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.plugins.openapi import schema as schemas
from engine.plugins.openapi.document import ApiOperation, ApiParameter, Document

_BRACED = re.compile(r"\{[^{}]*\}")
_MAX_DEPTH = 6
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_TIME = "2026-01-02T03:04:05Z"


class OpenApiStub:
    """Answers an HttpRequest; made for ``StubClient``."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._prefix = urlsplit(document.base_url).path
        self.refused: list[str] = []
        """One line for each request that was not as the document has it."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = self._find(request)
        if found is None:
            return self._refuse(404, [f"{request.method} {request.url}: the document has no such operation"])
        operation, path_values = found
        mistakes = [
            f"{operation.method} {operation.path}: {each}" for each in self._mistakes(operation, path_values, request)
        ]
        if mistakes:
            return self._refuse(400, mistakes)
        status, body = example_answer(self._document, operation)
        content = b"" if body is None else json.encode(body)
        return HttpResponse(status, "", [(b"content-type", b"application/json")] if content else [], content)

    def _refuse(self, status: int, mistakes: list[str]) -> HttpResponse:
        self.refused += mistakes
        return HttpResponse(status, "", [(b"content-type", b"application/json")], json.encode({"mistakes": mistakes}))

    def _find(self, request: HttpRequest) -> tuple[ApiOperation, list[str]] | None:
        path = urlsplit(request.url).path.removeprefix(self._prefix)
        candidates = []
        for operation in self._document.operations:
            if operation.method != request.method:
                continue
            constants = [re.escape(each) for each in _BRACED.split(operation.path)]
            if match := re.fullmatch("([^/]+)".join(constants), path):
                candidates.append((len(match.groups()), operation, [unquote(each) for each in match.groups()]))
        # /pets/mine goes before /pets/{id}.
        best = min(candidates, key=lambda each: each[0], default=None)
        return None if best is None else best[1:]

    def _mistakes(self, operation: ApiOperation, path_values: list[str], request: HttpRequest) -> Iterator[str]:
        names = [each[1:-1] for each in _BRACED.findall(operation.path)]
        given: dict[str, dict[str, list[str]]] = {
            "path": {name: [value] for name, value in zip(names, path_values, strict=True)},
            "query": parse_qs(urlsplit(request.url).query, keep_blank_values=True),
            "header": {name.decode().lower(): [value.decode("utf-8")] for name, value in request.headers},
        }
        for parameter in operation.parameters:
            values = given.get(parameter.place, {})
            key = parameter.name.lower() if parameter.place == "header" else parameter.name
            if key in values:
                yield from self._check(parameter.name, _typed(self._document, parameter, values[key]), parameter.schema)
            elif parameter.required and parameter.place != "cookie":
                yield f"the {parameter.place} parameter '{parameter.name}' is missing"
        known = {each.name for each in operation.parameters if each.place == "query"}
        for name in given["query"].keys() - known - self._keys_in_query:
            yield f"the query parameter '{name}' is not known"
        if operation.body is not None:
            yield from self._body_mistakes(operation, request)

    @property
    def _keys_in_query(self) -> set[str]:
        return {str(each.get("name")) for each in self._document.schemes.values() if each.get("in") == "query"}

    def _body_mistakes(self, operation: ApiOperation, request: HttpRequest) -> Iterator[str]:
        body = operation.body
        assert body is not None  # the caller looked
        assert isinstance(request.body, bytes)  # connectors send no streams
        if not request.body:
            if body.required:
                yield "the body is missing"
            return
        if "json" not in body.media:
            return
        try:
            yield from self._check("the body", json.decode(request.body), body.schema)
        except DecodeError as error:
            yield f"the body is {error}"

    def _check(self, name: str, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
        root = {key: self._document.root[key] for key in ("components", "definitions") if key in self._document.root}
        plain = {key: each for key, each in schema.items() if key not in ("required", "name", "in", "description")}
        rules = {**(schema if isinstance(schema.get("required"), list) else plain), **root}
        validator = jsonschema.Draft4Validator(_without_nullable(rules))
        for error in validator.iter_errors(_plain(value)):
            yield f"{name}: {error.message[:200]}"


def example_answer(document: Document, operation: ApiOperation) -> tuple[int, Any]:
    """The first good answer of an operation: its status, and a body made from its schema; None for no body."""
    code = next((code for code in sorted(operation.answers) if code[:1] == "2"), "200")
    answer = operation.answers.get(code) or operation.answers.get("default") or {}
    contents = answer.get("content")
    media = next(iter(contents.values()), {}) if isinstance(contents, Mapping) and contents else answer
    status = int(code) if code.isdecimal() else 200
    if "schema" not in media:
        return status, None
    return status, example(document, media["schema"])


def example(document: Document, schema: Any, depth: int = 0) -> Any:
    """A value that a schema allows, as far as its simple rules go; the document's own example where it has one."""
    schema = schemas.merged(document, schema or {})
    for key in ("example", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("oneOf", "anyOf"):
        if schema.get(key):
            return example(document, schema[key][0], depth + 1)
    kind = schemas.type_of(schema)
    if kind == "object":
        return _example_object(document, schema, depth)
    if kind == "array":
        length = int(schema.get("minItems") or 1)
        return [example(document, schema.get("items"), depth + 1)] * length if depth < _MAX_DEPTH else []
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return True if kind == "boolean" else _example_text(schema)


def _example_object(document: Document, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    required = set(schema.get("required") or ()) if isinstance(schema.get("required"), list) else set()
    members = (schema.get("properties") or {}).items()
    # A tree that holds itself ends with what it must have.
    return {
        name: example(document, each, depth + 1) for name, each in members if depth < _MAX_DEPTH or name in required
    }


def _example_text(schema: Mapping[str, Any]) -> str:
    known = {"date-time": _TIME, "date": _TIME[:10], "email": "a@example.com", "uri": "http://example.com"}
    text = known.get(str(schema.get("format", "")), "text")
    text = text.ljust(int(schema.get("minLength") or 0), "x")
    return text[: int(schema["maxLength"])] if schema.get("maxLength") else text


def _typed(document: Document, parameter: ApiParameter, values: list[str]) -> Any:
    """What the text of a parameter means by its schema."""
    schema = schemas.merged(document, parameter.schema)
    kind = schemas.type_of(schema)
    if kind == "array":
        items = values if parameter.explode else values[0].split(_SEPARATORS.get(parameter.style, ","))
        return [_scalar(schemas.type_of(schemas.merged(document, schema.get("items") or {})), each) for each in items]
    return _scalar(kind, values[0])


def _scalar(kind: str, text: str) -> Any:
    try:
        if kind in ("integer", "number", "boolean", "object"):
            return json.decode(text.encode())
    except DecodeError:
        pass
    return text


def _plain(value: Any) -> Any:
    """Numbers as jsonschema knows them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return float(str(value)) if isinstance(value, json.JsonNumber) else value


def _without_nullable(schema: Any) -> Any:
    """OpenAPI 3.0's ``nullable``, 3.1's numeric ``exclusiveMinimum`` and Swagger's ``file`` are not of draft 4."""
    if isinstance(schema, Mapping):
        return {
            key: _without_nullable(each)
            for key, each in schema.items()
            if key not in ("nullable", "example", "exclusiveMinimum", "exclusiveMaximum", "pattern")
        }
    return [_without_nullable(each) for each in schema] if isinstance(schema, list) else schema
