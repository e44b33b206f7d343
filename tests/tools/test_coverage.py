"""The counts of a small checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.errors import Problem, Where
from engine.runtime.catalog import language
from tools import coverage

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
FILES = {
    "a/good.xml": f'<sequence {NAMESPACE} name="a"><sequence key="b"/><sequence key="conf:/x"/></sequence>',
    "b/copy.xml": f'<sequence {NAMESPACE} name="a"><sequence key="b"/><sequence key="conf:/x"/></sequence>',
    "b/other.xml": '<?xml version="1.0"?><!-- > --><s:sequence xmlns:s="http://ws.apache.org/ns/synapse" name="b"/>',
    "c/unknown.xml": f'<sequence {NAMESPACE} name="c"><sequence key="nowhere"/></sequence>',
    "d/broken.xml": f'<sequence {NAMESPACE} name="d">',
    "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0"/>',
    "plain.xml": "<a/>",
    "text.xml": "nothing",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "one+repo"
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_flow_files_are_those_of_the_namespace_and_copies_count_once(checkout: Path) -> None:
    found = [str(path.relative_to(checkout)) for path in coverage.flow_files(checkout)]
    assert found == ["a/good.xml", "b/other.xml", "c/unknown.xml", "d/broken.xml"]


def test_names_are_those_of_the_whole_checkout(checkout: Path) -> None:
    corpus = coverage.check(checkout, language())
    assert {each.name: [problem.code for problem in each.errors] for each in corpus.files} == {
        "a/good.xml": [],
        "b/other.xml": [],
        "c/unknown.xml": ["unknown-sequence"],
        "d/broken.xml": ["not-xml"],
    }
    assert [each.name for each in corpus.deployed] == ["a/good.xml", "b/other.xml", "c/unknown.xml"]
    assert [each.name for each in corpus.sound] == ["a/good.xml", "b/other.xml"]


def test_the_page_counts_and_names_every_class(checkout: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    result = CliRunner().invoke(coverage.main, [str(checkout), "--write", str(page)])
    assert result.exit_code == 0, result.output
    text = page.read_text()
    assert "| one/repo | 4 | 3 | 2 | 66.7 % | 2 | 100.0 % |" in text
    assert "| 1 | `unknown-sequence` | There is no sequence 'nowhere'." in text
    assert str(tmp_path) not in text


def test_list_prints_the_errors_of_one_code(checkout: Path) -> None:
    result = CliRunner().invoke(coverage.main, [str(checkout), "--list", "unknown-sequence"])
    assert result.output.startswith("c/unknown.xml:1:")
    assert result.output.count("\n") == 1


def test_names_and_numbers_do_not_make_a_class() -> None:
    first, second = (Problem("x", Where("f"), f"There are {n} of '{name}'.") for n, name in ((2, "a"), (30, "b c")))
    assert coverage.class_of(first) == coverage.class_of(second) == ("x", "There are N of '…'.")
