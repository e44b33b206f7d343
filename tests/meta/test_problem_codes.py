"""Every code of a problem is declared, with the severity it is reported with, and every declared code is in use."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.declare.problem_codes import PROBLEM_CODES, ProblemCode
from engine.declare.spec import FieldSpec, Spec
from engine.runtime.catalog import language

ROOT = Path(__file__).parents[2]
Used = tuple[str, str]
"""Code and severity."""


def refers(spec: Spec | FieldSpec) -> Iterator[str]:
    fields = spec.fields if isinstance(spec, Spec) else spec.item.fields if spec.item is not None else ()
    for each in fields:
        if each.refers:
            yield each.refers
        yield from refers(each)


WRITTEN_AS_TEXT = {
    "unknown-": {kind for spec in language() for kind in refers(spec)},
    "missing-": {"attribute", "text", "element"},
}
"""Beginning of a code that is put together while running, to its possible ends."""


OTHERS = ("log", "re", "function")
"""Whose ``error`` makes no problem: loggers, regular expressions, the functions of elementpath."""


def codes(argument: ast.expr | None) -> Iterator[str]:
    match argument:
        case ast.Constant(str() as code):
            yield code
        case ast.JoinedStr([ast.Constant(str() as start), ast.FormattedValue()]):
            yield from (start + end for end in WRITTEN_AS_TEXT[start])
        case ast.Name("code") | ast.Attribute(attr="code"):
            pass  # handed on: it was counted where it comes from
        case _:
            pytest.fail(f"not a code that can be looked up: {ast.unparse(argument) if argument else None}")


def used_by(call: ast.Call) -> Iterator[Used]:
    """The codes in ``problems.error(code, …)``, ``Problem(code, …)``, ``Unacceptable(…, code=…)`` and ``fail(…)``."""
    named = {each.arg: each.value for each in call.keywords}
    match call.func:
        case ast.Attribute(attr="error" | "warning" as severity, value=of) if ast.unparse(of) not in OTHERS:
            yield from ((code, severity) for code in codes(call.args[0]))
        case ast.Attribute(attr="fail") | ast.Name("Problem"):
            severity = "warning" if len(call.args) > 4 and "warning" in ast.unparse(call.args[4]) else "error"
            yield from ((code, severity) for code in codes(call.args[0]))
        case ast.Name("Unacceptable") if "code" in named:
            yield from ((code, "error") for code in codes(named["code"]))
        case ast.Name("Unacceptable"):
            yield "bad-value", "error"


def used() -> dict[Used, str]:
    """Code and severity, and a place where they are used."""
    found: dict[Used, str] = {}
    for file in [*sorted((ROOT / "engine").rglob("*.py")), *sorted((ROOT / "connectors").rglob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and "simulator" not in file.parts:
                found |= {each: f"{file.relative_to(ROOT)}:{node.lineno}" for each in used_by(node)}
    return found


USED = used()
DECLARED = {(each.code, each.severity) for each in PROBLEM_CODES}


def test_every_code_that_is_used_is_declared() -> None:
    assert {each: place for each, place in USED.items() if each not in DECLARED} == {}


def test_every_declared_code_is_used() -> None:
    assert DECLARED - USED.keys() == set()


def test_a_code_is_declared_once() -> None:
    assert [code for code, count in Counter(each.code for each in PROBLEM_CODES).items() if count > 1] == []


@pytest.mark.parametrize("each", PROBLEM_CODES, ids=lambda each: each.code)
def test_meaning_and_remedy_are_sentences(each: ProblemCode) -> None:
    assert each.meaning.endswith(".")
    assert each.remedy.endswith(".")
