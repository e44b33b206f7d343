"""JSON Schema for ``<validate>``; its library is imported when the first flow needs it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators._resources import as_bytes
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonNumber, JsonValue


class JsonSchema:
    """The last of the schemas given, of draft 4 unless it says otherwise.

    ``$ref`` finds resources by their location, and nothing else: no file, no network. Raises Fault for what is no
    schema.
    """

    def __init__(self, entries: list[Any], resources: dict[str, Any]) -> None:
        library: Any = importlib.import_module("jsonschema")
        referencing: Any = importlib.import_module("referencing")
        draft4: Any = importlib.import_module("referencing.jsonschema").DRAFT4
        schema = _decoded(entries[-1])
        kind = library.validators.validator_for(schema, default=library.Draft4Validator)
        pairs = [
            (location, referencing.Resource.from_contents(_decoded(entry), default_specification=draft4))
            for location, entry in resources.items()
        ]
        try:
            kind.check_schema(schema)
            self._validator = kind(schema, registry=referencing.Registry().with_resources(pairs))
        except library.SchemaError as error:
            raise Fault(f"the schema cannot be used: {error.message}") from None
        self._unresolvable: type[Exception] = referencing.exceptions.Unresolvable

    def mistakes(self, value: JsonValue) -> list[tuple[str, str]]:
        """What does not fit, and where: ``/a/0``; empty when all does. Raises Fault for a ``$ref`` to nowhere."""
        try:
            errors = sorted(self._validator.iter_errors(plain(value)), key=lambda error: list(map(str, error.path)))
        except self._unresolvable as error:
            raise Fault(f"the schema cannot be used: {error}") from None
        return [(_message(error), f"/{'/'.join(map(str, error.absolute_path))}") for error in errors]


def plain(value: JsonValue) -> JsonValue:
    """The value with Python's own numbers, which the library can compare and divide."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, JsonNumber):
        digits = value.literal.lstrip("-")
        return int(value) if digits.isdigit() and len(digits) < 4000 else float(value)
    return value


def _decoded(entry: Any) -> JsonValue:
    if isinstance(entry, etree._Element):
        raise Fault("the schema is XML, and the payload is JSON")
    try:
        return plain(json.decode(as_bytes(entry)))
    except DecodeError as error:
        raise Fault(f"the schema is {error}") from None


def _shown(value: JsonValue) -> str:
    return json.encode(value).decode()


def _kind_of(value: JsonValue) -> str:
    kinds: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}
    return kinds.get(type(value), "array" if isinstance(value, list) else "null")


def _type(error: Any) -> str:
    allowed = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return (
        f"instance type ({_kind_of(error.instance)}) does not match any allowed primitive type "
        f"(allowed: {_shown(allowed)})"
    )


def _required(error: Any) -> str:
    names = error.validator_value if isinstance(error.validator_value, list) else []
    missing = sorted(name for name in names if name not in error.instance)
    return f"object has missing required properties ({_shown(missing)})"


def _additional(error: Any) -> str:
    known = error.schema.get("properties", {})
    extra = sorted(name for name in error.instance if name not in known)
    return f"object instance has properties which are not allowed by the schema: {_shown(extra)}"


# The texts of the library that the reference uses, which flows look for in ERROR_MESSAGE.
_MESSAGES: dict[str, Callable[[Any], str]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "enum": lambda error: (
        f"instance value ({_shown(error.instance)}) not found in enum "
        f"(possible values: {_shown(error.validator_value)})"
    ),
    "minimum": lambda error: (
        "numeric instance is lower than the required minimum "
        f"(minimum: {_shown(error.validator_value)}, found: {_shown(error.instance)})"
    ),
    "maximum": lambda error: (
        "numeric instance is greater than the required maximum "
        f"(maximum: {_shown(error.validator_value)}, found: {_shown(error.instance)})"
    ),
    "minLength": lambda error: (
        f"string {_shown(error.instance)} is too short "
        f"(length: {len(error.instance)}, required minimum: {error.validator_value})"
    ),
    "maxLength": lambda error: (
        f"string {_shown(error.instance)} is too long "
        f"(length: {len(error.instance)}, maximum allowed: {error.validator_value})"
    ),
    "pattern": lambda error: (
        f'ECMA 262 regex "{error.validator_value}" does not match input string {_shown(error.instance)}'
    ),
    "minItems": lambda error: (
        f"array is too short: must have at least {error.validator_value} elements "
        f"but instance has {len(error.instance)} elements"
    ),
    "maxItems": lambda error: (
        f"array is too long: must have at most {error.validator_value} elements "
        f"but instance has {len(error.instance)} elements"
    ),
    "uniqueItems": lambda error: "array must not contain duplicate elements",
}


def _message(error: Any) -> str:
    made = _MESSAGES.get(error.validator)
    return made(error) if made is not None else str(error.message)
