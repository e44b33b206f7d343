from __future__ import annotations

from bench import report
from bench.compare import MISSING, Row
from bench.load import Sample
from bench.payloads import Payload
from bench.scenarios import Scenario, Target

SCENARIO = Scenario(
    "direct", "DirectProxy", "DirectProxy", lambda back_end: [Payload("500 B", "text/plain", b"", b"")],
    targets=(Target("500 B", "nginx", 0.3), Target("500 B", "node", 2.0)),
)  # fmt: skip
HEAD = """\
### DirectProxy

| payload | peer | requests/s | CPU µs/request | per CPU s / nginx | / node | p99 ms | errors | target |
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
        "| 500 B | myelin | 5,000 | 100 | 0.50 | 2.50 | 12.5 | 0 | ≥ 0.3 of nginx: ok, ≥ 2 of node: ok |",
    ]


def test_missed_target() -> None:
    [*_, myelin] = lines(row("nginx", 20_000), row("node", 4_000), row("myelin", 5_999))
    assert myelin.endswith("| ≥ 0.3 of nginx: **MISSED**, ≥ 2 of node: **MISSED** |")


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
    assert myelin.endswith("| 0.50 | - | 12.5 | 0 | ≥ 0.3 of nginx: ok, ≥ 2 of node: not measured |")


def test_pending_and_unmeasured_are_said() -> None:
    assert report.pending(SCENARIO, ["xslt", "send"]) == "### DirectProxy\n\npending: needs <xslt>, <send>"
    assert report.unmeasured(SCENARIO, ["nginx", "wrk"]) == "### DirectProxy\n\nnot measured: nginx and wrk missing"
