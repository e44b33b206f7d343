from __future__ import annotations

import re

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.scanner import MAX_DEPTH, Scanner


def test_reading_moves_the_position() -> None:
    scanner = Scanner(" \t'a\\'b'.c")
    scanner.skip_space()
    assert scanner.string() == "a\\'b"
    assert scanner.at(".", "[")
    assert scanner.take(".")
    assert not scanner.take(".")
    match = scanner.match(re.compile(r"\w+"))
    assert match is not None
    assert match[0] == "c"
    assert scanner.at_end
    assert scanner.string() is None


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        (" x", "'x' stands where ']' must follow", 1),
        ("  ", "the expression ends where ']' must follow", 2),
    ],
)
def test_what_is_missing_is_named_with_its_place(text: str, message: str, offset: int) -> None:
    with pytest.raises(ExpressionError, match=re.escape(message)) as caught:
        Scanner(text).expect("]")
    assert caught.value.offset == offset


def test_a_text_without_an_end() -> None:
    with pytest.raises(ExpressionError, match="the text that starts with ' has no end"):
        Scanner("'abc").string()


def test_depth_is_bounded() -> None:
    scanner = Scanner("")

    def descend(levels: int) -> None:
        if levels:
            with scanner.nested():
                descend(levels - 1)

    descend(MAX_DEPTH)
    with pytest.raises(ExpressionError, match="nested deeper than 64 levels"):
        descend(MAX_DEPTH + 1)
