from __future__ import annotations

import asyncio

import pytest

from engine.errors import Fault
from engine.mediators.sampler import Sampler
from engine.testing.harness import Harness

TARGET = '<target><sequence><property name="HTTP_SC" value="201" scope="axis2"/><respond/></sequence></target>'


def _sampler(harness: Harness, xml: str) -> Sampler:
    [step] = harness.steps(xml)
    assert isinstance(step, Sampler)
    return step


async def test_the_target_answers_and_the_flow_of_the_message_ends() -> None:
    inside = f'<sampler rate="1" unitTime="1">{TARGET}</sampler><respond/>'
    harness = Harness(f'<proxy name="p"><target><inSequence>{inside}</inSequence></target></proxy>')
    for _ in range(3):
        answer = await harness.serve("/services/p", harness.message(b'{"a": 1}'))
        assert answer is not None
        assert (answer.status, answer.body) == (201, b'{"a": 1}')


async def test_so_many_in_each_unit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = _sampler(Harness(), f'<sampler rate="2" unitTime="1000">{TARGET}</sampler>')
    now = 100.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now, raising=False)
    assert [sampler._delay() for _ in range(5)] == [0, 0, 1, 1, 2]
    now = 102.5
    assert [sampler._delay() for _ in range(2)] == [0, pytest.approx(0.5)]
    now = 110.0
    assert [sampler._delay() for _ in range(3)] == [0, 0, 1]


async def test_a_response_is_not_sampled() -> None:
    harness = Harness()
    message = harness.message(b"{}")
    message.is_response = True
    assert await harness.run(f"<sampler>{TARGET}</sampler>", message) is False
    assert message.branches is None


async def test_what_waits_is_bounded() -> None:
    harness = Harness()
    sampler = _sampler(harness, f"<sampler>{TARGET}</sampler>")
    sampler._waiting = harness.snapshot.limits.aggregate
    with pytest.raises(Fault, match="which is its limit"):
        await sampler.mediate(harness.message(b"{}"))


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<sampler/>", "missing-element"),
        ('<sampler rate="0"><target/></sampler>', "bad-value"),
        ('<sampler unitTime="0"><target/></sampler>', "bad-value"),
        ('<sampler><target/><messageQueue class="a.PersistentQueue"/></sampler>', "unsupported"),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, code: str) -> None:
    [problem] = Harness().problems(xml)
    assert f"error[{code}]" in problem
