"""Well-known properties -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.declare.well_known import Use, WellKnown

HEAD = """\
# Reference of properties

Generated from the declarations by `myelin docs --write`; do not edit.

A property has any name and any value. These have a meaning to the engine. The scope is that of `<property scope="…">`
and of `get-property('scope', 'name')`.
"""

_USES: dict[Use, str] = {
    "read": "Set it in a flow; the engine reads it.",
    "set": "The engine sets it; read it in a flow.",
    "both": "The engine sets it and reads it.",
    "ignored": "It has no effect here.",
}


def reference(properties: Iterable[WellKnown]) -> str:
    """All properties, alphabetically."""
    return "\n".join([HEAD, *(page(each, level=2) for each in sorted(properties, key=lambda each: each.key))])


def page(each: WellKnown, level: int = 3) -> str:
    """One property: scope, values, what it does, an example."""
    lines = [
        f"{'#' * level} {each.name}",
        "",
        f"Scope {each.scope}; {each.values}. {_USES[each.use]}",
        "",
        each.doc,
        "",
        "```xml",
        each.example,
        "```",
    ]
    return "\n".join(lines) + "\n"
