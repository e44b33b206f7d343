from __future__ import annotations

import pytest

from bench import workers
from bench.compare import MISSING
from bench.load import Sample
from bench.workers import Workers


def sample(cpu_seconds: float, errors: int = 0) -> Sample:
    return Sample(10_000, seconds=2.0, cpu_seconds=cpu_seconds, p99=0.01, errors=errors)


def test_cost_is_the_median_of_the_ratios_of_the_rounds() -> None:
    result = Workers("myelin", [sample(1.0), sample(2.0), sample(1.0)], [sample(1.0), sample(3.0), sample(4.0)])
    assert result.cost == pytest.approx(1.5)


def test_report() -> None:
    results = [
        Workers("nginx", [sample(0.1)], [sample(0.2)], [0.0]),
        Workers("myelin", [sample(0.5)], [sample(0.55)], [0.45]),
        Workers("myelin", [sample(0.5)], [sample(0.56)], [0.39]),
        Workers("myelin", [sample(0.5)], [sample(0.5, errors=1)], [0.5]),
        Workers("nginx", problem=MISSING),
    ]
    assert workers.report(results).splitlines()[4:] == [
        "| nginx | 5,000 | 5,000 | 10 | 20 | 2.00 | 0.00 |  |",
        "| myelin | 5,000 | 5,000 | 50 | 55 | 1.10 | 0.45 | ≤ 1.1: ok, share ≥ 0.4: ok |",
        "| myelin | 5,000 | 5,000 | 50 | 56 | 1.12 | 0.39 | ≤ 1.1: **MISSED**, share ≥ 0.4: **MISSED** |",
        "| myelin | errors: **invalid** |  |  |  |  |  |  |",
        "| nginx | missing |  |  |  |  |  |  |",
    ]
    assert [result.failed for result in results] == [False, False, False, True, False]
