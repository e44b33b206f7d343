from __future__ import annotations

import pytest

from bench.soak.faults import LIVE_WITHIN, Faults


@pytest.mark.parametrize(
    ("sent", "received", "touched"),
    [(1.0, 1.9, False), (1.0, 2.0, True), (2.5, 2.6, True), (1.0, 9.0, True), (3.0, 3.5, True), (3.1, 3.5, False)],
)
def test_a_period_that_is_over(sent: float, received: float, touched: bool) -> None:
    faults = Faults()
    faults.begin("one", 2.0)
    faults.end("one", 3.0)
    assert faults.touches("one", sent, received) is touched
    assert not faults.touches("two", sent, received)


def test_a_period_that_goes_on() -> None:
    faults = Faults()
    faults.begin("one", 2.0)
    assert faults.touches("one", 7.0, 8.0)
    assert not faults.touches("one", 1.0, 1.5)


def test_versions_that_may_be_seen() -> None:
    """The oldest is the last that has been there for so long that it must be live, the newest the last begun."""
    faults = Faults(versions=[(0, 0.0, 0.0), (1, 10.0, 10.5), (2, 20.0, float("inf"))])
    assert faults.versions_between(1.0, 2.0) == range(1)
    assert faults.versions_between(1.0, 10.0) == range(2)
    assert faults.versions_between(10.5 + LIVE_WITHIN - 0.01, 15.0) == range(2)
    assert faults.versions_between(10.5 + LIVE_WITHIN, 15.0) == range(1, 2)
    assert faults.versions_between(30.0, 31.0) == range(1, 3)
