"""Error codes of faults -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.declare.error_codes import ErrorCodeDoc

HEAD = """\
# Reference of error codes

Generated from the declarations by `myelin docs --write`; do not edit.

A fault sequence finds the code in the property ERROR_CODE, beside ERROR_MESSAGE, ERROR_DETAIL and ERROR_EXCEPTION. A
fault that <throwError> or <makefault> raises has the code that the flow gives it.
"""


def reference(codes: Iterable[ErrorCodeDoc]) -> str:
    """All codes, by number."""
    return "\n".join([HEAD, *(page(code, level=2) for code in sorted(codes, key=lambda code: code.code))])


def page(code: ErrorCodeDoc, level: int = 3) -> str:
    """One code: what has happened, what to do, a step that asks for it."""
    lines = [f"{'#' * level} {code.code}", "", code.meaning, "", f"What to do: {code.remedy}", ""]
    lines += ["```xml", code.example, "```"]
    return "\n".join(lines) + "\n"
