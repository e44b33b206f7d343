from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.errors import Fault
from engine.mediators._json_edit import delete, find, put, rename

DOCUMENT: Any = {"a": [{"x": 1}, {"x": 2}, 3], "b": {"x": None}, "e": []}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a[0].x", 1),
        ("a[1].x", 2),
        ("$.a[-1]", 3),
        ("$..x", [1, 2, None]),
        ("$.b.x", None),
        ("$.e[*]", []),
        ("$.", DOCUMENT),
    ],
)
def test_find(path: str, found: Any) -> None:
    assert find(DOCUMENT, path) == found


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("$.a[0]", {"a": [0, {"x": 2}, 3], "b": {"x": None}, "e": []}),
        ("$.a[-1]", {"a": [{"x": 1}, {"x": 2}, 0], "b": {"x": None}, "e": []}),
        ("$.a[?(@.x == 2)]", {"a": [{"x": 1}, 0, 3], "b": {"x": None}, "e": []}),
        ("$.b.*", {"a": [{"x": 1}, {"x": 2}, 3], "b": {"x": 0}, "e": []}),
        ("$['a','e']", {"a": 0, "b": {"x": None}, "e": 0}),
        ("$..x", {"a": [{"x": 0}, {"x": 0}, 3], "b": {"x": 0}, "e": []}),
        ("$", 0),
    ],
)
def test_put(path: str, result: Any) -> None:
    assert put(copy.deepcopy(DOCUMENT), path, 0) == result


def test_each_place_has_a_value_of_its_own() -> None:
    document = put([0, 0], "$[*]", [])
    document[0].append(1)
    assert document == [[1], []]


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("$.a[0,1]", {"a": [3], "b": {"x": None}, "e": []}),
        ("$.a[0:2]", {"a": [3], "b": {"x": None}, "e": []}),
        ("$.a[*]", {"a": [], "b": {"x": None}, "e": []}),
        ("$.e[*]", DOCUMENT),
        ("$", None),
    ],
)
def test_delete(path: str, result: Any) -> None:
    assert delete(copy.deepcopy(DOCUMENT), path) == result


def test_a_renamed_member_is_the_last() -> None:
    document = {"a": 1, "b": 2}
    rename(document, "$", "a", "c")
    assert list(document.items()) == [("b", 2), ("c", 1)]


@pytest.mark.parametrize("path", ["$.none", "$.a[9]", "$.b.none", "$.a.x"])
def test_what_is_not_there(path: str) -> None:
    for change in (lambda: find(DOCUMENT, path), lambda: put(DOCUMENT, path, 1), lambda: delete(DOCUMENT, path)):
        with pytest.raises(Fault, match="nothing at the JSON path"):
            change()
    with pytest.raises(Fault, match="nothing at the JSON path"):
        rename(DOCUMENT, "$.b", "none", "other")
