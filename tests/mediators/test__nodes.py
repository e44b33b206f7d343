from __future__ import annotations

import pytest
from lxml import etree

from engine.mediators._nodes import alone, detach


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<r><x/></r>", "<r/>"),
        ("<r>a<x/>b</r>", "<r>ab</r>"),
        ("<r><y/>a<x>i</x>b<z/></r>", "<r><y/>ab<z/></r>"),
        ("<r><x/>ü</r>", "<r>ü</r>"),
    ],
)
def test_the_text_behind_an_element_stays(before: str, after: str) -> None:
    root = etree.fromstring(before)
    x = root.find("x")
    assert x is not None
    detach(x)
    assert etree.tostring(root, encoding="unicode") == after
    assert (x.getparent(), x.tail) == (None, None)


def test_an_element_without_a_parent_stays_as_it_is() -> None:
    root = etree.fromstring("<r/>")
    detach(root)
    assert root.getparent() is None


def test_a_copy_keeps_its_prefixes_and_leaves_the_text_behind() -> None:
    root = etree.fromstring('<r xmlns="urn:a" xmlns:b="urn:b"><b:x><y/></b:x>behind</r>')
    twin = alone(root[0])
    assert etree.tostring(twin, encoding="unicode") == '<b:x xmlns:b="urn:b" xmlns="urn:a"><y/></b:x>'
    assert (len(root), root[0].tail) == (1, "behind")
