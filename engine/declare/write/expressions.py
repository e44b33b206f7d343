"""What expressions read -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.declare.readable import MESSAGE, Readable

HEAD = f"""\
# Reference of expressions

Generated from the declarations by `myelin docs --write`; do not edit.

An attribute that takes an expression takes XPath, `json-eval(…)` or `${{…}}`. The examples are evaluated on
this message:

{MESSAGE}"""

IN_XPATH = """\
# XPath and json-eval

XPath 1.0 with these variables, and the functions of [functions.md](functions.md). `//id` finds what is anywhere in the
message.
"""

IN_SYNAPSE = """\
# `${…}`

Values, `+ - * / %`, comparisons, `and`, `or`, `a ? b : c`, texts in quotes, and the functions of
[functions.md](functions.md).
"""


def reference(xpath: Iterable[Readable], synapse: Iterable[Readable]) -> str:
    """All of them, in the order of the declarations."""
    parts = [HEAD, IN_XPATH, *(page(each, level=2) for each in xpath)]
    return "\n".join([*parts, IN_SYNAPSE, *(page(each, level=2) for each in synapse)])


def page(each: Readable, level: int = 3) -> str:
    """One word: how it goes on, what it reads, an example with its result."""
    lines = [f"{'#' * level} {each.name}", "", f"`{each.form}`", "", each.doc, ""]
    lines += [
        "| expression | result |",
        "|---|---|",
        f"| `{each.example}` | {f'`{each.result}`' if each.result else 'empty'} |",
    ]
    return "\n".join(lines) + "\n"
