"""Which JSON Schemas ``<jsontransform>`` can use: the keywords of ``_json_types``, each with its kind of value."""

from __future__ import annotations

import importlib
from typing import Any

from engine.errors import Fault
from engine.mediators._json_schema import plain
from engine.mediators._json_types import Schema
from engine.message.codecs import json
from engine.message.codecs.json import JsonValue

_SCHEMA = {"$ref": "#"}
_SCHEMAS = {"type": "object", "additionalProperties": _SCHEMA}
# The reference takes numbers in quotes too; a "pattern" looks at strings only.
_COUNT = {"type": ["integer", "string"], "pattern": "^[0-9]{1,9}$"}
_NUMBER = {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_BOUND = {**_NUMBER, "type": ["number", "string", "boolean"]}

_DIALECT: dict[str, Any] = {
    "type": ["object", "boolean"],
    "properties": {
        "type": {"type": ["string", "array"], "items": {"type": "string"}},
        "enum": {"type": "array"},
        "required": {"type": "array", "items": {"type": "string"}},
        "properties": _SCHEMAS,
        "patternProperties": _SCHEMAS,
        "additionalProperties": _SCHEMA,
        "items": {"if": {"type": "array"}, "then": {"items": _SCHEMA}, "else": _SCHEMA},
        "additionalItems": _SCHEMA,
        "pattern": {"type": "string"},
        **{f"{end}{what}": _COUNT for end in ("min", "max") for what in ("Length", "Items", "Properties")},
        **dict.fromkeys(("minimum", "maximum", "multipleOf"), _NUMBER),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _BOUND),
    },
}


def checked(schema: JsonValue) -> Schema | bool:
    """The schema itself. Raises Fault with the place of the first keyword whose value has no meaning."""
    library: Any = importlib.import_module("jsonschema")
    for error in library.Draft7Validator(_DIALECT).iter_errors(plain(schema)):
        place = "".join(f"/{step}" for step in error.absolute_path)
        shown = json.encode(error.instance).decode()[:100]
        raise Fault(f"jsontransform: the schema cannot be used: {shown} has no meaning at {place or 'its root'}")
    assert isinstance(schema, (dict, bool))  # says the dialect
    return schema
