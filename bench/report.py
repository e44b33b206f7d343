"""The table of a scenario: the peers of a payload beneath each other, each figure beside its target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import tables
from bench.compare import Row
from bench.scenarios import Scenario, Target

_COLUMNS = (
    "payload",
    "peer",
    "requests/s",
    "CPU µs/request",
    "per CPU s / nginx",
    "/ node",
    "p99 ms",
    "errors",
    "target",
)


def comparison(scenario: Scenario, rows: Sequence[Row]) -> str:
    peers = {(row.size, row.peer): row for row in rows}
    lines = [_line(scenario, row, peers) for row in rows]
    return tables.table(scenario.title, _COLUMNS, lines)


def pending(scenario: Scenario, lacking: Iterable[str]) -> str:
    """What stands in place of a table while the engine lacks mediators."""
    return f"### {scenario.title}\n\npending: needs {', '.join(f'<{tag}>' for tag in lacking)}"


def unmeasured(scenario: Scenario, programs: Iterable[str]) -> str:
    """What stands in place of a table on a machine without the programs."""
    return f"### {scenario.title}\n\nnot measured: {' and '.join(programs)} missing"


def _line(scenario: Scenario, row: Row, peers: dict[tuple[str, str], Row]) -> tuple[str, ...]:
    if not row.samples:
        return (row.size, row.peer, row.problem, "", "", "", "", "", "")
    return (
        row.size,
        row.peer,
        f"{row.median('per_second'):,.0f}",
        f"{row.median('cpu_per_request') * 1e6:.0f}",
        _ratio(row, peers[row.size, "nginx"]),
        _ratio(row, peers[row.size, "node"]),
        f"{row.median('p99') * 1e3:.1f}",
        "0" if row.errors == 0 else f"{row.errors} **invalid**",
        ", ".join(_verdict(row, target, peers) for target in _targets(scenario, row)),
    )


def _ratio(row: Row, other: Row) -> str:
    return f"{row.ratio(other):.2f}" if row.valid and other.valid else "-"


def _targets(scenario: Scenario, row: Row) -> list[Target]:
    return [target for target in scenario.targets if row.peer == "myelin" and row.size == target.size]


def _verdict(row: Row, target: Target, peers: dict[tuple[str, str], Row]) -> str:
    wanted = f"≥ {target.ratio:g} of {target.against}"
    other = peers[row.size, target.against]
    if not (row.valid and other.valid):
        return f"{wanted}: not measured"
    return f"{wanted}: {tables.verdict(row.ratio(other) >= target.ratio)}"
