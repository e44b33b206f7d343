from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.log_text import indented, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü € 日本 😀", "plain ü € 日本 😀"),
        ("a\tb", "a\tb"),
        ("a\nb\rc", r"a\nb\rc"),
        ("\0\x1b[31mred\x7f", r"\x00\x1b[31mred\x7f"),
        ("a\x85b\x9bc", r"a\x85b\x9bc"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("safe\u202eexe.txt\u2066", r"safe\u202eexe.txt\u2066"),
        ("", ""),
    ],
)
def test_control_characters_are_written_out(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(st.text())
def test_only_the_first_line_begins_at_the_margin(text: str) -> None:
    assert all(line.startswith("    ") for line in indented(text).splitlines()[1:])


def test_indented() -> None:
    assert indented("a\nb\r\nc") == "a\n    b\\r\n    c"
