"""The soak of the bench, short: see ``bench/soak`` for what goes wrong while it loads."""

from __future__ import annotations

from pathlib import Path

from bench.soak import run


def test_every_request_has_the_right_answer_or_a_fault_that_explains_it(tmp_path: Path) -> None:
    result = run.measure(tmp_path, 5)
    assert result.samples == []
    assert (result.mistakes, result.log_errors) == ({}, 0)
    assert result.deaths >= 2
    assert result.redeployments >= 3
    assert result.explained["502"] > 0
    assert result.right > 200
