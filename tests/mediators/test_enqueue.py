from __future__ import annotations

import json

import pytest

from engine.errors import Fault, Overloaded
from engine.runtime.config import Limits
from engine.testing.harness import Harness, LoadError

EXECUTOR = (
    '<priorityExecutor name="e"><queues><queue size="1" priority="1"/></queues><threads core="1" max="1"/>'
    "</priorityExecutor>"
)
ANSWERS = '<sequence name="s"><property name="HTTP_SC" value="201" scope="axis2"/><respond/></sequence>'
FAILS = '<sequence name="f"><throwError type="E" errorMessage="no"/></sequence>'


def _enqueue(sequence: str = "s", priority: int = 1) -> str:
    return f'<enqueue executor="e" priority="{priority}" sequence="{sequence}"/>'


async def test_the_sequence_runs_on_a_copy_and_may_answer() -> None:
    inside = f'{_enqueue()}<property name="HTTP_SC" value="500" scope="axis2"/>'
    harness = Harness(f'{EXECUTOR}{ANSWERS}<proxy name="p"><target><inSequence>{inside}</inSequence></target></proxy>')
    answer = await harness.serve("/services/p", harness.message(b'{"a": 1}'))
    assert answer is not None
    assert (answer.status, answer.body) == (201, b'{"a": 1}')


async def test_the_message_goes_on_at_once_and_when_all_is_full_there_is_a_fault() -> None:
    harness = Harness(EXECUTOR + '<sequence name="s"><log/></sequence>')
    message = harness.message(b"{}")
    assert await harness.run(_enqueue() + _enqueue(), message) is True
    with pytest.raises(Fault, match="'e' is full"):
        await harness.run(_enqueue(), message)
    await harness.services.drain(5)
    assert await harness.run(_enqueue(), message) is True
    await harness.services.drain(5)


@pytest.mark.parametrize("core", [1, 2], ids=["it would wait", "it would run"])
async def test_what_is_refused_gives_its_place_back(core: int) -> None:
    executor = EXECUTOR.replace('core="1" max="1"', f'core="{core}" max="{core}"')
    harness = Harness(executor + '<sequence name="s"><log/></sequence>', limits=Limits(background=1))
    message = harness.message(b"{}")
    for _ in range(3):
        assert await harness.run(_enqueue(), message) is True
        with pytest.raises(Overloaded):
            await harness.run(_enqueue(), message)
        await harness.services.drain(5)
        priorities = harness.snapshot.priority_executor("e").priorities(harness.snapshot)
        assert (priorities.running, priorities.waiting) == (0, 0)


async def test_a_priority_without_a_queue_is_a_fault() -> None:
    harness = Harness(EXECUTOR + ANSWERS)
    with pytest.raises(Fault, match="no queue of priority 7"):
        await harness.run(_enqueue(priority=7), harness.message(b"{}"))


async def test_what_fails_gives_its_place_back_and_the_client_is_told() -> None:
    proxy = f'<proxy name="p"><target><inSequence>{_enqueue("f")}</inSequence></target></proxy>'
    harness = Harness(EXECUTOR + FAILS + proxy)
    for _ in range(3):
        answer = await harness.serve("/services/p", harness.message(b"{}"))
        assert answer is not None
        assert json.loads(answer.body)["error"]["code"] == "E"


def test_an_executor_that_does_not_exist_is_a_problem() -> None:
    with pytest.raises(LoadError) as caught:
        Harness(f'{ANSWERS}<sequence name="q">{_enqueue()}</sequence>')
    assert [problem.code for problem in caught.value.problems] == ["unknown-priority-executor"]
