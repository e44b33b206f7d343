from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.declare.convert import Unacceptable
from engine.errors import Fault
from engine.mediators._json_places import Steps, replaced, replaced_items, steps_of


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.", ()),
        ("json-eval($)", ()),
        ("json-eval( $.a )", ("a",)),
        ("$.a.b[0]", ("a", "b", 0)),
        ("a.b", ("a", "b")),
        ("$['a b'][\"c\"][-1]", ("a b", "c", -1)),
        ("$.ü", ("ü",)),
    ],
)
def test_a_path_of_names_and_indexes(path: str, steps: Steps) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize("path", ["$..a", "$.a[*]", "$.a[?(@.b)]", "$.a[0:1]", "$.a.length()"])
def test_nothing_is_written_at_any_other(path: str) -> None:
    with pytest.raises(Unacceptable, match="nothing can be written back"):
        steps_of(path)


@pytest.mark.parametrize(
    ("document", "steps", "result"),
    [
        ({"a": 1}, (), "new"),
        ({"a": 1, "b": 2}, ("a",), {"a": "new", "b": 2}),
        ({"a": {"b": [1, 2]}}, ("a", "b", 1), {"a": {"b": [1, "new"]}}),
        ([1, 2, 3], (-1,), [1, 2, "new"]),
        ({}, ("a",), {"a": "new"}),
        ({"a": None}, ("a",), {"a": "new"}),
    ],
)
def test_the_value_is_replaced_and_nothing_is_changed_in_place(document: Any, steps: Steps, result: Any) -> None:
    before = copy.deepcopy(document)
    assert replaced(document, steps, "new") == result
    assert document == before


@pytest.mark.parametrize(("document", "steps"), [({}, ("a", "b")), ([], (0,)), ({"a": 1}, ("a", "b")), (None, ("a",))])
def test_a_place_that_is_not_there_is_a_fault(document: Any, steps: Steps) -> None:
    with pytest.raises(Fault, match="to write to"):
        replaced(document, steps, "new")


def test_items_are_replaced_where_they_are() -> None:
    first, second = {"n": 1}, [2]
    document = {"a": [first, {"n": 1}], "b": {"c": second}, "d": 5}
    before = copy.deepcopy(document)
    assert replaced_items(document, {id(first): "x", id(second): {"y": 1}}) == {
        "a": ["x", {"n": 1}],
        "b": {"c": {"y": 1}},
        "d": 5,
    }
    assert document == before
    assert replaced_items(document, {id(document): 1}) == 1
