"""JSON made to fit a JSON Schema, as the reference's JsonProcessor does it.

The keywords are those it knows: type, properties, required, min/maxProperties, patternProperties,
additionalProperties, items, additionalItems, min/maxItems, uniqueItems, min/maxLength, pattern, minimum, maximum,
exclusiveMinimum, exclusiveMaximum, multipleOf, enum, const. Values without a type in the schema stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.json import JsonNumber, JsonValue
from engine.message.pattern import Pattern, compile_pattern

Schema = dict[str, Any]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"-?[0-9]+")


def typed(value: JsonValue, schema: Schema | bool) -> JsonValue:
    """The value with the types of the schema, which ``_json_dialect`` has checked.

    Raises Fault for what cannot be made to fit.
    """
    if isinstance(schema, dict) and schema and "type" not in schema:
        raise _refused("the schema has no type")
    return _convert(value, schema)


def _convert(value: JsonValue, schema: Schema | bool) -> JsonValue:
    if schema is True:
        return value
    if schema is False:
        raise _refused("the schema is false, which nothing fits")
    types = schema.get("type")
    if isinstance(types, list):
        return _one_of(value, types, schema)
    converted = _CONVERSIONS.get(str(types))
    return value if converted is None else converted(value, schema)


def _one_of(value: JsonValue, types: list[Any], schema: Schema) -> JsonValue:
    """By the kind of the value: its own type first, else the first other one that it can become."""
    for type_ in _preferred(value):
        if type_ in types:
            return _CONVERSIONS[type_](value, {**schema, "type": type_})
    raise _refused(f"{_shown(value)} has none of the types {_shown(types)}")


def _preferred(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, dict):
        return "object", "array"
    if isinstance(value, list):
        return ("array",)
    if value is None:
        return ("null",)
    text = json.text_of(value)
    if text in ("true", "false"):
        return "boolean", "string"
    if _NUMBER.fullmatch(text):
        return "integer" if _WHOLE.fullmatch(text) else "number", "number", "string"
    return "string", "boolean", "number", "integer"


# ---------------------------------------------------------------- scalars


def _boolean(value: JsonValue, schema: Schema) -> bool:
    text = _scalar_text(value, "a boolean")
    if text not in ("true", "false"):
        raise _refused(f"{_shown(value)} is no boolean")
    made = text == "true"
    _check_enum(made, schema)
    return made


def _string(value: JsonValue, schema: Schema) -> str:
    text = _scalar_text(value, "a string")
    if "maxLength" in schema and len(text) > int(schema["maxLength"]):
        raise _refused(f"{_shown(text)} is longer than maxLength {schema['maxLength']}")
    if "minLength" in schema and len(text) < int(schema["minLength"]):
        raise _refused(f"{_shown(text)} is shorter than minLength {schema['minLength']}")
    pattern = str(schema.get("pattern") or "")
    if pattern and not _regex(pattern).fullmatch(text):
        raise _refused(f"{_shown(text)} does not match the pattern {pattern}")
    _check_enum(text, schema)
    return text


def _number(value: JsonValue, schema: Schema) -> JsonValue:
    text = _scalar_text(value, "a number").strip()
    is_integer = schema.get("type") == "integer"
    if not (_WHOLE if is_integer else _NUMBER).fullmatch(text):
        raise _refused(f"{_shown(value)} is no {'integer' if is_integer else 'number'}")
    number = Decimal(text)
    _check_range(number, schema)
    if "multipleOf" in schema and not _is_multiple(number, Decimal(str(schema["multipleOf"]))):
        raise _refused(f"{text} is no multiple of {schema['multipleOf']}")
    made: JsonValue = int(text) if _WHOLE.fullmatch(text) and len(text) < 19 else JsonNumber(text)
    _check_enum(number, schema)
    return made


def _is_multiple(number: Decimal, step: Decimal) -> bool:
    # Decimals have no remainder when the quotient has more digits than their context.
    return step != 0 and Fraction(number) % Fraction(step) == 0


def _null(value: JsonValue, schema: Schema) -> None:
    del schema
    if value is not None and value != "null":
        raise _refused(f"{_shown(value)} is not null")


def _check_range(number: Decimal, schema: Schema) -> None:
    bounds: dict[str, Callable[[Decimal], bool]] = {
        "minimum": lambda bound: number >= bound,
        "maximum": lambda bound: number <= bound,
        "exclusiveMinimum": lambda bound: number > bound,
        "exclusiveMaximum": lambda bound: number < bound,
    }
    for name, holds in bounds.items():
        bound = schema.get(name)
        if bound is not None and not isinstance(bound, bool) and not holds(Decimal(str(bound))):
            raise _refused(f"{number} is beyond the {name} {bound}")


def _check_enum(value: JsonValue, schema: Schema) -> None:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and allowed and value not in allowed:
        raise _refused(f"{_shown(value)} is not in the enum {_shown(allowed)}")
    if "const" in schema and value != schema["const"]:
        raise _refused(f"{_shown(value)} is not the const {_shown(schema['const'])}")


def _scalar_text(value: JsonValue, wanted: str) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise _refused(f"{_shown(value)} is no scalar, and the schema wants {wanted}")
    return json.text_of(value)


# ---------------------------------------------------------------- objects and arrays


def _object(value: JsonValue, schema: Schema) -> JsonValue:
    if not isinstance(value, dict):
        raise _refused(f"{_shown(value)} is no object")
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        raise _refused(f"the required {_shown(missing)} are missing in {_shown(value)}")
    _check_size(len(value), schema, "Properties")
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    made: dict[str, JsonValue] = {}
    for name, item in value.items():
        own = properties.get(name)
        matching = [each for pattern, each in patterns.items() if _regex(pattern).search(name)]
        if isinstance(own, dict):
            item = _convert(item, own)
        for each in matching:
            item = _convert(item, each)
        if name not in properties and not matching:
            item = _additional(name, item, schema.get("additionalProperties", True))
        made[name] = item
    return made


def _additional(name: str, item: JsonValue, rule: Any) -> JsonValue:
    if rule is False:
        raise _refused(f"the property '{name}' is not allowed")
    return _convert(item, rule) if isinstance(rule, dict) else item


def _array(value: JsonValue, schema: Schema) -> JsonValue:
    items = value if isinstance(value, list) else [value]  # a single value is an array of one
    _check_size(len(items), schema, "Items")
    if schema.get("uniqueItems") is True and len({_shown(item) for item in items}) < len(items):
        raise _refused(f"the items of {_shown(items)} are not unique")
    rule = schema.get("items")
    if isinstance(rule, dict):
        return [_convert(item, rule) for item in items]
    if not isinstance(rule, list):
        return items
    rest = schema.get("additionalItems", True)
    if rest is False and len(items) > len(rule):
        raise _refused(f"{_shown(items)} has more items than the schema")
    more = [rest if isinstance(rest, dict) else {}] * max(0, len(items) - len(rule))
    return [_convert(item, each) for item, each in zip(items, [*rule, *more], strict=False)]


def _check_size(size: int, schema: Schema, what: str) -> None:
    if size < int(schema.get(f"min{what}", 0)) or size > int(schema.get(f"max{what}", size)):
        raise _refused(f"{size} is no allowed number of {what.lower()}")


_CONVERSIONS: dict[str, Callable[[JsonValue, Schema], JsonValue]] = {
    "boolean": _boolean,
    "string": _string,
    "String": _string,
    "number": _number,
    "integer": _number,
    "null": _null,
    "object": _object,
    "array": _array,
}


def _regex(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except re.error as error:
        raise _refused(f"the pattern {pattern} is no regular expression: {error}") from None


def _shown(value: JsonValue) -> str:
    return json.encode(value).decode()[:200]


def _refused(why: str) -> Fault:
    return Fault(f"jsontransform: {why}")
