from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_getter import compile_path

ITEMS: list[Any] = [
    {"id": 1, "s": "one", "n": 5, "tags": ["a", "b"], "flag": True, "none": None},
    {"id": 2, "s": "two", "n": 10.5, "tags": ["b"], "flag": False, "isbn": "0-1"},
    {"id": 3, "s": "Three", "n": "7", "tags": [], "o": {"x": 1}},
]


def found(condition: str, **root: Any) -> list[int]:
    matches = compile_path(f"$.items[?({condition})]")({"items": ITEMS, **root})
    return [match["id"] for match in matches]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("@.s == 'two'", [2]),
        ('@.s == "two"', [2]),
        ("@['s'] == 'two'", [2]),
        ("'two' == @.s", [2]),
        ("@.s != 'two'", [1, 3]),
        ("@.n > 5", [2]),
        ("@.n >= 5", [1, 2]),
        ("@.n < 6 ", [1]),
        ("@.n <= 10.5", [1, 2]),
        ("@.n == 7", [3]),
        ("@.n == '5'", [1]),
        ("@.n === '5'", []),
        ("@.n !== 7", [1, 2, 3]),
        ("@.s < 'p'", [1, 3]),
        ("@.s > 1", []),
        ("@.flag == true", [1]),
        ("@.flag == false", [2]),
        ("@.flag", [1, 2]),
        ("!@.flag", [3]),
        ("@.none", [1]),
        ("@.none == null", [1]),
        ("@.none != null", [2, 3]),
        ("@.missing == null", []),
        ("@.missing != 1", [1, 2, 3]),
        ("@.isbn || @.o", [2, 3]),
        ("@.n > 1 && @.s == 'one'", [1]),
        ("@.id == 1 || @.id == 2 && @.s == 'none'", [1]),
        ("(@.id == 1 || @.id == 2) && @.s == 'two'", [2]),
        ("!(@.id == 1)", [2, 3]),
        ("@.s in ['one', 'Three']", [1, 3]),
        ("@.n in [5, 7]", [1, 3]),
        ("@.s nin ['one']", [2, 3]),
        ("'a' in @.tags", [1]),
        ("@.tags contains 'b'", [1, 2]),
        ("@.s contains 'hre'", [3]),
        ("@.tags anyof ['a', 'z']", [1]),
        ("@.tags noneof ['a', 'z']", [2, 3]),
        ("@.tags subsetof ['a', 'b', 'c']", [1, 2, 3]),
        ("@.tags all ['a', 'b']", [1]),
        ("@.tags size 2", [1]),
        ("@.tags empty true", [3]),
        ("@.tags empty false", [1, 2]),
        ("@.tags.length() > 1", [1]),
        ("@.s =~ /t.*/", [2]),
        ("@.s =~ /t.*/i", [2, 3]),
        ("@.s =~ /.*\\/.*/", []),
        ("@.n > $.limit", [2]),
        ("@.id in $.ids", [3]),
        ("@.o.x == 1", [3]),
        ("@.o == {'x': 1}", [3]),
        ("@.tags == ['b']", [2]),
    ],
)
def test_conditions(condition: str, expected: list[int]) -> None:
    assert found(condition, limit=6, ids=[3, 4]) == expected


def test_the_value_itself() -> None:
    assert compile_path("$[?(@ > 2)]")([1, 2, 3, 4]) == [3, 4]
    assert compile_path("$[?@ > 2]")([1, 2, 3]) == [3]


def test_numbers_keep_their_digits_in_comparisons() -> None:
    items = [{"k": 12345678901234567890}, {"k": Decimal("0.1")}]
    assert compile_path("$[?(@.k == 12345678901234567890)]")(items) == items[:1]
    assert compile_path("$[?(@.k == 0.1)]")(items) == items[1:]


@pytest.mark.parametrize(
    ("condition", "offset", "message", "hint"),
    [
        ("@.a == ", 12, "the expression ends where a value or a path must follow", ""),
        ("@.a = 1", 9, "'=' stands where", ""),
        ("@.a == 1 and @.b", 14, "'a' stands where", ""),
        ("@.a inn [1]", 9, "'inn' is no operator of a condition", "Did you mean 'in'?"),
        ("@.a and @.b", 9, "'and' is no operator of a condition", "Write && or ||."),
        ("@.a =~ /(/", 13, "not a regular expression", ""),
        ("@.a =~ /a/q", 15, "'q' is no flag", ""),
        ("@.a =~ 'a'", 12, "''' stands where a regular expression in slashes", ""),
        ("@.a in [1", 14, "the expression ends where ',' or ']'", ""),
        ("@.a == {1:2}", 13, "'1' stands where a name in quotes", ""),
        ("1x", 5, "'1' stands where a value or a path", ""),
    ],
)
def test_mistakes_have_their_place(condition: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_path(f"$[?( {condition}")
    assert message in caught.value.message
    assert (caught.value.offset, caught.value.hint) == (offset, hint)
