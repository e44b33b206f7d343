from __future__ import annotations

import pytest

from engine.errors import Problem, Where
from tools.judged import JUDGED, Verdict, judge


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("not-xml", Verdict.REFUSED), ("unknown-sequence", Verdict.FAILS), ("some-new-code", Verdict.OPEN)],
)
def test_verdicts(code: str, verdict: Verdict) -> None:
    assert judge(Problem(code, Where("a.xml"), "It is so.")) is verdict


def test_every_verdict_gives_its_reason() -> None:
    assert all(why for _, verdict, why in JUDGED if verdict is not Verdict.OPEN)
