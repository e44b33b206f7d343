from __future__ import annotations

from bench.soak import run
from bench.soak.run import Soak

SOAK = Soak(20.2, 1200, 1000, {"502": 150, "404": 50}, {}, [], 20, 9, 0)


def test_report() -> None:
    assert run.report(SOAK).splitlines()[4:] == [
        "| seconds of load | 20 |  |",
        "| redeployments of every flow | 20 |  |",
        "| deaths of a back end | 9 |  |",
        "| requests | 1,200 |  |",
        "| right answers | 1,000 |  |",
        "| explained by a fault | 50 x 404, 150 x 502 |  |",
        "| no answer, wrong or unexplained | none | none: ok |",
        "| exceptions in the log | 0 | none: ok |",
    ]
    assert not SOAK.failed


def test_mistakes_are_told() -> None:
    bad = Soak(1.0, 2, 1, {}, {"no answer": 1}, ["no answer: passes 1-1"], 0, 0, 1)
    assert bad.failed
    assert run.report(bad).splitlines()[-4:] == [
        "| no answer, wrong or unexplained | 1 x no answer | none: **MISSED** |",
        "| exceptions in the log | 1 | none: **MISSED** |",
        "",
        "no answer: passes 1-1",
    ]
