"""XPath functions -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.expressions.functions import Function

HEAD = """\
# Reference of functions

Generated from the declarations by `myelin docs --write`; do not edit.

Arguments with `?` or a default may be left out.
"""

IN_XPATH = """\
# In XPath

Besides the functions of XPath 1.0, expressions may call these. The arguments are XPath values, read as text.
"""

IN_SYNAPSE = """\
# In `${…}`

An argument of the wrong type, and null, is an error: it is logged, and the whole expression is empty.
"""


def reference(xpath: Iterable[Function], synapse: Iterable[Function]) -> str:
    """All functions, those of XPath first, alphabetically."""
    return "\n".join([HEAD, IN_XPATH, *_pages(xpath), IN_SYNAPSE, *_pages(synapse)])


def _pages(functions: Iterable[Function]) -> list[str]:
    return [page(each, level=2) for each in sorted(functions, key=lambda function: function.name.lower())]


def page(function: Function, level: int = 3) -> str:
    """One function: its arguments, what it gives, examples with their results."""
    lines = [f"{'#' * level} {function.name}", "", f"`{function.signature}`", "", function.doc, ""]
    lines += ["| expression | result |", "|---|---|"]
    lines += [f"| `{expression}` | `{result}` |" for expression, result in function.examples]
    return "\n".join(lines) + "\n"
