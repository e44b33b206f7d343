from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.ext import parser

from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_getter import compile_path
from engine.expressions.jsonpath_steps import MISSING

DOCUMENT: dict[str, Any] = {
    "a": {"b": [10, {"c": "deep"}, None], "x y": 1, "k:v": 2, "@type": "t", "": "nameless"},
    "list": [{"n": 1, "s": "one"}, {"n": 2, "s": "two"}, {"n": 3, "s": "Three"}],
    "empty": [],
    "text": "abc",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", DOCUMENT),
        ("$.", DOCUMENT),
        ("$.text", "abc"),
        ("text", "abc"),
        ("$['text']", "abc"),
        ('$["text"]', "abc"),
        ("$.a.b[0]", 10),
        ("$.a.b[1].c", "deep"),
        ("$.a.b[-1]", None),
        ("$.a.b[-4]", MISSING),
        ("$.a.b[3]", MISSING),
        ("$.a['x y']", 1),
        ("$.a.k:v", 2),
        ("$.a.@type", "t"),
        ("$.a['']", "nameless"),
        ("$.nothing", None),
        ("$.nothing.more", MISSING),
        ("$.missing", MISSING),
        ("$.text[0]", MISSING),
        ("$.a[0]", MISSING),
        ("$.list.n", MISSING),
        ("$.list[*].n", [1, 2, 3]),
        ("$.list[0:2].n", [1, 2]),
        ("$.list[-2:].n", [2, 3]),
        ("$.list[0,2].n", [1, 3]),
        ("$..n", [1, 2, 3]),
        ("$..zzz", []),
        ("$.list[?(@.n > 1)].s", ["two", "Three"]),
        ("$.list[?(@.n > 1 && @.s == 'two')].n", [2]),
        ("$.list[?(@.n == 1 || @.n == 3)].n", [1, 3]),
        ("$.list[?(@.s =~ /t.*/i)].n", [2, 3]),
        ("$.list[?(@.n == 9)]", []),
        ("$.list.length()", 3),
        ("$.list.size()", 3),
        ("$.text.length()", 3),
        ("$.missing.length()", MISSING),
        ("$..n.sum()", 6.0),
        ("$..n.max()", 3.0),
        ("$..n.min()", 1.0),
        ("$..n.avg()", 2.0),
        ("$.empty.sum()", MISSING),
    ],
)
def test_paths(path: str, expected: Any) -> None:
    found = compile_path(path)(DOCUMENT)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("path", "offset"), [("", 0), ("$.a[", 4), ("$.a..", 5), ("$.a(b)", 3), ("$.a[?(@.b==", 11)])
def test_errors_have_exact_offsets(path: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_path(path)
    assert caught.value.offset == offset


NAMES = st.sampled_from(["a", "b", "c_d", "e-f"])
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)
STEPS = st.one_of(
    NAMES.map(lambda name: f".{name}"), NAMES.map(lambda name: f"['{name}']"), st.integers(0, 3).map("[{}]".format)
)


@given(document=DOCUMENTS, steps=st.lists(STEPS, max_size=4))
def test_the_direct_getter_agrees_with_jsonpath_ng(document: Any, steps: list[str]) -> None:
    path = "$" + "".join(steps)
    matches = [match.value for match in parser.parse(path).find(document)]
    assert compile_path(path)(document) == (matches[0] if matches else MISSING)


def test_missing_is_false() -> None:
    assert not MISSING
