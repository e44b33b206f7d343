"""The flows of the measurement, at small sizes: they work, and four times the items are four times the work."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import pytest

from bench import linear
from bench.linear import CASES, Case, Linear

CASE_IDS = [case.title for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=CASE_IDS)
async def test_calls_of_functions_grow_with_the_items_and_no_faster(case: Case) -> None:
    calls = []
    smallest = case.sizes[0] // 5 if case.item == "kB" else 25
    for size in (smallest, 4 * smallest, 16 * smallest):
        count = 0

        def counted(frame: Any, event: str, argument: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counted)
        try:
            result = await linear._measure(dataclasses.replace(case, sizes=(size, size, size)))
        finally:
            sys.setprofile(None)
        assert not result.failed
        calls.append(count)
    # What does not depend on the size makes the first step smaller than four.
    assert calls[1] / calls[0] < 4.5
    assert calls[2] / calls[1] < 4.5


def test_a_result_tells_microseconds_and_growth() -> None:
    result = Linear("case", "part", (10, 100, 1000), (0.001, 0.01, 0.3))
    assert result.per_item == pytest.approx([100.0, 100.0, 300.0])
    assert result.growth == pytest.approx(3.0)
    failed = Linear("other", "kB", (1, 2, 3), (1.0, 2.0, 3.0), failed=True)
    assert linear.report([result, failed]).splitlines()[4:] == [
        "| case | 10, 100, 1,000 part | 100.0, 100.0, 300.0 | 3.00 | < 2 times: **MISSED** |",
        "| other | 1, 2, 3 kB | 1000000.0, 1000000.0, 1000000.0 | 1.00 | **failed** |",
    ]
