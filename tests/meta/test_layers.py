"""The import order of the rooms, read from the syntax trees: a row imports lower rows only, neighbours never."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROWS: tuple[frozenset[str], ...] = tuple(
    frozenset(row.split())
    for row in (
        "errors",
        "source",
        "message",
        "expressions",
        "declare",
        "core",
        "scripting ported",
        "mediators endpoints stores transports artifacts",
        "plugins",
        "api",
        "deploy",
        "runtime",
        "management testing",
        "cli",
        "__main__",
    )
)
RANK = {room: rank for rank, row in enumerate(ROWS) for room in row}
NO_ROOM = frozenset({"__init__"})
"""The package itself: its version, for whoever asks."""

CONNECTORS_MAY_IMPORT = frozenset({"api", *(room for room, rank in RANK.items() if rank <= RANK["core"])})
DEMO_MAY_IMPORT = "engine.testing.demo"
"""The form in which a connector's module ``demo`` shows itself to ``myelin demo``."""
NAMES_CONNECTORS = {"engine.runtime.catalog": ("connectors",)}
"""The folder of those that ship; none by its name."""


def modules(package: str) -> dict[str, Path]:
    """Module name -> file."""
    found = {}
    for file in sorted((ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = {**modules("engine"), **modules("connectors")}


def imports(module: str) -> Iterator[tuple[str, int]]:
    """The modules of this project that a module imports anywhere in its text, with their lines."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports name the package in full"
            base = node.module or ""
            names = [f"{base}.{each.name}" if f"{base}.{each.name}" in MODULES else base for each in node.names]
        for name in names:
            if name.partition(".")[0] in ("engine", "connectors"):
                yield name, getattr(node, "lineno", 0)


def room_of(module: str) -> str:
    """``engine.message.codecs.json`` -> ``message``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_room_has_its_row() -> None:
    rooms = {room_of(module) for module in MODULES if module.startswith("engine")} - NO_ROOM
    assert rooms - RANK.keys() == set(), "a new room needs a row in ROWS"
    assert RANK.keys() - rooms == set(), "a row of ROWS has no room"


def test_rooms_import_lower_rows_only() -> None:
    mistakes = []
    for module in MODULES:
        if not module.startswith("engine."):
            continue
        room = room_of(module)
        for name, line in imports(module):
            other = room_of(name)
            if not name.startswith("engine") or other in NO_ROOM or other == room:
                continue
            if RANK[other] >= RANK[room]:
                mistakes.append(f"{MODULES[module].relative_to(ROOT)}:{line}: {room} imports {name}")
    assert mistakes == []


def test_there_are_no_cycles_of_imports() -> None:
    def at_import(module: str) -> set[str]:
        """What is imported while the module is: not for type checkers only, not inside of functions."""
        tree = ast.parse(MODULES[module].read_text("utf-8"))
        names = set()
        pending: list[ast.AST] = [tree]
        while pending:
            node = pending.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                pending += node.orelse
                continue
            pending += ast.iter_child_nodes(node)
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                names |= {f"{base}.{each.name}" if f"{base}.{each.name}" in MODULES else base for each in node.names}
        return names & MODULES.keys()

    order = graphlib.TopologicalSorter({module: at_import(module) - {module} for module in MODULES})
    try:
        order.prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


def test_connectors_know_the_public_side_of_the_engine_only() -> None:
    mistakes = []
    for module in MODULES:
        if not module.startswith("connectors"):
            continue
        for name, line in imports(module):
            if module.endswith(".demo") and name == DEMO_MAY_IMPORT:
                continue
            if name.startswith("engine.") and room_of(name) not in CONNECTORS_MAY_IMPORT:
                mistakes.append(f"{MODULES[module].relative_to(ROOT)}:{line}: imports {name}")
    assert mistakes == []


def test_the_engine_names_no_connector() -> None:
    mistakes = []
    for module in MODULES:
        if not module.startswith("engine"):
            continue
        for name, line in imports(module):
            if name.startswith("connectors") and name not in NAMES_CONNECTORS.get(module, ()):
                mistakes.append(f"{MODULES[module].relative_to(ROOT)}:{line}: imports {name}")
    assert mistakes == []
