from __future__ import annotations

from typing import Any

import pytest

from engine.plugins.answer_path import at, compile_path

ANSWER = {"a": {"b": 1, "long-name": 9007199254740993}, "errors": [{"text": "first"}, {"text": "second"}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", ANSWER),
        ("a.b", 1),
        ("a.long-name", 9007199254740993),
        ("a.c", None),
        ("a.b.c", None),
        ("errors[0].text", "first"),
        ("$.errors[1].text", "second"),
        ("$.errors[?(@.text == 'second')].text", "second"),
        ("$.errors[5].text", None),
        ("$..b", 1),
    ],
)
def test_first_value(path: str, value: Any) -> None:
    assert at(ANSWER, path) == value


@pytest.mark.parametrize("path", ["a..", "[", "a b", "$.a[?(", "a]"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="no JSONPath"):
        compile_path(path)
