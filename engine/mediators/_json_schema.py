"""JSON Schema for ``<validate>``; its library is imported when the first flow needs it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators._resources import as_bytes
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonNumber, JsonValue
from engine.message.pattern import compile_pattern


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
        kind = _with_time_limit(library, library.validators.validator_for(schema, default=library.Draft4Validator))
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


def _with_time_limit(library: Any, kind: Any) -> Any:
    """A class of validators whose regular expressions have the time limit of all others; those of JSON Schema find.

    Whether items are unique takes linear time: the library compares each object with each, 9 seconds for 2,000. What
    they yield are the library's errors. Raises Fault at use for an expression that cannot be read.
    """

    def pattern(validator: Any, source: str, instance: Any, schema: Any) -> Iterator[Any]:
        if validator.is_type(instance, "string") and not _finds(source, instance):
            yield library.ValidationError(f"{instance!r} does not match {source!r}")

    def pattern_properties(validator: Any, rules: dict[str, Any], instance: Any, schema: Any) -> Iterator[Any]:
        if validator.is_type(instance, "object"):
            for source, rule in rules.items():
                for name in filter(partial(_finds, source), instance):
                    yield from validator.descend(instance[name], rule, path=name, schema_path=source)

    def additional_properties(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not validator.is_type(instance, "object"):
            return
        extra = _extra(instance, schema)
        if validator.is_type(rule, "object"):
            for name in extra:
                yield from validator.descend(instance[name], rule, path=name)
        elif not rule and extra:
            yield library.ValidationError(f"additional properties: {', '.join(extra)}")

    def unique_items(validator: Any, is_wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if is_wanted and validator.is_type(instance, "array") and len(set(map(_identity, instance))) < len(instance):
            yield library.ValidationError("items are not unique")

    own = {
        "pattern": pattern,
        "patternProperties": pattern_properties,
        "additionalProperties": additional_properties,
        "uniqueItems": unique_items,
    }
    return library.validators.extend(kind, own)


def _identity(value: JsonValue) -> Any:
    """Equal for equal JSON: 1 is 1.0 and not true, and members have no order.

    Numbers by their text: a client knows many whole numbers of one hash, but no texts.
    """
    if isinstance(value, dict):
        return frozenset((name, _identity(item)) for name, item in value.items())
    if isinstance(value, list):
        return tuple(map(_identity, value))
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, (int, float)):
        return float, str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return value


def _extra(instance: dict[str, Any], schema: Any) -> list[str]:
    """The names that neither ``properties`` nor ``patternProperties`` knows."""
    known, sources = schema.get("properties", {}), schema.get("patternProperties", {})
    return [name for name in instance if name not in known and not any(_finds(each, name) for each in sources)]


def _finds(source: str, text: str) -> bool:
    try:
        return compile_pattern(source, re.NOFLAG).search(text) is not None
    except re.error as error:
        raise Fault(f"the schema cannot be used: '{source}' is not a regular expression: {error.msg}") from None


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
    extra = sorted(_extra(error.instance, error.schema))
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
