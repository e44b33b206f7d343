"""The migration report: for each artifact whether it runs here, and if not, why and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.deploy.loader import LoadedFile
from engine.errors import Problem, Where

State = Literal["ready", "ready with a note", "needs work"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One artifact, or a file that is none (kind ``file``), with the problems inside of it."""

    kind: str
    name: str
    where: Where
    state: State
    reasons: tuple[Problem, ...]


def entries(files: Iterable[LoadedFile], problems: Iterable[Problem]) -> list[Entry]:
    """One entry for each artifact, in the order of files and places, and one for each file with other problems."""
    by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in sorted(problems, key=lambda problem: (problem.where, problem.code)):
        by_file[problem.where.file].append(problem)
    found = []
    for file in files:
        found += _of_file(file, by_file.pop(file.file, []))
    for name, rest in sorted(by_file.items()):
        found.append(_entry("file", name, Where(name), rest))
    return sorted(found, key=lambda entry: entry.where)


def _of_file(file: LoadedFile, problems: list[Problem]) -> list[Entry]:
    """A problem belongs to the last artifact that begins before it."""
    places = sorted(file.places, key=lambda place: place[2])
    mine: list[list[Problem]] = [[] for _ in places]
    others: list[Problem] = []
    for problem in problems:
        index = sum(1 for _, _, where in places if where <= problem.where) - 1
        (mine[index] if index >= 0 else others).append(problem)
    found = [_entry(kind, name, where, mine[index]) for index, (kind, name, where) in enumerate(places)]
    if others:
        found.append(_entry("file", file.file, others[0].where, others))
    return found


def _entry(kind: str, name: str, where: Where, problems: list[Problem]) -> Entry:
    state: State = "ready"
    if problems:
        hinders = any(each.severity == "error" or each.code == "left-out" for each in problems)
        state = "needs work" if hinders else "ready with a note"
    return Entry(kind, name, where, state, tuple(problems))
