from __future__ import annotations

from bench import tables


def test_table() -> None:
    assert tables.table("Title", ("a", "b"), [("1", "2"), ("3", "4")]).splitlines() == [
        "### Title", "", "| a | b |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |",
    ]  # fmt: skip


def test_targets() -> None:
    assert (tables.below(1.99, 2.0, "s"), tables.below(2.0, 2.0, "s")) == ("< 2 s: ok", "< 2 s: **MISSED**")
