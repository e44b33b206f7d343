"""XPath functions -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.expressions.functions import Function

HEAD = """\
# Reference of functions

Generated from the declarations by `myelin docs --write`; do not edit.

Besides the functions of XPath 1.0, expressions may call these. The arguments are XPath values, read as text; those with
a default may be left out.
"""


def reference(functions: Iterable[Function]) -> str:
    """All functions, alphabetically."""
    ordered = sorted(functions, key=lambda function: function.name.lower())
    return "\n".join([HEAD, *(page(function, level=2) for function in ordered)])


def page(function: Function, level: int = 3) -> str:
    """One function: its arguments, what it gives, examples with their results."""
    lines = [f"{'#' * level} {function.name}", "", f"`{function.signature}`", "", function.doc, ""]
    lines += ["| expression | result |", "|---|---|"]
    lines += [f"| `{expression}` | `{result}` |" for expression, result in function.examples]
    return "\n".join(lines) + "\n"
