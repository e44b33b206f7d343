"""Problem codes -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.declare.problem_codes import ProblemCode

HEAD = """\
# Reference of problems

Generated from the declarations by `myelin docs --write`; do not edit.

`myelin check`, the log and `/healthz` name these codes. An error keeps its artifact from running, or keeps the last
good version; all others run. A warning changes nothing, unless `myelin check --strict` makes it an error.
"""


def reference(codes: Iterable[ProblemCode]) -> str:
    """All codes, alphabetically."""
    return "\n".join([HEAD, *(page(code, level=2) for code in sorted(codes, key=lambda code: code.code))])


def page(code: ProblemCode, level: int = 3) -> str:
    """One code: its severity, what it means, what to do."""
    return f"{'#' * level} {code.code}\n\n{code.severity.capitalize()}: {code.meaning}\n\nTo mend it: {code.remedy}\n"
