from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plugins.shapes import ABSENT, compile_path, compile_shape, placeholders, segment

VALUES = {"a": "x", "n": 5, "yes": True, "list": ["p", "q"], "big": 2**63}

SHAPES: list[tuple[Any, Any]] = [
    ("{a}", "x"),
    ("{yes}", True),
    ("{list}", ["p", "q"]),
    ("{missing}", ABSENT),
    ("a={a}, n={n}, {yes}", "a=x, n=5, true"),
    ("{a}{missing}", ABSENT),
    ("plain {} text", "plain {} text"),
    (7, 7),
    (None, None),
    ({"x": "{a}", "y": "{missing}", "z": 1}, {"x": "x", "z": 1}),
    ({"x": {"y": "{missing}"}, "z": [{"w": "{missing}"}]}, ABSENT),
    ({"x": {}, "y": []}, {"x": {}, "y": []}),
    ([{"email": "{a}"}], [{"email": "x"}]),
    (["{missing}", "{n}"], [5]),
    ({"constant": 1, "inner": ["{missing}"]}, {"constant": 1}),
]


@pytest.mark.parametrize(("shape", "value"), SHAPES)
def test_shape(shape: Any, value: Any) -> None:
    filled = compile_shape(shape)(VALUES)
    assert filled is ABSENT if value is ABSENT else filled == value


def test_data_with_braces_is_not_a_placeholder() -> None:
    assert compile_shape({"s": "{a} {b}"})({"a": "{b}", "b": "x"}) == {"s": "{b} x"}


def test_placeholders() -> None:
    assert list(placeholders({"a": ["{x}", {"b": "{y}-{x}"}], "c": 3})) == ["x", "y", "x"]


@pytest.mark.parametrize(
    ("path", "values", "expanded"),
    [
        ("/a", {}, "/a"),
        ("/a/{x}/b/{y}", {"x": "1", "y": 2}, "/a/1/b/2"),
        ("/{x}", {"x": "a/b?c#d&e=f+g h%"}, "/a%2Fb%3Fc%23d%26e%3Df%2Bg%20h%25"),
        ("/{x}", {"x": "ü€"}, "/%C3%BC%E2%82%AC"),
        ("/{x}", {"x": "a-b._~"}, "/a-b._~"),
        ("/{x}", {"x": "٣"}, "/%D9%A3"),
        ("/{x}", {"x": "\r\nHost: evil"}, "/%0D%0AHost%3A%20evil"),
    ],
)
def test_path(path: str, values: dict[str, Any], expanded: str) -> None:
    assert compile_path(path)(values) == expanded


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_segment_round_trip(text: str) -> None:
    encoded = segment(text)
    assert unquote(encoded) == text
    assert not set(encoded) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%")
