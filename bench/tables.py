"""Markdown tables, and a figure beside its target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_FIGURE = re.compile(r"[\d.,]+")


def table(title: str, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A heading and the table below it."""
    rows = [columns, ["---"] * len(columns), *lines]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def missed(text: str) -> list[str]:
    """What is bold in the tables of ``text``, as missed targets and errors are: heading, name of the row, and that."""
    found, heading = [], ""
    for line in text.splitlines():
        if line.startswith("### "):
            heading = line.removeprefix("### ")
        cells = [cell.strip("| ") for cell in line.split(" | ")]
        bold = [cell for cell in cells if "**" in cell]
        if bold:
            names = (cell for cell in cells[:2] if "**" not in cell and not _FIGURE.fullmatch(cell))
            found.append(f"{heading}: {', '.join(names)}: {', '.join(bold)}")
    return found


def below(value: float, limit: float, unit: str) -> str:
    return f"< {limit:g} {unit}: {verdict(value < limit)}"


def verdict(reached: bool) -> str:
    return "ok" if reached else "**MISSED**"
