"""Markdown tables of what was measured, each figure beside its target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import in_flight, linear, startup
from bench.compare import Row
from bench.in_flight import InFlight
from bench.linear import Linear
from bench.scenarios import Scenario, Target
from bench.startup import Startup

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
    """One table for a scenario, the peers of a payload beneath each other."""
    peers = {(row.size, row.peer): row for row in rows}
    lines = [_line(scenario, row, peers) for row in rows]
    return f"### {scenario.title}\n\n{_table(_COLUMNS, lines)}"


def pending(scenario: Scenario, lacking: Iterable[str]) -> str:
    """What stands in place of a table while the engine lacks mediators."""
    return f"### {scenario.title}\n\npending: needs {', '.join(f'<{tag}>' for tag in lacking)}"


def unmeasured(scenario: Scenario, programs: Iterable[str]) -> str:
    """What stands in place of a table on a machine without the programs."""
    return f"### {scenario.title}\n\nnot measured: {' and '.join(programs)} missing"


def start_up(figures: Startup) -> str:
    rows = [
        ("start to ready, s", f"{figures.seconds:.2f}", _below(figures.seconds, startup.TARGET_SECONDS, "s")),
        ("resident idle, MB", f"{figures.megabytes:.0f}", _below(figures.megabytes, startup.TARGET_MEGABYTES, "MB")),
    ]
    return f"### Start with the {figures.flows} flows that ship\n\n{_table(('figure', 'median', 'target'), rows)}"


def requests_in_flight(results: Iterable[InFlight]) -> str:
    columns = ("peer", "seconds", "ideal", "errors", "peak MB", "target")
    lines = [_in_flight_line(result) for result in results]
    return f"### {in_flight.CONNECTIONS:,} requests in flight, back end takes 1 s\n\n{_table(columns, lines)}"


def linear_growth(results: Iterable[Linear]) -> str:
    columns = ("what", "sizes", "µs an item", "growth", "target")
    return f"### Time grows with the size\n\n{_table(columns, map(_linear_line, results))}"


def _linear_line(result: Linear) -> tuple[str, ...]:
    sizes = ", ".join(f"{size:,}" for size in result.sizes)
    times = ", ".join(f"{each:.1f}" for each in result.per_item)
    verdict = "**failed**" if result.failed else _below(result.growth, linear.TARGET_GROWTH, "times")
    return (result.case, f"{sizes} {result.item}", times, f"{result.growth:.2f}", verdict)


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
    return f"{wanted}: {'ok' if row.ratio(other) >= target.ratio else '**MISSED**'}"


def _in_flight_line(result: InFlight) -> tuple[str, ...]:
    if result.problem:
        return (result.peer, result.problem, "", "", "", "")
    verdict = ""
    if result.peer == "myelin":
        verdict = _below(result.peak_megabytes, in_flight.TARGET_MEGABYTES, "MB")
        verdict += f", no error: {'ok' if result.errors == 0 else '**MISSED**'}"
    ideal = f"{in_flight.ROUNDS:.1f}"
    return (result.peer, f"{result.seconds:.1f}", ideal, str(result.errors), f"{result.peak_megabytes:.0f}", verdict)


def _below(value: float, limit: float, unit: str) -> str:
    return f"< {limit:g} {unit}: {'ok' if value < limit else '**MISSED**'}"


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [columns, ["---"] * len(columns), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
