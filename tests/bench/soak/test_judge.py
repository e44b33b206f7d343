"""A mistake of the engine is never explained away, and a fault that was injected never counted as one."""

from __future__ import annotations

from typing import Any

import pytest

from bench.client import Answer
from bench.soak.faults import Faults
from bench.soak.flows import FLOWS
from bench.soak.judge import KEPT, Asked, Judge

BY_NAME = {flow.name: flow for flow in FLOWS}
BODY = b'{"id": "1-1"}'


def judged(name: str, answer: Answer, *, at: float = 50.0) -> Judge:
    """At 50 nothing is broken; at 10 "one" is, at 20 "two" and the fleeting flow, at 30 both back ends."""
    faults = Faults(versions=[(6, 0.0, 0.0), (7, 1.0, 1.0)])
    for what, began, ended in [
        ("one", 10, 12), ("two", 20, 22), ("comes-and-goes", 20, 22), ("one", 30, 32), ("two", 30, 32),
    ]:  # fmt: skip
        faults.begin(what, began)
        faults.end(what, ended)
    judge = Judge(faults)
    judge.answered(Asked(BY_NAME[name], "1-1", BODY, at, at + 1), answer)
    assert judge.requests == 1
    return judge


def answer(flow: str, version: Any = 7, body: bytes = BODY, **more: str) -> Answer:
    return Answer(200, {"x-flow": flow, "x-version": str(version)} | more, body)


MADE = b'{"id":"1-1","made":"yes"}'


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("passes", answer("passes")),
        ("makes", answer("makes", body=MADE)),
        ("shares", answer("shares", **{"x-sequence": "7"})),
    ],
)
def test_right(name: str, given: Answer) -> None:
    assert judged(name, given).right == 1


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("passes", answer("looks"), "of the flow looks"),
        ("passes", Answer(200, {}, BODY), "of the flow None"),
        ("passes", answer("passes", 6), "x-version 6 where 7 to 7 were live"),
        ("passes", answer("passes", 8), "x-version 8 where 7 to 7 were live"),
        ("shares", answer("shares", **{"x-sequence": "6"}), "x-sequence 6 where 7 to 7 were live"),
        ("passes", answer("passes", body=b'{"id": "1-2"}'), """with the body b'{"id": "1-2"}'"""),
        ("makes", answer("makes", body=MADE.replace(b"1-1", b"2-1")), """with the body b'{"id":"2-1","made":"yes"}'"""),
    ],
)
def test_wrong(name: str, given: Answer, reason: str) -> None:
    judge = judged(name, given, at=10.0)  # no fault explains a wrong answer
    assert judge.mistakes == {"wrong answer": 1}
    assert judge.samples == {"wrong answer": [f"{name} 1-1, 13 bytes, at 10.000: {reason}"]}


HALF = Answer(200, {}, b"", whole=False)


@pytest.mark.parametrize(
    ("name", "given", "at", "explained"),
    [
        ("passes", Answer(502, {}), 10.0, True),
        ("passes", Answer(504, {}), 9.5, True),
        ("passes", Answer(502, {}), 20.0, False),
        ("passes", Answer(500, {}), 10.0, False),
        ("passes", Answer(404, {}), 10.0, False),
        ("alone", Answer(502, {}), 10.0, False),
        ("fails-over", Answer(502, {}), 10.0, False),
        ("fails-over", Answer(502, {}), 30.0, True),
        ("comes-and-goes", Answer(404, {}), 20.0, True),
        ("comes-and-goes", Answer(404, {}), 10.0, False),
        ("comes-and-goes", Answer(502, {}), 20.0, True),
        ("passes", HALF, 10.0, True),
        ("passes", HALF, 20.0, False),
        ("fails-over", HALF, 10.0, True),
        ("alone", HALF, 10.0, False),
    ],
)
def test_explained_by_a_fault(name: str, given: Answer, at: float, explained: bool) -> None:
    what = str(given.status) if given.whole else "broken off"
    judge = judged(name, given, at=at)
    assert judge.explained == ({what: 1} if explained else {})
    assert judge.mistakes == ({} if explained else {f"{what}, unexplained": 1})


def test_no_answer_is_never_explained() -> None:
    judge = Judge(Faults())
    judge.faults.begin("one", 0.0)
    for number in range(KEPT + 3):
        judge.unanswered(Asked(BY_NAME["passes"], str(number), BODY, 1.0, 2.0), "reset")
    assert judge.mistakes == {"no answer": KEPT + 3}
    assert len(judge.samples["no answer"]) == KEPT
