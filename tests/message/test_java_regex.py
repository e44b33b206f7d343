from __future__ import annotations

import re

import pytest

from engine.message.java_regex import expanded


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        ("x", "x"),
        ("$1-$2", "ab-"),
        ("$0$0", "abcabc"),
        (r"\$1", "$1"),
        (r"a\\b", r"a\b"),
        ("$", "$"),
        ("\\", "\\"),
        ("é$1", "éab"),
    ],
)
def test_replacements(replacement: str, expected: str) -> None:
    match = re.match("(ab)(x)?c", "abc")
    assert match is not None
    assert expanded(replacement, match) == expected


def test_a_group_that_is_not_there() -> None:
    match = re.match("a", "a")
    assert match is not None
    with pytest.raises(ValueError, match="no group 1"):
        expanded("$1", match)
