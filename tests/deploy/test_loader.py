"""One file in, artifacts and problems out; nothing a file contains raises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.deploy import loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.runtime.catalog import language

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
GOOD = '<sequence name="good"><drop/></sequence>'

Load = Callable[[bytes], LoadedFile]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_bytes(content: bytes) -> LoadedFile:
        file = tmp_path / "a.xml"
        file.write_bytes(content)
        return loader.load(file, Stamp(0, 0), language(), "a.xml")

    return load_bytes


def definitions(xml: str) -> bytes:
    return f"<definitions {NAMESPACE}>{GOOD}{xml}</definitions>".encode()


NOT_LOADED = {
    "empty": (b"", "a.xml:1:1: error[not-xml]: Not XML: the file is empty."),
    "text": (b"hello", "a.xml:1:1: error[not-xml]: Not XML: the file does not begin with '<'."),
    "open tag": (
        f"<sequence {NAMESPACE}>\n  <log>\n".encode(),
        "a.xml:3:1: error[not-xml]: Not XML: the file ends too early. <log> of a.xml:2:3 is still open.",
    ),
    "invalid UTF-8": (
        b"<a>\xff</a>",
        "a.xml:1:4: error[not-xml]: Not XML: byte 0xff is not UTF-8. Save it as UTF-8.",
    ),
    "DOCTYPE": (
        b'<?xml version="1.0"?>\n<!DOCTYPE x SYSTEM "file:///etc/passwd">\n<x/>',
        "a.xml:2:1: error[doctype]: A DOCTYPE is not allowed. Remove it; entities are not expanded.",
    ),
    "entity bomb": (
        b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><x>&c;</x>',
        "a.xml:1:1: error[doctype]: A DOCTYPE is not allowed. Remove it; entities are not expanded.",
    ),
    "300 deep": (
        f"<sequence {NAMESPACE}>\n{'<in>' * 300}{'</in>' * 300}</sequence>".encode(),
        "a.xml:2:509: error[too-deep]: Elements are nested deeper than 128 levels.",
    ),
    "no namespace": (
        b'<proxy name="a"/>',
        "a.xml:1:1: error[wrong-namespace]: <proxy> is not in the Synapse namespace. "
        'Add xmlns="http://ws.apache.org/ns/synapse".',
    ),
    "other XML": (
        b"<project/>",
        "a.xml:1:1: warning[not-synapse]: <project> is no Synapse artifact; the file is left out.",
    ),
    "unit tests": (
        b"<unit-test/>",
        "a.xml:1:1: warning[not-synapse]: <unit-test> is no Synapse artifact; the file is left out. "
        "`myelin test` runs it.",
    ),
    "typing mistake": (
        f'<porxy name="a" {NAMESPACE}/>'.encode(),
        "a.xml:1:1: error[unknown-artifact]: <porxy> is no artifact. Did you mean 'proxy'?",
    ),
    "a mediator alone": (
        f"<log {NAMESPACE}/>".encode(),
        "a.xml:1:1: error[unknown-artifact]: <log> is no artifact. "
        "Mediators stand inside a <sequence>, a <template> or a <proxy>.",
    ),
    "what does not run here": (
        f'<synapseImport name="a" {NAMESPACE}/>'.encode(),
        "a.xml:1:1: error[unsupported]: <synapseImport> is an old name. Write <import>.",
    ),
}


@pytest.mark.parametrize(("content", "problem"), NOT_LOADED.values(), ids=NOT_LOADED)
def test_file_that_gives_nothing(load: Load, content: bytes, problem: str) -> None:
    file = load(content)
    assert [str(each) for each in file.problems] == [problem]
    assert (file.artifacts, file.broken) == ([], [])


BROKEN = {
    "unknown tag": (
        '<sequence name="x"><lgo/></sequence>',
        ("sequence", "x"),
        "error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?",
    ),
    "slash in a name": (
        '<proxy name="a/b"><target/></proxy>',
        ("proxy", "a/b"),
        "error[bad-name]: <proxy>: '/' cannot be part of a name, as in 'a/b'.",
    ),
    "no name": (
        "<sequence><drop/></sequence>",
        ("sequence", ""),
        "error[missing-attribute]: <sequence> needs the attribute 'name'.",
    ),
    "entry without a key": (
        "<localEntry>x</localEntry>",
        ("local-entry", ""),
        "error[missing-attribute]: <localEntry> needs the attribute 'key'.",
    ),
}


@pytest.mark.parametrize(("xml", "id_", "problem"), BROKEN.values(), ids=BROKEN)
def test_broken_artifact_leaves_the_others_alone(load: Load, xml: str, id_: tuple[str, str], problem: str) -> None:
    file = load(definitions(xml))
    assert [str(each).split(": ", 1)[1] for each in file.problems] == [problem]
    assert file.broken == [id_]
    assert [each.id for each in file.artifacts] == [("sequence", "good")]


@pytest.mark.parametrize("inside", ["text", '<x xmlns="urn:x"/>', "<x/>"])
def test_a_local_entry_needs_no_namespace_as_in_the_reference(load: Load, inside: str) -> None:
    file = load(f'<localEntry key="k">{inside}</localEntry>'.encode())
    assert [each.id for each in file.artifacts] == [("local-entry", "k")]
    assert not list(file.problems)


def test_all_problems_of_a_file_at_once(load: Load) -> None:
    file = load(
        f'<definitions {NAMESPACE}>\n<sequence name="x">\n<lgo/>\n<drpo/>\n</sequence>\n<proxy name="a b"/>\n'
        f'<sequnce name="y"/></definitions>'.encode()
    )
    assert [(each.where.line, each.code) for each in file.problems] == [
        (3, "unknown-mediator"),
        (4, "unknown-mediator"),
        (6, "bad-name"),
        (7, "unknown-artifact"),
    ]


def test_references_are_static_names_with_their_places(load: Load) -> None:
    [loaded] = load(
        f'<proxy {NAMESPACE} name="p">\n <target inSequence="a" endpoint="e">\n  <faultSequence>\n'
        '   <sequence key="f"/><sequence key="{$ctx:dynamic}"/>\n  </faultSequence>\n </target>\n</proxy>'.encode()
    ).artifacts
    assert sorted((ref.kind, ref.name, str(ref.where)) for ref in loaded.references) == [
        ("endpoint", "e", "a.xml:2:35"),
        ("sequence", "a", "a.xml:2:22"),
        ("sequence", "f", "a.xml:4:19"),
    ]


def test_byte_order_mark_and_other_encodings(load: Load) -> None:
    text = f'<sequence {NAMESPACE} name="é"><drop/></sequence>'
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?>' + text
    for content in (text.encode("utf-8-sig"), latin.encode("latin-1")):
        assert [each.id for each in load(content).artifacts] == [("sequence", "é")]


def test_file_that_went_away_is_a_problem(tmp_path: Path) -> None:
    file = loader.load(tmp_path / "gone.xml", Stamp(0, 0), language(), "gone.xml")
    assert [str(each) for each in file.problems] == [
        "gone.xml:1:1: error[unreadable]: The file cannot be read: No such file or directory."
    ]


def test_find_xml_anywhere_beneath_a_folder_but_hidden(tmp_path: Path) -> None:
    for name in ("b.xml", "a/c.xml", "a/.hidden.xml", ".git/d.xml", "e.yaml", "f.xml.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("12345")
    found = loader.find(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/c.xml", "b.xml"]
    assert {stamp.size for stamp in found.values()} == {5}


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """Reading a pipe would wait for ever, and the engine would never start."""
    (tmp_path / "a.xml").write_text("x")
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "folder.xml").mkdir()
    (tmp_path / "dangling.xml").symlink_to(tmp_path / "nowhere")
    assert list(loader.find(tmp_path)) == [tmp_path / "a.xml"]
    assert list(loader.find(tmp_path / "pipe.xml")) == [tmp_path / "pipe.xml"]


def test_find_one_file(tmp_path: Path) -> None:
    (tmp_path / "any.name").write_text("x")
    assert list(loader.find(tmp_path / "any.name")) == [tmp_path / "any.name"]


def test_find_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder or file '.*nowhere'"):
        loader.find(tmp_path / "nowhere")
