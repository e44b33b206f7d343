"""A description of an API -> the text of a ``connector.yaml``, and notes of what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.plugins.openapi import schema as schemas
from engine.plugins.openapi.document import ApiBody, ApiOperation, ApiParameter, Document
from engine.plugins.query import QUERY_STYLES
from engine.plugins.yaml_auth import RESERVED

_NOT_NAME = re.compile(r"[^A-Za-z0-9_]+")
_BRACED = re.compile(r"\{([^{}]*)\}")
_FLOWS = {
    "clientCredentials": "client_credentials",
    "password": "password",
    "authorizationCode": "refresh_token",
    "implicit": "refresh_token",
}


@dataclass(slots=True)
class Converted:
    """The file, and what it does not have, one line for each."""

    yaml: str
    operations: int
    notes: list[str] = field(default_factory=list)


def convert(document: Document, name: str, source: str) -> Converted:
    """``name`` is that of the connector, ``source`` that of the file for the comment at the top."""
    notes: list[str] = []
    head: dict[str, Any] = {"connector": name, "summary": schemas.one_line(document.title, 120)}
    if document.docs_url:
        head["docs"] = document.docs_url
    if document.base_url:
        head["base_url"] = document.base_url
    else:
        notes.append("the document names no server: flows give apiUrl to init")
    if document.webhooks:
        notes.append(f"webhooks are requests to you, which an API of yours takes: {', '.join(document.webhooks)}")
    head["auth"] = _auth(document, notes)
    operations: dict[str, Any] = {}
    for operation in document.operations:
        entry = _Operation(document, operation, notes).entry()
        if entry is not None:
            operations[_free(_operation_name(operation), {*operations, *RESERVED})] = entry
    text = f"# Made by 'myelin connector new' from {source}. It is yours now: change what you like.\n"
    for part in (head, {"operations": operations}):
        text += "\n" + yaml.dump(part, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return Converted(text, len(operations), notes)


class _Dumper(yaml.SafeDumper):
    """Without aliases, which connector files do not take, and with lists indented."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _Operation:
    """One operation on its way into the file."""

    def __init__(self, document: Document, operation: ApiOperation, notes: list[str]) -> None:
        self._document = document
        self._operation = operation
        self._notes = notes
        self._label = f"{operation.method} {operation.path}"
        self._parameters: dict[str, Any] = {}

    def entry(self) -> dict[str, Any] | None:
        """None for an operation that a connector cannot express; a note says why."""
        operation = self._operation
        body = operation.body
        if (problem := self._unusable()) is not None:
            self._note(f"left out: {problem}")
            return None
        summary = schemas.one_line(operation.summary or operation.doc, 120) or f"{self._label}."
        entry: dict[str, Any] = {"summary": summary}
        doc = schemas.one_line(operation.doc)
        if doc and doc != summary:
            entry["doc"] = doc
        entry |= {"method": operation.method, "path": self._path()}
        for key, place in (("query", "query"), ("headers", "header")):
            if values := self._placed(place):
                entry[key] = values
        if body is not None:
            entry |= self._body(body)
        if operation.is_open and any(self._document.security):
            entry["auth"] = "none"
        if operation.accept != "application/json":
            entry["accept"] = operation.accept
        entry["answers"] = self._answers()
        if self._parameters:
            entry["parameters"] = self._parameters
        return entry

    def _path(self) -> str:
        known = {each.name: each for each in self._operation.parameters if each.place == "path"}

        def filled(match: re.Match[str]) -> str:
            parameter = known.get(match[1])
            schema = parameter.schema if parameter is not None else {}
            doc = parameter.doc if parameter is not None else ""
            return f"{{{self._add(match[1], schema, doc, required=True, is_text=True)}}}"

        return _BRACED.sub(filled, self._operation.path)

    def _unusable(self) -> str | None:
        body = self._operation.body
        is_multipart = body is not None and _body_type(body.media) == "multipart"
        if body is not None and is_multipart and not schemas.is_object(schemas.merged(self._document, body.schema)):
            return f"the document does not name the parts of its {body.media}"
        for each in self._operation.parameters:
            if each.place == "path" and each.style not in ("simple", "form"):
                return f"its path parameter '{each.name}' has the style {each.style}"
        return None

    def _placed(self, place: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in self._operation.parameters:
            if each.place == "cookie" and place == "query":
                self._note(f"the cookie '{each.name}' is not sent")
            if each.place != place:
                continue
            name = self._add(each.name, each.schema, each.doc, required=each.required, is_text=True)
            found[each.name] = self._styled(each, f"{{{name}}}") if place == "query" else f"{{{name}}}"
        return found

    def _styled(self, parameter: ApiParameter, value: str) -> Any:
        """How a list or an object is written, when it is not as the engine does it unasked."""
        kind = schemas.type_of(schemas.merged(self._document, parameter.schema))
        if kind not in ("array", "object") or parameter.style not in QUERY_STYLES:
            return value
        if kind == "array" and parameter.explode:
            return value
        styled: dict[str, Any] = {"value": value, "style": parameter.style}
        if parameter.style == "form":
            styled["explode"] = parameter.explode
        return styled

    def _body(self, body: ApiBody) -> dict[str, Any]:
        schema = schemas.merged(self._document, body.schema)
        kind = _body_type(body.media)
        entry: dict[str, Any] = {} if kind == "json" else {"body_type": kind}
        if (plain := body.media.partition(";")[0].strip().lower()) not in _USUAL:
            entry["content_type"] = plain
        if kind in ("text", "bytes") or not schemas.is_object(schema):
            return entry | {"body": self._whole_body(body, schema, kind)}
        if kind == "json" and schema.get("additionalProperties"):
            self._note("members of the body that the document does not name are not sent")
        required = set(schema.get("required") or ()) if body.required else set()
        members: dict[str, Any] = {}
        for name, member in schema["properties"].items():
            resolved = schemas.merged(self._document, member)
            if resolved.get("readOnly"):
                continue
            is_file = kind == "multipart" and schemas.is_file(self._document, resolved)
            added = self._add(str(name), resolved, "", required=name in required, is_text=kind != "json")
            members[str(name)] = self._file(added) if is_file else f"{{{added}}}"
        return entry | {"body": members}

    def _whole_body(self, body: ApiBody, schema: Mapping[str, Any], kind: str) -> str:
        name = self._add("body", schema, body.doc or "What to send.", required=body.required, is_text=False)
        entry = self._parameters[name]
        if kind == "text":
            entry.pop("type", None)
        else:
            entry["type"] = "base64" if kind == "bytes" else "json"
            for key in ("choices", "min_length", "max_length", "pattern", "minimum", "maximum"):
                entry.pop(key, None)
        return f"{{{name}}}"

    def _file(self, name: str) -> dict[str, str]:
        """The part of a file: its content is a parameter in base64, another one says what it is called."""
        entry = self._parameters[name]
        self._parameters[name] = {key: entry[key] for key in ("required",) if key in entry} | {
            "type": "base64",
            "doc": "The file's content." if entry["doc"] == "Not described." else entry["doc"],
        }
        called = _free(f"{name}Name", self._parameters)
        self._parameters[called] = {"doc": "Name under which the file goes."}
        return {"content": f"{{{name}}}", "filename": f"{{{called}}}"}

    def _add(self, name: str, schema: Mapping[str, Any], doc: str, *, required: bool, is_text: bool) -> str:
        """Declare a parameter; gives the name it has in XML."""
        free = _free(_xml_name(name), self._parameters)
        self._parameters[free] = schemas.parameter(self._document, schema, doc, required=required, is_text=is_text)
        return free

    def _answers(self) -> str:
        parts = [
            f"{code} {schemas.one_line(str(each.get('description') or ''), 80)}".strip()
            for code, each in self._operation.answers.items()
        ]
        return schemas.one_line("; ".join(parts)) or "whatever the API answers."

    def _note(self, text: str) -> None:
        self._notes.append(f"{self._label}: {text}")


_USUAL = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "*/*")
"""What goes with a type of body unasked."""


def _body_type(media: str) -> str:
    plain = media.partition(";")[0].strip().lower()
    if "json" in plain or plain == "*/*":
        return "json"
    if plain == "application/x-www-form-urlencoded":
        return "form"
    if plain.startswith("multipart/"):
        return "multipart"
    return "text" if plain.startswith("text/") or plain.endswith(("/xml", "+xml")) else "bytes"


def _auth(document: Document, notes: list[str]) -> Any:
    """The entry ``auth``: one way, or a list of ways of different types."""
    used = dict.fromkeys(document.security)
    for operation in document.operations:
        used |= dict.fromkeys(operation.security)
    ways: dict[str, dict[str, Any]] = {}
    for name in used:
        way = _way(name, document.schemes.get(name, {}), notes) if name else {"type": "none"}
        if way is None:
            continue
        if way["type"] in ways and ways[way["type"]] != way:
            notes.append(f"security scheme '{name}': a connector has one way of the type {way['type']}")
        ways.setdefault(way["type"], way)
    if len(ways) > 1 and "none" in ways:
        ways["none"] = ways.pop("none")  # the last choice
    found = list(ways.values()) or [{"type": "none"}]
    return found[0] if len(found) == 1 else found


def _way(name: str, scheme: Mapping[str, Any], notes: list[str]) -> dict[str, Any] | None:
    kind = scheme.get("type")
    if kind == "apiKey":
        return {"type": "api-key", "in": str(scheme.get("in", "header")), "name": str(scheme.get("name", name))}
    if kind == "http" and str(scheme.get("scheme", "")).lower() in ("basic", "bearer"):
        return {"type": str(scheme["scheme"]).lower()}
    if kind == "oauth2":
        return _oauth2(scheme)
    if kind == "openIdConnect":
        notes.append(f"security scheme '{name}': OpenID Connect becomes a Bearer token that flows bring along")
        return {"type": "bearer"}
    notes.append(f"security scheme '{name}': not supported ({kind or 'not declared'})")
    return None


def _oauth2(scheme: Mapping[str, Any]) -> dict[str, Any]:
    flows = {key: each for key, each in (scheme.get("flows") or {}).items() if key in _FLOWS}
    # The way that needs no user comes first.
    key = next((key for key in _FLOWS if key in flows), "authorizationCode")
    flow = flows.get(key) or {}
    way: dict[str, Any] = {"type": "oauth2", "grant": _FLOWS[key]}
    token_url = str(flow.get("tokenUrl") or flow.get("refreshUrl") or "")
    if token_url.startswith(("http://", "https://")):
        way["token_url"] = token_url
    if key == "clientCredentials" and (scopes := list(flow.get("scopes") or {})):
        way["scope"] = " ".join(str(each) for each in scopes)
    return way


def _operation_name(operation: ApiOperation) -> str:
    if operation.id:
        return _xml_name(operation.id)
    words = [operation.method.lower(), *_BRACED.sub(r"by \1", operation.path).replace("/", " ").split()]
    return _xml_name("".join([words[0], *(word[:1].upper() + word[1:] for word in words[1:])]))


def _xml_name(name: str) -> str:
    plain = _NOT_NAME.sub("_", name).strip("_") or "value"
    return plain if plain[0].isalpha() or plain[0] == "_" else f"_{plain}"


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    number, free = 2, name
    while free in known:
        free, number = f"{name}{number}", number + 1
    return free
