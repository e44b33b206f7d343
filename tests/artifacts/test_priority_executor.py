from __future__ import annotations

from typing import cast

import pytest

from engine.artifacts.priority_executor import PriorityExecutor
from engine.core.env import Environment
from engine.testing.harness import Harness, LoadError

QUEUES = '<queues><queue size="2" priority="10"/><queue size="3" priority="1"/></queues>'


def _executor(inside: str, more: str = "") -> str:
    return f'<priorityExecutor name="e" {more}>{inside}</priorityExecutor>'


def test_its_queues_are_those_of_the_process() -> None:
    harness = Harness(_executor(f'{QUEUES}<threads core="4" max="8" keep-alive="5"/>'))
    executor = cast(PriorityExecutor, harness.snapshot.priority_executor("e"))
    env = cast(Environment, harness.snapshot)
    priorities = executor.priorities(env)
    assert priorities is executor.priorities(env)
    assert (priorities.core, priorities.most) == (4, 8)


def test_without_threads_it_has_those_of_synapse() -> None:
    harness = Harness(_executor(QUEUES))
    priorities = harness.snapshot.priority_executor("e").priorities(cast(Environment, harness.snapshot))
    assert (priorities.core, priorities.most) == (20, 100)


@pytest.mark.parametrize(
    ("inside", "more", "code"),
    [
        ("", "", "missing-element"),
        ("<queues/>", "", "missing-element"),
        ('<queues><queue priority="1"/></queues>', "", "missing-attribute"),
        ('<queues><queue size="1" priority="0"/></queues>', "", "bad-value"),
        ('<queues nextQueue="a.B"><queue size="1" priority="1"/></queues>', "", "unsupported"),
        (f'{QUEUES}<threads core="0"/>', "", "bad-value"),
        (QUEUES, 'beforeExecuteHandler="a.B"', "unsupported"),
    ],
)
def test_mistakes_are_problems_at_load(inside: str, more: str, code: str) -> None:
    with pytest.raises(LoadError) as caught:
        Harness(_executor(inside, more))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_queues_without_a_bound() -> None:
    Harness(_executor('<queues isFixedSize="false"><queue priority="1"/></queues>'))
