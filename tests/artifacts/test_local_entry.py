from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.artifacts.local_entry import LocalEntry
from engine.errors import Fault, Where
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


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("5000<description/>", "5000"),
        ("<description>how long</description>\n<![CDATA[5000]]>", "5000"),
        ("<description/>", ""),
        ('<description>d</description><a xmlns=""/>', "<a/>"),
        ('<a xmlns=""/><description/>', "<a/>"),
        ('<description xmlns="urn:x"/>', '<description xmlns="urn:x"/>'),
    ],
)
def test_a_description_is_none_of_the_content(inside: str, value: str) -> None:
    got = Harness(f'<localEntry key="k">{inside}</localEntry>').snapshot.entry("k")
    assert (got if isinstance(got, str) else etree.tostring(got, encoding="unicode")) == value


def test_unknown_key() -> None:
    assert Harness().snapshot.entry("k") is None


def test_registry_resource() -> None:
    harness = Harness()
    harness.services.registry.put("conf:/a", "é".encode())
    assert harness.snapshot.entry("conf:/a") == "é"
    assert harness.snapshot.entry("conf:/b") is None


def test_nothing_is_fetched_at_load() -> None:
    with pytest.raises(LoadError) as raised:
        Harness('<localEntry key="k" src="http://x/"/>')
    assert [problem.code for problem in raised.value.problems] == ["unsupported"]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("<a><b/></a>", "<a><b/></a>"),
        ('\ufeff<?xml version="1.0"?><!-- c --><a>\u00e9</a>', "<a>\u00e9</a>"),
        ("<none", "<none"),
        ("\u00e9 text\n", "\u00e9 text\n"),
        ("", ""),
    ],
)
def test_a_file_is_xml_or_text(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "a b.txt").write_text(content)
    entry = local_entry("file:a%20b.txt")
    entry.found_in(tmp_path)
    got = entry.value
    assert (got if isinstance(got, str) else etree.tostring(got, encoding="unicode")) == value


def test_a_file_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    entry = local_entry("a.txt")
    entry.found_in(tmp_path)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(Fault, match=r"a\.txt"):
        assert entry.value
    with pytest.raises(Fault, match="not there"):
        assert local_entry("a.txt").value


def test_a_registry_resource_by_src() -> None:
    harness = Harness('<localEntry key="k" src="gov:/a/b.txt"/>')
    assert harness.snapshot.entry("k") is None
    harness.services.registry.put("gov:/a/b.txt", b"text")
    assert harness.snapshot.entry("k") == "text"


def local_entry(src: str) -> LocalEntry:
    made = LocalEntry.spec.construct(where=Where("test.xml"), name="k", src=src)
    assert isinstance(made, LocalEntry)
    return made
