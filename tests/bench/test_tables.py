from __future__ import annotations

from bench import tables


def test_table() -> None:
    assert tables.table("Title", ("a", "b"), [("1", "2"), ("3", "4")]).splitlines() == [
        "### Title", "", "| a | b |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |",
    ]  # fmt: skip


def test_targets() -> None:
    assert (tables.below(1.99, 2.0, "s"), tables.below(2.0, 2.0, "s")) == ("< 2 s: ok", "< 2 s: **MISSED**")


def test_what_is_missed_is_found_again() -> None:
    rows = [
        ("500 B", "nginx", "0", ""),
        ("500 B", "myelin", "0", "≥ 1: 0.9 **MISSED**"),
        ("1 kB", "node", "2 **invalid**", ""),
    ]
    proxy = tables.table("Proxy", ("payload", "peer", "errors", "target"), rows)
    idle = tables.table("Idle", ("figure", "median", "target"), [("MB", "70", tables.below(70, 70, "MB"))])
    fine = tables.table("Fine", ("figure", "median", "target"), [("MB", "69", tables.below(69, 70, "MB"))])
    broken = tables.table("Broken", ("figure", "problem"), [("MB", "**did not start**")])
    assert tables.missed("\n\n".join([proxy, idle, fine, broken])) == [
        "Proxy: 500 B, myelin: ≥ 1: 0.9 **MISSED**",
        "Proxy: 1 kB, node: 2 **invalid**",
        "Idle: MB: < 70 MB: **MISSED**",
        "Broken: MB: **did not start**",
    ]
