from __future__ import annotations

import pytest

from engine.message.java_properties import properties_of


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=1", {"a": "1"}),
        (" a : x = y ", {"a": "x = y"}),
        ("a b c", {"a": "b c"}),
        ("a", {"a": ""}),
        ("# a=1", {}),
        ("! a=1", {}),
        ("", {}),
    ],
)
def test_lines(line: str, expected: dict[str, str]) -> None:
    assert properties_of([line]) == expected
