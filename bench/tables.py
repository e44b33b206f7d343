"""Markdown tables, and a figure beside its target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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
        cells = [cell.strip() for cell in line.split(" | ")]
        bold = [cell.strip("| ") for cell in cells if "**" in cell]
        if bold:
            name = ", ".join(cell.strip("| ") for cell in cells[:2] if "**" not in cell)
            found.append(f"{heading}: {name}: {', '.join(bold)}")
    return found


def below(value: float, limit: float, unit: str) -> str:
    return f"< {limit:g} {unit}: {verdict(value < limit)}"


def verdict(reached: bool) -> str:
    return "ok" if reached else "**MISSED**"
