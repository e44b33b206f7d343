from __future__ import annotations

import pytest

from bench import connectors
from bench.connectors import Loading, Way
from bench.load import Sample


def sample(cpu_seconds: float, errors: int = 0) -> Sample:
    return Sample(10_000, seconds=2.0, cpu_seconds=cpu_seconds, p99=0.01, errors=errors)


def test_cost_is_the_median_of_the_ratios_of_the_rounds() -> None:
    by_hand = Way("by hand", [sample(1.0), sample(2.0), sample(1.0)])
    assert Way("mine", [sample(1.0), sample(3.0), sample(4.0)]).cost(by_hand) == pytest.approx(1.5)


def test_calls() -> None:
    by_hand = Way("by hand", [sample(0.5)])
    ways = [
        by_hand,
        Way("a", [sample(0.65)]),
        Way("b", [sample(0.66)]),
        Way("c", [sample(0.5, 1)]),
        Way("d", [], "wrong"),
    ]
    assert connectors.report_calls(ways).splitlines()[4:] == [
        "| by hand | 5,000 | 50 | 1.00 |  |",
        "| a | 5,000 | 65 | 1.30 | ≤ 1.3: ok |",
        "| b | 5,000 | 66 | 1.32 | ≤ 1.3: **MISSED** |",
        "| c | errors: **invalid** |  |  |  |",
        "| d | wrong |  |  |  |",
    ]
    assert [way.failed for way in ways] == [False, False, False, True, True]


def test_loading() -> None:
    assert connectors.report_loading(Loading((0.4, 45.0), (5.0, 299.0))).splitlines()[4:] == [
        "| start to ready, s | 0.40 | 5.00 | < 5 s: **MISSED** |",
        "| resident, MB | 45 | 299 | < 300 MB: ok |",
    ]
