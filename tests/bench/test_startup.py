from __future__ import annotations

from bench import startup
from bench.startup import Startup


def test_report() -> None:
    assert startup.report(Startup(14, 0.456, 0.444, 70.0)).splitlines() == [
        "### Start with the 14 flows that ship",
        "",
        "| figure | median | target |",
        "| --- | --- | --- |",
        "| start to ready, s | 0.46 | < 0.8 s: ok |",
        "| of it CPU time, s | 0.44 |  |",
        "| resident idle, MB | 70 | < 70 MB: **MISSED** |",
    ]
