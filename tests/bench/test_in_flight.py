from __future__ import annotations

from bench import in_flight
from bench.compare import MISSING
from bench.in_flight import InFlight


def test_report() -> None:
    results = [
        InFlight("nginx", 3.04, 0, 30.4),
        InFlight("node", problem=MISSING),
        InFlight("myelin", 3.5, 1, 120.0),
    ]
    assert in_flight.report(results).splitlines()[2:] == [
        "| peer | seconds | ideal | errors | peak MB | target |",
        "| --- | --- | --- | --- | --- | --- |",
        "| nginx | 3.0 | 3.0 | 0 | 30 |  |",
        "| node | missing |  |  |  |  |",
        "| myelin | 3.5 | 3.0 | 1 | 120 | < 150 MB: ok, no error: **MISSED** |",
    ]
