from __future__ import annotations

from engine.deploy import report
from engine.deploy.loader import NO_STAMP, LoadedFile
from engine.errors import Problem, Where


def _file(name: str, *places: tuple[str, str, int]) -> LoadedFile:
    file = LoadedFile(name, NO_STAMP)
    file.places = [(kind, each, Where(name, line, 3)) for kind, each, line in places]
    return file


def _problem(file: str, line: int, severity: str = "error", code: str = "bad-value") -> Problem:
    return Problem(code, Where(file, line, 9), f"line {line}", "", "error" if severity == "error" else "warning")


def test_a_problem_belongs_to_the_artifact_it_stands_in() -> None:
    files = [_file("a.xml", ("sequence", "one", 2), ("sequence", "two", 5), ("api", "three", 9)), _file("b.xml")]
    problems = [_problem("a.xml", 6), _problem("a.xml", 5, "warning"), _problem("a.xml", 9, "warning")]
    found = [
        (each.kind, each.name, each.state, [p.where.line for p in each.reasons])
        for each in report.entries(files, problems)
    ]
    assert found == [
        ("sequence", "one", "ready", []),
        ("sequence", "two", "needs work", [5, 6]),
        ("api", "three", "ready with a note", [9]),
    ]


def test_other_files_are_told_too() -> None:
    files = [_file("a.xml", ("api", "a", 4)), _file("c.car")]
    problems = [
        _problem("a.xml", 1),
        _problem("c.car!x/artifact.xml", 1, "warning", "left-out"),
        _problem("c.car", 1, "warning"),
    ]
    found = [(each.kind, each.name, each.state) for each in report.entries(files, problems)]
    assert found == [
        ("file", "a.xml", "needs work"),
        ("api", "a", "ready"),
        ("file", "c.car", "ready with a note"),
        ("file", "c.car!x/artifact.xml", "needs work"),
    ]
