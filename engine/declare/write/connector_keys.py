"""The keys of a ``connector.yaml`` -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable

from engine.declare.connector_keys import Section

HEAD = """\
# connector.yaml

Generated from the declarations by `myelin docs --write`; do not edit.

A connector as data: one entry is one operation. `myelin connector new NAME --openapi FILE` writes one,
`myelin connector check` tells mistakes with their places, `docs` prints its pages, `try` calls one operation.
"""


def reference(sections: Iterable[Section]) -> str:
    """All sections, in their order."""
    return "\n".join([HEAD, *map(_section, sections)])


def _section(section: Section) -> str:
    lines = [f"## {section.title}", ""]
    if section.doc:
        lines += [section.doc, ""]
    lines += ["| | |", "|---|---|"]
    lines += [f"| `{name}` | {doc} |" for name, doc in section.rows]
    if section.example:
        lines += ["", "```yaml", section.example.rstrip("\n"), "```"]
    return "\n".join(lines) + "\n"
