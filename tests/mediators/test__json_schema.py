from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.mediators._json_schema import JsonSchema, plain
from engine.message.codecs import json


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1.50", 1.5),
        ("1e400", float("inf")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ('{"a": [1.0, null]}', {"a": [1.0, None]}),
    ],
)
def test_numbers_are_those_of_python(raw: str, value: Any) -> None:
    made = plain(json.decode(raw.encode()))
    assert made == value
    assert type(made) is type(value)


def test_mistakes_have_places_in_order() -> None:
    schema = JsonSchema(['{"items": {"maximum": 1}}'], {})
    assert [place for _, place in schema.mistakes([2, 1, 3])] == ["/0", "/2"]


ENDLESS, ON = "(a|aa)+$", "a" * 60 + "b"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": ENDLESS}, ON),
        ({"patternProperties": {ENDLESS: {}}}, {ON: 1}),
        ({"patternProperties": {ENDLESS: {}}, "additionalProperties": False}, {ON: 1}),
    ],
)
def test_expressions_without_end_are_faults(schema: Any, value: Any) -> None:
    checker = JsonSchema([json.encode(schema).decode()], {})
    with pytest.raises(Fault, match=r"the regular expression '\(a\|aa\)\+\$' took more than 0.5 seconds"):
        checker.mistakes(value)


@pytest.mark.parametrize(
    ("schema", "value", "mistakes"),
    [
        ({"pattern": "b"}, "abc", []),
        ({"pattern": "^b"}, "abc", [('ECMA 262 regex "^b" does not match input string "abc"', "/")]),
        ({"pattern": "^b"}, 1, []),
        ({"patternProperties": {"^n_": {"type": "integer"}}}, {"n_a": 1, "x": "y"}, []),
        (
            {"patternProperties": {"^n_": {"maximum": 1}}},
            {"n_a": 2},
            [("numeric instance is greater than the required maximum (maximum: 1, found: 2)", "/n_a")],
        ),
        (
            {"properties": {"a": {}}, "patternProperties": {"^n_": {}}, "additionalProperties": False},
            {"a": 1, "n_b": 2, "é": 3},
            [('object instance has properties which are not allowed by the schema: ["é"]', "/")],
        ),
        (
            {"additionalProperties": {"maximum": 1}},
            {"a": 1, "b": 2},
            [("numeric instance is greater than the required maximum (maximum: 1, found: 2)", "/b")],
        ),
        ({"additionalProperties": False}, [1], []),
        ({"additionalProperties": True}, {"a": 1}, []),
    ],
)
def test_patterns_and_names(schema: Any, value: Any, mistakes: list[tuple[str, str]]) -> None:
    assert JsonSchema([json.encode(schema).decode()], {}).mistakes(value) == mistakes


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(Fault, match=r"the schema cannot be used: .*\("):
        JsonSchema(['{"pattern": "("}'], {}).mistakes("a")


@pytest.mark.parametrize(
    ("items", "is_unique"),
    [
        ("[1, 2, 1]", False),
        ("[1, 1.0]", False),
        ("[1, true, [1], [true]]", True),
        ('[0, false, null, "", "0", [], {}]', True),
        ('[{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}]', False),
        ('[{"a": 1}, {"a": "1"}, {"a": [1]}, {"a": {}}]', True),
        ("[[1, 2], [2, 1]]", True),
        ("[[1, [2]], [1, [2]]]", False),
        ("[9007199254740993, 9007199254740992]", True),
        ("[1e400, 1e401, 0.1]", False),
        ('"aa"', True),
    ],
)
def test_unique_items(items: str, is_unique: bool) -> None:
    mistakes = JsonSchema(['{"uniqueItems": true}'], {}).mistakes(json.decode(items.encode()))
    assert mistakes == [] if is_unique else mistakes == [("array must not contain duplicate elements", "/")]


@pytest.mark.parametrize(
    "item",
    [
        lambda number: {"a": number},
        lambda number: number * (2**61 - 1),
        lambda number: number if number % 2 else str(number),
    ],
    ids=["objects", "equal hashes", "mixed"],
)
def test_unique_items_take_linear_time(item: Any) -> None:
    assert JsonSchema(['{"uniqueItems": true}'], {}).mistakes([item(number) for number in range(50_000)]) == []
