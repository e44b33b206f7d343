"""The columns of the map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.management.flow_map import Uses, columns


def uses(**named: str) -> Uses:
    return {("s", user): frozenset(("s", name) for name in used) for user, used in named.items()}


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({}, []),
        ({"a": "", "b": ""}, []),
        ({"a": "b", "b": "", "c": ""}, ["a", "b"]),
        ({"a": "bc", "b": "c", "c": ""}, ["a", "b", "c"]),
        ({"a": "d", "b": "c"}, ["ab", "dc"]),  # each near its user
        ({"a": "b", "c": "b"}, ["ac", "b"]),
        ({"a": "a"}, ["a"]),
        ({"a": "b", "b": "a", "c": "a"}, ["c", "a", "b"]),
    ],
)
def test_columns(graph: dict[str, str], expected: list[str]) -> None:
    assert ["".join(name for _, name in column) for column in columns(uses(**graph))] == expected


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.text("abcdefgh", max_size=4), max_size=8))
def test_each_has_one_place_and_no_column_is_empty(graph: dict[str, str]) -> None:
    placed = columns(uses(**graph))
    found = [name for column in placed for _, name in column]
    wanted = {name for user, used in graph.items() if used for name in (user, *used)}
    assert sorted(found) == sorted(wanted)
    assert all(placed)
