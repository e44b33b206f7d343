from __future__ import annotations

import pytest

from bench.compare import MISSING, NOT_STARTED, Row
from bench.load import Sample


def sample(requests: int, cpu_seconds: float, errors: int = 0) -> Sample:
    return Sample(requests, seconds=2.0, cpu_seconds=cpu_seconds, p99=0.01, errors=errors)


def row(*samples: Sample, problem: str = "") -> Row:
    return Row("direct", "500 B", "myelin", list(samples), problem)


def test_medians_over_the_rounds() -> None:
    measured = row(sample(100, 1.0), sample(900, 1.0), sample(200, 4.0))
    assert (measured.median("per_second"), measured.median("per_cpu_second")) == (100, 100)


def test_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """Each round loads both under the same conditions; ratios of medians would mix rounds."""
    mine = row(sample(100, 1.0), sample(100, 1.0), sample(100, 1.0))
    its = row(sample(100, 1.0), sample(200, 1.0), sample(400, 1.0))
    assert (mine.ratio(its), its.ratio(mine)) == (0.5, 2.0)


@pytest.mark.parametrize(
    ("measured", "failed", "valid"),
    [
        (row(sample(1, 1.0)), False, True),
        (row(sample(1, 1.0), sample(1, 1.0, errors=1)), True, False),
        (row(problem=MISSING), False, False),
        (row(problem=NOT_STARTED), True, False),
        (row(problem="answered 500"), True, False),
        (row(), False, False),
    ],
)
def test_what_counts_as_failed(measured: Row, failed: bool, valid: bool) -> None:
    assert (measured.failed, measured.valid) == (failed, valid)
