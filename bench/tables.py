"""Markdown tables, and a figure beside its target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(title: str, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A heading and the table below it."""
    rows = [columns, ["---"] * len(columns), *lines]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def below(value: float, limit: float, unit: str) -> str:
    return f"< {limit:g} {unit}: {verdict(value < limit)}"


def verdict(reached: bool) -> str:
    return "ok" if reached else "**MISSED**"
