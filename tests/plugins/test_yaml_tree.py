from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Problems
from engine.plugins.yaml_tree import Section, read_yaml


def read(folder: Path, text: str) -> tuple[Section | None, list[str]]:
    file = folder / "x.yaml"
    file.write_text(text)
    problems = Problems()
    section = read_yaml(file, problems)
    return section, [str(problem).removeprefix(f"{file}:") for problem in problems]


def good(folder: Path, text: str) -> Section:
    section, problems = read(folder, text)
    assert section is not None
    assert problems == []
    return section


def test_values_and_places(tmp_path: Path) -> None:
    section = good(tmp_path, 'a: text\nb:\n  c: [1, "NO", true]\n  d:\n')
    assert section.values == {"a": "text", "b": {"c": [1, "NO", True], "d": None}}
    places = [str(section.where(*keys)).rpartition("x.yaml:")[2] for keys in (("a",), ("b", "c"), ("b", "c", 1))]
    assert places == ["1:1", "3:3", "3:10"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 'x", "1:6: error[bad-yaml]: Not YAML: found unexpected end of stream."),
        ("- a", "1:1: error[bad-yaml]: The file must hold a mapping."),
        ("", "1:1: error[bad-yaml]: The file must hold a mapping."),
        ("a: 1\nb: 2\na: 3", "3:1: error[repeated-key]: 'a' is here twice."),
        ("a: &x [1]\nb: *x", "1:4: error[bad-yaml]: Aliases are not supported."),
        ("? [a]\n: 1", "1:3: error[bad-yaml]: A key must be text."),
        ("a: !!python/object:os.system x", "1:4: error[bad-yaml]: This value cannot be read."),
        ("a: " + "[" * 40 + "]" * 40, "1:36: error[bad-yaml]: This is nested too deep."),
    ],
)
def test_mistakes(tmp_path: Path, text: str, problem: str) -> None:
    assert read(tmp_path, text)[1] == [problem]


def test_unreadable_files(tmp_path: Path) -> None:
    problems = Problems()
    (tmp_path / "latin").write_bytes(b"a: \xff")
    assert read_yaml(tmp_path / "none", problems) is None
    assert read_yaml(tmp_path / "latin", problems) is None
    assert [problem.code for problem in problems] == ["unreadable", "unreadable"]


def test_date_stays_as_written(tmp_path: Path) -> None:
    assert good(tmp_path, "a: 2016-06-09").values == {"a": "2016-06-09"}


def test_questions_about_values(tmp_path: Path) -> None:
    section = good(tmp_path, "t: x\nf: true\nn: 3\nl: [a, b]\nm: {p: {q: 1}, r: }\nc: GET\n")
    section.known("t", "f", "n", "l", "m", "c")
    assert section.required("t", "n")
    assert (section.text("t"), section.flag("f"), section.count("n"), section.texts("l")) == ("x", True, 3, ("a", "b"))
    assert [(name, each.values) for name, each in section.sections("m")] == [("p", {"q": 1}), ("r", {})]
    assert section.choice("c", ("GET", "PUT"), "PUT") == "GET"
    assert (section.text("z", "d"), section.flag("z"), section.count("z"), section.texts("z")) == ("d", False, None, ())
    assert list(section.problems) == []


def test_wrong_values(tmp_path: Path) -> None:
    section = good(tmp_path, "t: 1\nf: yess\nn: -3\nl: [a, NO]\nm: [x]\nc: GTE\ns: {a: 1}\nu: 1\n")
    section.known("t", "f", "n", "l", "m", "c", "s", "uu")
    assert not section.required("missing")
    answers = (section.text("t"), section.flag("f"), section.count("n", 0), section.texts("l"))
    assert answers == ("", False, 0, ("a",))
    assert section.section("m").values == {}
    assert list(section.sections("s")) == []
    assert section.choice("c", ("GET", "PUT"), "GET") == "GET"
    assert [str(problem).rpartition("x.yaml:")[2] for problem in section.problems] == [
        "8:1: error[unknown-key]: 'u' is not known here. Did you mean 'uu'?",
        "1:1: error[missing-key]: 'missing' is missing.",
        "1:1: error[bad-value]: 't' must be text.",
        "2:1: error[bad-value]: 'f' must be true or false.",
        "3:1: error[bad-value]: 'n' must be a whole number, 0 or more.",
        "4:8: error[bad-value]: Item 2 of 'l' is not text. YAML reads NO, ON and numbers as other types;"
        " put it in quotes.",
        "5:1: error[bad-value]: 'm' must be a mapping.",
        "7:5: error[bad-value]: 'a' must be a mapping.",
        "6:1: error[bad-choice]: 'GTE' as 'c' is not one of GET, PUT. Did you mean 'GET'?",
    ]
