"""JSON Schema, as descriptions of APIs use it, -> the parameters of a connector.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.message.codecs import json
from engine.message.pattern import compile_pattern
from engine.plugins.openapi.document import Document

_MAX_DOC = 300
_SIMPLE = ("string", "integer", "number", "boolean")
_MERGE_DEPTH = 16


def type_of(schema: Mapping[str, Any]) -> str:
    """``string``, ``array`` and so on; of OpenAPI 3.1's lists the first that is not null."""
    found = schema.get("type")
    if isinstance(found, list):
        found = next((each for each in found if each != "null"), "string")
    if found is None:
        found = "object" if "properties" in schema else "array" if "items" in schema else ""
    return str(found)


def merged(document: Document, schema: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """The schema with the members of its ``allOf`` in it. Of a list of schemas, as older drafts have for items, the
    first counts; what is no schema at all allows everything."""
    found: Any = document.resolve(schema)
    if isinstance(found, list):
        found = document.resolve(found[0]) if found else {}
    if not isinstance(found, Mapping):
        return {}
    schema = found
    parts = schema.get("allOf")
    if not isinstance(parts, list) or depth > _MERGE_DEPTH:
        return schema
    result = {key: value for key, value in schema.items() if key != "allOf"}
    properties, required = dict(result.get("properties") or {}), list(result.get("required") or [])
    for part in parts:
        each = merged(document, part, depth + 1)
        properties = {**(each.get("properties") or {}), **properties}
        required += each.get("required") or []
        result = {**each, **result}
    return {**result, "properties": properties, "required": required} if properties else result


def parameter(
    document: Document, schema: Mapping[str, Any], doc: str, *, required: bool, is_text: bool
) -> dict[str, Any]:
    """The entry of one parameter: type, limits, choices and documentation.

    ``is_text`` says that it is written as text: the items of lists are texts then, whatever they mean.
    """
    schema = merged(document, schema)
    entry: dict[str, Any] = {}
    kind = type_of(schema)
    entry_type = _parameter_type(document, schema, kind, is_text)
    if entry_type != "text":
        entry["type"] = entry_type
    if required:
        entry["required"] = True
    text = doc or str(schema.get("description") or "")
    choices = _choices(document, schema, kind)
    if choices and entry_type in ("text", "list"):
        entry["choices"] = choices
    elif choices:
        text += f" One of {', '.join(choices)}."
    entry |= _limits(schema, entry_type)
    if schema.get("default") is not None:
        text += f" {json.text_of(schema['default'])} when left out."
    if schema.get("format") == "password":
        entry["secret"] = True
    entry["doc"] = one_line(text) or "Not described."
    return entry


def one_line(text: str, longest: int = _MAX_DOC) -> str:
    """The text in one line, without HTML tags, cut at a word."""
    plain = " ".join(re.sub(r"</?[A-Za-z][^>]*>", " ", text).split())
    return plain if len(plain) <= longest else plain[:longest].rsplit(" ", 1)[0] + " …"


def is_object(schema: Mapping[str, Any]) -> bool:
    """Whether its members can be parameters of their own."""
    has_members = bool(schema.get("properties"))
    return has_members and not any(key in schema for key in ("oneOf", "anyOf", "not"))


def is_simple_list(document: Document, schema: Mapping[str, Any]) -> bool:
    """Whether it is a list of texts, numbers or Booleans."""
    schema = merged(document, schema)
    if type_of(schema) != "array":
        return False
    items = merged(document, schema.get("items") or {})
    return type_of(items) in (*_SIMPLE, "") and "oneOf" not in items


def is_file(document: Document, schema: Mapping[str, Any]) -> bool:
    """Whether it is the content of a file."""
    schema = merged(document, schema)
    return schema.get("type") == "file" or schema.get("format") == "binary" or "contentMediaType" in schema


def _parameter_type(document: Document, schema: Mapping[str, Any], kind: str, is_text: bool) -> str:
    if kind in ("integer", "number", "boolean"):
        return kind
    if kind == "array":
        items = merged(document, schema.get("items") or {})
        if is_text and is_simple_list(document, schema):
            return "list"
        return "list" if type_of(items) in ("string", "") and "oneOf" not in items else "json"
    if kind == "object" or (kind == "" and schema.keys() & {"oneOf", "anyOf", "additionalProperties"}):
        return "json"
    # A uuid or a uri may break the rules of the engine's own types; a date-time and an e-mail must keep theirs.
    return {"date-time": "time", "email": "email"}.get(str(schema.get("format", "")), "text")


def _choices(document: Document, schema: Mapping[str, Any], kind: str) -> list[str]:
    holder = merged(document, schema.get("items") or {}) if kind == "array" else schema
    values = [each for each in holder.get("enum") or () if each is not None]
    return [json.text_of(each) for each in values]


def _limits(schema: Mapping[str, Any], entry_type: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if entry_type == "text":
        for key, name in (("minLength", "min_length"), ("maxLength", "max_length")):
            if isinstance(schema.get(key), int) and schema[key] > 0:
                found[name] = schema[key]
        if (pattern := schema.get("pattern")) and _is_regex(str(pattern)):
            found["pattern"] = str(pattern)
    if entry_type in ("integer", "number"):
        for key in ("minimum", "maximum"):
            if isinstance(schema.get(key), (int, float)) and not isinstance(schema[key], bool):
                found[key] = schema[key]
    return found


def _is_regex(pattern: str) -> bool:
    """Whether it can be read: descriptions write those of JavaScript."""
    try:
        compile_pattern(pattern, re.NOFLAG)
    except re.error:
        return False
    return True
