from __future__ import annotations

import pytest
from lxml import etree

from engine.testing.harness import Harness, LoadError


@pytest.mark.parametrize(
    ("inside", "value"),
    [("Hello, world", "Hello, world"), ("\n  Hello\n", "Hello"), ("<![CDATA[a < b]]>", "a < b"), ("", "")],
)
def test_text(inside: str, value: str) -> None:
    assert Harness(f'<localEntry key="k">{inside}</localEntry>').snapshot.entry("k") == value


def test_xml() -> None:
    value = Harness('<localEntry key="k"><a xmlns="urn:x"><b c="1"/></a></localEntry>').snapshot.entry("k")
    assert etree.tostring(value) == b'<a xmlns="urn:x"><b c="1"/></a>'


def test_unknown_key() -> None:
    assert Harness().snapshot.entry("k") is None


def test_registry_resource() -> None:
    harness = Harness()
    harness.services.registry.put("conf:/a", "é".encode())
    assert harness.snapshot.entry("conf:/a") == "é"
    assert harness.snapshot.entry("conf:/b") is None


def test_entry_from_a_url_is_not_supported_yet() -> None:
    with pytest.raises(LoadError) as raised:
        Harness('<localEntry key="k" src="http://x/"/>')
    assert [problem.code for problem in raised.value.problems] == ["unsupported"]
