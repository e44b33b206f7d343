from __future__ import annotations

import dataclasses

from bench import report
from bench.compare import MISSING, Row
from bench.load import Sample
from bench.payloads import Payload
from bench.scenarios import Latency, Scenario, Target

SCENARIO = Scenario(
    "direct", "DirectProxy", "DirectProxy", lambda back_end: [Payload("500 B", "text/plain", b"", b"")],
    targets=(Target("500 B", "nginx", 0.3), Target("500 B", "node", 2.0)),
)  # fmt: skip
HEAD = """\
### DirectProxy

| payload | peer | requests/s | CPU µs/request | requests per CPU s / nginx's | / node's | p99 ms | errors | target |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def row(peer: str, requests: int, errors: int = 0) -> Row:
    return Row("direct", "500 B", peer, [Sample(requests, 2.0, 1.0, 0.0125, errors)])


def lines(*rows: Row) -> list[str]:
    table = report.comparison(SCENARIO, rows)
    assert table.startswith(HEAD)
    return table.removeprefix(HEAD).splitlines()


def test_each_figure_stands_beside_its_target() -> None:
    assert lines(row("nginx", 20_000), row("node", 4_000), row("myelin", 10_000)) == [
        "| 500 B | nginx | 10,000 | 50 | 1.00 | 5.00 | 12.5 | 0 |  |",
        "| 500 B | node | 2,000 | 250 | 0.20 | 1.00 | 12.5 | 0 |  |",
        "| 500 B | myelin | 5,000 | 100 | 0.50 | 2.50 | 12.5 | 0 | ≥ 0.3 of nginx: 0.50 ok, ≥ 2 of node: 2.50 ok |",
    ]


def test_missed_target() -> None:
    [*_, myelin] = lines(row("nginx", 20_000), row("node", 4_000), row("myelin", 5_999))
    assert myelin.endswith("| ≥ 0.3 of nginx: 0.30 **MISSED**, ≥ 2 of node: 1.50 **MISSED** |")


def test_errors_make_figures_invalid_and_ratios_absent() -> None:
    [nginx, _, myelin] = lines(row("nginx", 20_000), row("node", 4_000), row("myelin", 10_000, errors=3))
    assert nginx == "| 500 B | nginx | 10,000 | 50 | 1.00 | 5.00 | 12.5 | 0 |  |"
    assert myelin == (
        "| 500 B | myelin | 5,000 | 100 | - | - | 12.5 | 3 **invalid** | "
        "≥ 0.3 of nginx: not measured, ≥ 2 of node: not measured |"
    )


def test_peer_that_is_missing() -> None:
    missing = Row("direct", "500 B", "node", problem=MISSING)
    [_, node, myelin] = lines(row("nginx", 20_000), missing, row("myelin", 10_000))
    assert node == "| 500 B | node | missing |  |  |  |  |  |  |"
    assert myelin.endswith("| 0.50 | - | 12.5 | 0 | ≥ 0.3 of nginx: 0.50 ok, ≥ 2 of node: not measured |")


def test_pending_and_unmeasured_are_said() -> None:
    assert report.pending(SCENARIO, ["xslt", "send"]) == "### DirectProxy\n\npending: needs <xslt>, <send>"
    assert report.unmeasured(SCENARIO, ["nginx", "wrk"]) == "### DirectProxy\n\nnot measured: nginx and wrk missing"


def test_latency_beside_that_of_a_peer() -> None:
    scenario = dataclasses.replace(SCENARIO, targets=(Latency("500 B", "nginx", 3.0),))
    slow = Row("direct", "500 B", "myelin", [Sample(10_000, 2.0, 1.0, 0.0376, 0)])
    for mine, verdict in ((row("myelin", 10_000), "1.00 ok"), (slow, "3.01 **MISSED**")):
        table = report.comparison(scenario, [row("nginx", 20_000), row("node", 4_000), mine])
        assert table.endswith(f"| p99 < 3 of nginx: {verdict} |")


def test_a_target_against_another_scenario_of_the_same_run() -> None:
    scenario = dataclasses.replace(SCENARIO, name="cbr", targets=(Target("500 B", "direct", 0.8),))
    rows = [dataclasses.replace(row(peer, 7_999), scenario="cbr") for peer in ("nginx", "node", "myelin")]
    table = report.comparison(scenario, rows, [row("myelin", 10_000)])
    assert table.endswith("| ≥ 0.8 of direct: 0.80 **MISSED** |")
    assert report.comparison(scenario, rows).endswith("| ≥ 0.8 of direct: not measured |")


def test_summary() -> None:
    table = report.comparison(SCENARIO, [row("nginx", 20_000), row("node", 4_000), row("myelin", 5_999)])
    bold = "- DirectProxy: 500 B, myelin: ≥ 0.3 of nginx: 0.30 **MISSED**, ≥ 2 of node: 1.50 **MISSED**"
    assert report.summary(table) == f"### Missed targets and errors\n\n{bold}"
    assert report.summary(report.head("2 cores")) == "### Missed targets and errors\n\nnone"
