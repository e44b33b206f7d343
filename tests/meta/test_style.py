"""Sizes: a function over 60 lines or a file over 500 needs a reason in its docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FUNCTION, MAX_FILE = 60, 500
REASON = "lines"
"""The word with which a docstring gives its reason: ``Over 60 lines because …``."""

FILES = [*sorted((ROOT / "engine").rglob("*.py")), *sorted((ROOT / "connectors").rglob("*.py"))]


def long_functions(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        size = (node.end_lineno or node.lineno) - node.lineno + 1
        if size > MAX_FUNCTION and REASON not in (ast.get_docstring(node) or ""):
            yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.name} has {size} lines"


def test_functions_are_short() -> None:
    assert [each for file in FILES for each in long_functions(file)] == []


def test_files_are_short() -> None:
    long = []
    for file in FILES:
        text = file.read_text("utf-8")
        size = len(text.splitlines())
        if size > MAX_FILE and REASON not in (ast.get_docstring(ast.parse(text)) or ""):
            long.append(f"{file.relative_to(ROOT)}: {size} lines")
    assert long == []


@pytest.mark.parametrize("folder", ["engine", "connectors"])
def test_every_module_says_what_it_is_for(folder: str) -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []
