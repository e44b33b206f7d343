"""``tests/`` mirrors ``engine/`` and ``connectors/``: each file with code has its own test file."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]

TESTED_ELSEWHERE = {
    "engine/__main__.py": "tests/e2e",
    "engine/api.py": "tests/meta",
    "engine/expressions/base.py": "tests/expressions",
    # The simulator is tested from outside, as its users see it.
    "connectors/gotowebinar/simulator/__main__.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/audio.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/faults.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/forms.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/messages.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/pages.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/people.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/recordings.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/routing.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/seed.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/sessions.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/store.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/times.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/webhooks.py": "tests/connectors/gotowebinar/simulator",
    "connectors/gotowebinar/simulator/webinars.py": "tests/connectors/gotowebinar/simulator",
}
"""Files without a test file of their own, and where they are tested instead."""


def has_code(file: Path) -> bool:
    """Whether a function does anything: protocols, constants and plain records have nothing to test."""
    tree = ast.parse(file.read_text("utf-8"))
    return any(
        does_something(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def does_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return not all(isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) for step in function.body)


def mirror_of(file: Path) -> Path:
    """``engine/x/y.py`` -> ``tests/x/test_y.py``, ``connectors/x/y.py`` -> ``tests/connectors/x/test_y.py``."""
    relative = file.relative_to(ROOT)
    folder = relative.parent.relative_to("engine") if relative.parts[0] == "engine" else relative.parent
    return ROOT / "tests" / folder / f"test_{file.stem}.py"


def test_each_file_with_code_has_its_test_file() -> None:
    files = [*sorted((ROOT / "engine").rglob("*.py")), *sorted((ROOT / "connectors").rglob("*.py"))]
    missing = [
        f"{file.relative_to(ROOT)}: no {mirror_of(file).relative_to(ROOT)}"
        for file in files
        if has_code(file) and str(file.relative_to(ROOT)) not in TESTED_ELSEWHERE and not mirror_of(file).exists()
    ]
    assert not missing, "\n".join(missing)


def test_no_exception_is_out_of_date() -> None:
    stale = [name for name in TESTED_ELSEWHERE if not (ROOT / name).exists() or mirror_of(ROOT / name).exists()]
    assert stale == []
