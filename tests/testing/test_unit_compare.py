"""Contents are compared as WSO2's runner does, and by what they are."""

from __future__ import annotations

import pytest

from engine.testing.unit_compare import same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a b", " ab\n", True),
        ("a", "b", False),
        ("", "", True),
        ("007", "7", False),
        ('{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1}', True),
        ('{"a": 1}', '{"a": 1.0}', True),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": 1}', '{"a": "1"}', False),
        ('{"a": null}', "{}", False),
        ('{"a": "b c"}', '{"a": "bc"}', True),
        ("[1, 2]", "[2, 1]", False),
        ('{"n": 12345678901234567890}', '{"n": 12345678901234567891}', False),
        ('<a x="1" y="2"/>', '<a y="2" x="1"></a>', True),
        ("<a> <b/>\n</a>", "<a><b/></a>", True),
        ('<p:a xmlns:p="urn:a"/>', '<a xmlns="urn:a"/>', True),
        ('<a xmlns="urn:a"/>', "<a/>", False),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", False),
        ("<a>x<b/>y</a>", "<a>x<b/>z</a>", False),
        ("<a><!-- c -->x</a>", "<a>x</a>", True),
        ("<a", "<a", True),
        ("<a/>", "{}", False),
        ("<ä>ü</ä>", "<ä>ü</ä>", True),
    ],
)
def test_same(one: str, other: str, expected: bool) -> None:
    assert same(one, other) is expected
    assert same(other, one) is expected
