from __future__ import annotations

from typing import Any

import pytest

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
