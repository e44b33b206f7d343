from __future__ import annotations

import os

import pytest

from bench import saturation
from bench.saturation import Saturation


def test_report() -> None:
    flat = Saturation(40, 123_456, 0, (50.0, 51.0, 53.0, 52.0))
    assert saturation.report(flat).splitlines()[2:] == [
        "| requests | errors | MB at the start | middle | end | highest | end / start | target |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| 123,456 | 0 | 50.0 | 53.0 | 52.0 | 53.0 | 1.040 | ≤ 1.05: ok |",
    ]
    grows = Saturation(40, 100, 2, (50.0, 51.0, 53.0))
    assert saturation.report(grows).endswith(
        "| 100 | 2 **invalid** | 50.0 | 51.0 | 53.0 | 53.0 | 1.060 | ≤ 1.05: **MISSED** |"
    )
    assert (flat.failed, grows.failed) == (False, True)


def test_nothing_measured_is_told() -> None:
    missing = Saturation(missing="wrk missing")
    assert saturation.report(missing).endswith("\n\nnot measured: wrk missing")
    assert (missing.failed, Saturation().failed) == (False, True)


def test_one_look_is_no_growth() -> None:
    """A tenth of the looks at each end are compared, one at least."""
    looks = (10.0, 30.0, *[20.0] * 16, 30.0, 50.0)
    assert Saturation(20, 1, 0, looks).growth == pytest.approx(2.0)
    assert Saturation(20, 1, 0, (10.0,)).growth == 1.0


def test_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saturation, "SETTLES", 0)
    monkeypatch.setattr(saturation, "EVERY", 0.001)
    with saturation._looking(os.getpid()) as seen:
        while len(seen) < 3:
            pass
    assert all(10 < each < 2000 for each in seen)
