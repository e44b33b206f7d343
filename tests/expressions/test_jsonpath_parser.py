from __future__ import annotations

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_getter import compile_path
from engine.expressions.jsonpath_parser import parse_path
from engine.expressions.scanner import Scanner


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("$", ()),
        ("$.a.b", ("a", "b")),
        ("$['a'][\"b c\"][0][-1]", ("a", "b c", 0, -1)),
        ("$.a.[0]", ("a", 0)),
        ("$.a[0]b.c", ("a", 0, "b", "c")),
        ("$['it\\'s']", ("it's",)),
        ("$[ 'a' ][ 1 ]", ("a", 1)),
        ("$.ключ", ("ключ",)),
        ("$.a.*", None),
        ("$['a','b']", None),
        ("$.a.length()", None),
    ],
)
def test_names_and_indexes(path: str, plain: tuple[str | int, ...] | None) -> None:
    assert parse_path(Scanner(path, 1)).plain() == plain


@pytest.mark.parametrize(
    ("path", "is_definite"),
    [
        ("$.a['b']", True),
        ("$['a','b']", True),
        ("$['a','b'].c", False),
        ("$[0]", True),
        ("$[0,1]", False),
        ("$[0:1]", False),
        ("$.*", False),
        ("$..a", False),
        ("$[?(@.a)]", False),
    ],
)
def test_definite_paths(path: str, is_definite: bool) -> None:
    assert parse_path(Scanner(path, 1)).is_definite is is_definite


def test_a_path_ends_where_no_step_begins() -> None:
    scanner = Scanner("$.a.b == 1", 1)
    parse_path(scanner)
    assert scanner.position == len("$.a.b")


@pytest.mark.parametrize(
    ("path", "offset", "message"),
    [
        ("$.a.", 4, "the expression ends where a name must follow"),
        ("$.a[", 4, "the expression ends where a name in quotes, a number"),
        ("$.a[b]", 4, "'b' stands where a name in quotes, a number"),
        ("$.a['b'", 7, "the expression ends where ']' must follow"),
        ("$.a['b", 4, "the text that starts with ' has no end"),
        ("$.a['b',1]", 9, "'b' is no index of an array"),
        ("$.a[1:2:3:4]", 9, "a slice has three numbers at most"),
        ("$.a.first().b", 11, "'.' stands where the end must follow"),
        ("$.a.lenght()", 4, "lenght() is no function of a JSON path"),
        ("$.a[(@.length-1)]", 4, "scripts in a JSON path are not supported"),
        ("$.a[?(@.b", 9, "the expression ends where ')' must follow"),
        ("$a", 1, "'a' stands where '.' or '[' must follow"),
        ("$.a b", 3, "' ' stands where"),
    ],
)
def test_mistakes_have_their_place(path: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_path(path)
    assert message in caught.value.message
    assert caught.value.offset == offset
