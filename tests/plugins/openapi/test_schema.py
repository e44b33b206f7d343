from __future__ import annotations

from typing import Any

import pytest

from engine.plugins.openapi.document import Document
from engine.plugins.openapi.schema import is_object, merged, one_line, parameter, type_of

ROOT = {
    "components": {"schemas": {"A": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}}}
}
DOCUMENT = Document("t", "", "", (), root=ROOT)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {}),
        ({"type": ["string", "null"], "maxLength": 5, "minLength": 2}, {"min_length": 2, "max_length": 5}),
        ({"type": "string", "minLength": 0}, {}),
        ({"type": "string", "pattern": "^a+$"}, {"pattern": "^a+$"}),
        (
            {"type": "string", "pattern": "(?<name>[a-z])\\p{L}"},
            {"pattern": "(?<name>[a-z])\\p{L}"},
        ),
        ({"type": "string", "pattern": "[z-a]"}, {}),
        ({"type": "integer", "minimum": 0, "maximum": 9}, {"type": "integer", "minimum": 0, "maximum": 9}),
        ({"type": "number", "minimum": True}, {"type": "number"}),
        ({"type": "boolean"}, {"type": "boolean"}),
        ({"type": "string", "format": "date-time"}, {"type": "time"}),
        ({"type": "string", "format": "password"}, {"secret": True}),
        ({"type": "string", "enum": ["a", None, "b"]}, {"choices": ["a", "b"]}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "list"}),
        ({"type": "array", "items": {"type": "object"}}, {"type": "json"}),
        ({"$ref": "#/components/schemas/A"}, {"type": "json"}),
        ({"oneOf": [{"type": "string"}]}, {"type": "json"}),
        ({}, {}),
    ],
)
def test_parameter(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    entry = parameter(DOCUMENT, schema, "D.", required=False, is_text=False)
    assert entry == expected | {"doc": "D."}


def test_lists_that_are_written_as_text() -> None:
    for items in ({"type": "integer"}, {"type": "boolean"}, {}):
        schema = {"type": "array", "items": items}
        assert parameter(DOCUMENT, schema, "D.", required=False, is_text=True) == {"type": "list", "doc": "D."}
    schema = {"type": "array", "items": {"type": "object"}}
    assert parameter(DOCUMENT, schema, "D.", required=False, is_text=True)["type"] == "json"


def test_documentation() -> None:
    entry = parameter(
        DOCUMENT, {"type": "integer", "enum": [1, 2], "default": 1}, "<b>Which</b>\n one.", required=True, is_text=False
    )
    assert entry == {"type": "integer", "required": True, "doc": "Which one. One of 1, 2. 1 when left out."}
    assert parameter(DOCUMENT, {}, "", required=False, is_text=False) == {"doc": "Not described."}
    assert len(one_line("word " * 200)) <= 302


def test_members_of_all_of_are_merged() -> None:
    schema = {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"b": {"type": "integer"}}}], "title": "t"}
    found = merged(DOCUMENT, schema)
    assert set(found["properties"]) == {"a", "b"}
    assert (found["required"], found["title"], is_object(found)) == (["a"], "t", True)
    endless: dict[str, Any] = {"type": "object"}
    endless["allOf"] = [endless]
    assert merged(DOCUMENT, endless)["type"] == "object"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [({"properties": {}}, "object"), ({"items": {}}, "array"), ({}, ""), ({"type": ["null", "number"]}, "number")],
)
def test_type(schema: dict[str, Any], expected: str) -> None:
    assert type_of(schema) == expected


def test_what_older_drafts_and_careless_authors_write() -> None:
    listed: Any = [{"type": "string"}, {"type": "integer"}]
    assert merged(DOCUMENT, listed) == {"type": "string"}
    odd: list[Any] = [[], None, True, "x"]
    assert [merged(DOCUMENT, each) for each in odd] == [{}] * 4
