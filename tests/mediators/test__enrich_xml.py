from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.mediators import _enrich_xml


@pytest.mark.parametrize(
    ("value", "nodes"),
    [
        (None, []),
        ([], []),
        ("text", ["text"]),
        (["a", "b"], ["a", "b"]),
        (True, ["true"]),
        ({"a": 1}, ['{"a":1}']),
        ([1, {"a": None}], ['[1,{"a":null}]']),
    ],
)
def test_values_as_nodes(value: Any, nodes: list[str]) -> None:
    assert _enrich_xml.nodes_of(value) == nodes


def test_elements_are_copied() -> None:
    root = etree.fromstring("<a><b/>tail</a>")
    [copy] = _enrich_xml.nodes_of([root[0]])
    assert isinstance(copy, etree._Element)
    assert etree.tostring(copy) == b"<b/>"
    assert copy is not root[0]


def test_texts_are_one_text_in_a_property() -> None:
    element = etree.fromstring("<a/>")
    assert _enrich_xml.value_of(["a", "b"]) == "ab"
    assert _enrich_xml.value_of([element, "b"]) == [element, "b"]
    assert _enrich_xml.value_of([]) == []
