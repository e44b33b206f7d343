from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.ext import parser

from engine.errors import Fault
from engine.expressions import jsonpath_steps
from engine.expressions.jsonpath_getter import compile_path
from engine.expressions.jsonpath_steps import MISSING

LETTERS = list("abcdef")
BOOKS: dict[str, Any] = {
    "store": {
        "book": [
            {"title": "A", "price": 8.95, "nums": [1, 2]},
            {"title": "B", "price": 12, "nums": [3]},
        ],
        "bicycle": {"price": 19.95},
    }
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$[:2]", "ab"),
        ("$[4:]", "ef"),
        ("$[1:3]", "bc"),
        ("$[-2:]", "ef"),
        ("$[:-4]", "ab"),
        ("$[-9:]", "abcdef"),
        ("$[-3:-1]", "de"),
        ("$[2:99]", "cdef"),
        ("$[9:]", ""),
        ("$[3:1]", ""),
        ("$[1:-1]", ""),
        ("$[0:4:2]", "abcd"),
        ("$[:]", "abcdef"),
        ("$[0,-1,9]", "af"),
        ("$[*]", "abcdef"),
    ],
)
def test_parts_of_an_array(path: str, expected: str) -> None:
    assert compile_path(path)(LETTERS) == list(expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.store.book[*].title", ["A", "B"]),
        ("$..price", [8.95, 12, 19.95]),
        ("$.store..price", [8.95, 12, 19.95]),
        ("$..book[0].title", ["A"]),
        ("$..[0]", [{"title": "A", "price": 8.95, "nums": [1, 2]}, 1, 3]),
        ("$..book[?(@.price > 10)].title", ["B"]),
        ("$..[?(@.title == 'B')].price", [12]),
        ("$.store.bicycle[?(@.price)]", [{"price": 19.95}]),
        ("$.store.bicycle.*", [19.95]),
        ("$.store.bicycle['price','no']", {"price": 19.95}),
        ("$['store','no']['bicycle']", [{"price": 19.95}]),
        ("$.store.bicycle.keys()", ["price"]),
        ("$.store.book.last()", {"title": "B", "price": 12, "nums": [3]}),
        ("$.store.book[*].nums.length()", [2, 1]),
        ("$.store.book[*].title.keys()", []),
        ("$..price.max()", 19.95),
        ("$.store.book[*].price.sum()", 20.95),
        ("$..nums.stddev()", MISSING),
        ("$.store.book[0].nums.stddev()", 0.5),
        ("$.store.book[0].nums.avg()", 1.5),
        ("$.no[*]", []),
        ("$.store.no[0]", MISSING),
    ],
)
def test_paths(path: str, expected: Any) -> None:
    assert compile_path(path)(BOOKS) == expected


def test_descendants_come_outer_before_inner() -> None:
    assert compile_path("$..*")({"a": [1, {"b": 2}], "c": None}) == [[1, {"b": 2}], None, 1, {"b": 2}, 2]


NESTED: Any = {"a": 1}
for _ in range(200):
    NESTED = {"a": NESTED}


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$..*..*", [[[1] * 20] * 5]),
        ("$..a..a", NESTED),
        ("$..a..no", NESTED),
        ("$[*][0,0,0][0,0,0]", [[[1]]] * 40),
        ("$[?(@..a)]", [NESTED]),
        ("$[?($..no)]", [{"a": [{}]}] * 40),
        ("$.ids[?(@ in $.ids)]", {"ids": list(range(40))}),
        ("$[?(@.x anyof @.y)]", [{"x": [1] * 20, "y": [2] * 20}]),
    ],
)
def test_visits_are_bounded(monkeypatch: pytest.MonkeyPatch, path: str, document: Any) -> None:
    find = compile_path(path)
    find(document)
    monkeypatch.setattr(jsonpath_steps, "MAX_VISITS", 190)
    with pytest.raises(Fault, match="goes through more than 190 values"):
        find(document)


def test_the_bound_is_that_of_one_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonpath_steps, "MAX_VISITS", 220)
    find = compile_path("$..b")
    assert [find(NESTED) for _ in range(5)] == [[]] * 5
    with pytest.raises(Fault, match="more than 220 values"):
        compile_path("$..b.c..d")([NESTED, NESTED])


NAMES = st.sampled_from(["a", "b", "c_d"])
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=15,
)
PLAIN_AND_DESCENDING = st.lists(
    st.one_of(
        NAMES.map(".{}".format),
        NAMES.map("['{}']".format),
        st.integers(0, 3).map("[{}]".format),
        NAMES.map("..{}".format),
    ),
    max_size=3,
).map(lambda steps: "$" + "".join(steps))
# jsonpath-ng takes what is no array for an array of one item, so the documents for these are arrays all the way.
ARRAYS = st.lists(st.lists(st.lists(st.integers(-9, 9), max_size=4), max_size=4), max_size=4)
BRACKETS = st.lists(
    st.one_of(
        st.just("[*]"),
        st.integers(0, 4).map("[{}]".format),
        st.integers(0, 3).map("[{}:]".format),
        st.tuples(st.integers(0, 3), st.integers(0, 5)).map(lambda pair: f"[{pair[0]}:{pair[1]}]"),
    ),
    min_size=1,
    max_size=3,
).map(lambda steps: "$" + "".join(steps))


def in_any_order(values: list[Any]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)


@given(document=DOCUMENTS, path=PLAIN_AND_DESCENDING)
def test_names_are_found_as_by_jsonpath_ng(document: Any, path: str) -> None:
    expected = [match.value for match in parser.parse(path).find(document)]
    found = compile_path(path)(document)
    if ".." in path:
        assert in_any_order(found) == in_any_order(expected)
    else:
        assert found == (expected[0] if expected else MISSING)


@given(document=ARRAYS, path=BRACKETS)
def test_items_are_found_as_by_jsonpath_ng(document: Any, path: str) -> None:
    expected = [match.value for match in parser.parse(path).find(document)]
    found = compile_path(path)(document)
    if "*" in path or ":" in path:
        assert found == expected
    else:
        assert found == (expected[0] if expected else MISSING)


@given(document=DOCUMENTS, number=st.integers(-5, 5), name=NAMES)
def test_conditions_are_those_of_jsonpath_ng(document: Any, number: int, name: str) -> None:
    items = [item for item in document if isinstance(item, dict)] if isinstance(document, list) else []
    items = [item for item in items if type(item.get(name)) is int]
    path = f"$[?(@.{name} > {number})]"
    assert compile_path(path)(items) == [match.value for match in parser.parse(path).find(items)]
