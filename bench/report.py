"""What is printed: a head, for each scenario the peers beneath each other, each figure beside its target, a summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench import tables
from bench.compare import Row
from bench.peers import PEERS
from bench.scenarios import Latency, Scenario, Target

_COLUMNS = (
    "payload",
    "peer",
    "requests/s",
    "CPU µs/request",
    "requests per CPU s / nginx's",
    "/ node's",
    "p99 ms",
    "errors",
    "target",
)


Rows = Mapping[tuple[str, str, str], Row]
"""By scenario, size and peer."""


_HEAD = """\
# What Myelin costs

{where}

All servers and the load share this machine, over the loopback interface. CPU time is user and system time of a server's
process and its children. Figures mean something beside others of this run: compare the ratios. What is bold is a missed
target or an error."""


def head(where: str) -> str:
    """What a reader of the tables must know; ``where`` is the machine."""
    return _HEAD.format(where=where)


def summary(text: str) -> str:
    """What is bold in all that was said."""
    found = tables.missed(text)
    return "### Missed targets and errors\n\n" + ("\n".join(f"- {each}" for each in found) if found else "none")


def comparison(scenario: Scenario, rows: Sequence[Row], earlier: Iterable[Row] = ()) -> str:
    """``earlier`` are rows of other scenarios that targets may be against."""
    known = {(row.scenario, row.size, row.peer): row for row in (*earlier, *rows)}
    lines = [_line(scenario, row, known) for row in rows]
    return tables.table(scenario.title, _COLUMNS, lines)


def pending(scenario: Scenario, lacking: Iterable[str]) -> str:
    """What stands in place of a table while the engine lacks mediators."""
    return f"### {scenario.title}\n\npending: needs {', '.join(f'<{tag}>' for tag in lacking)}"


def unmeasured(scenario: Scenario, programs: Iterable[str]) -> str:
    """What stands in place of a table on a machine without the programs."""
    return f"### {scenario.title}\n\nnot measured: {' and '.join(programs)} missing"


def _line(scenario: Scenario, row: Row, known: Rows) -> tuple[str, ...]:
    if not row.samples:
        return (row.size, row.peer, row.problem, "", "", "", "", "", "")
    return (
        row.size,
        row.peer,
        f"{row.median('per_second'):,.0f}",
        f"{row.median('cpu_per_request') * 1e6:.0f}",
        _ratio(row, known[row.scenario, row.size, "nginx"]),
        _ratio(row, known[row.scenario, row.size, "node"]),
        f"{row.median('p99') * 1e3:.1f}",
        "0" if row.errors == 0 else f"{row.errors} **invalid**",
        ", ".join(_verdict(row, target, known) for target in _targets(scenario, row)),
    )


def _ratio(row: Row, other: Row) -> str:
    return f"{row.ratio(other):.2f}" if row.valid and other.valid else "-"


def _targets(scenario: Scenario, row: Row) -> list[Target | Latency]:
    return [target for target in scenario.targets if row.peer == "myelin" and row.size == target.size]


def _verdict(row: Row, target: Target | Latency, known: Rows) -> str:
    against_peer = target.against in PEERS
    key = (row.scenario, row.size, target.against) if against_peer else (target.against, row.size, row.peer)
    other = known.get(key)
    wanted = f"p99 < {target.times:g}" if isinstance(target, Latency) else f"≥ {target.ratio:g}"
    wanted += f" of {target.against}"
    if other is None or not (row.valid and other.valid):
        return f"{wanted}: not measured"
    if isinstance(target, Latency):
        measured = row.median("p99") / other.median("p99")
        return f"{wanted}: {measured:.2f} {tables.verdict(measured < target.times)}"
    measured = row.ratio(other)
    return f"{wanted}: {measured:.2f} {tables.verdict(measured >= target.ratio)}"
