from __future__ import annotations

import asyncio

import pytest

from engine.core.priorities import Priorities
from engine.errors import Fault


def _served(sizes: dict[int, int | None], waiting: list[int], core: int = 1) -> list[int]:
    """The priorities in the order of their turns, one at a time."""
    priorities = Priorities("p", sizes, core, core)
    first = [priorities.admit(next(iter(sizes))) for _ in range(core)]
    assert all(turn.done() for turn in first)
    turns = [(priority, priorities.admit(priority)) for priority in waiting]
    order: list[int] = []
    while priorities.running:
        priorities.leave()
        order += [priority for priority, turn in turns if turn.done()]
        turns = [each for each in turns if not each[1].done()]
    assert turns == []
    return order


async def test_queues_are_served_in_turn_by_their_priority() -> None:
    assert _served({3: 10, 1: 10}, [1, 1, 1, 3, 3, 3, 3]) == [3, 3, 3, 1, 3, 1, 1]


async def test_an_empty_queue_is_passed_over() -> None:
    assert _served({3: 10, 2: 10, 1: 10}, [1, 1]) == [1, 1]


async def test_up_to_core_run_then_they_wait_then_up_to_most_run() -> None:
    priorities = Priorities("p", {1: 2}, core=1, most=2)
    turns = [priorities.admit(1) for _ in range(4)]
    assert [turn.done() for turn in turns] == [True, False, False, True]
    assert (priorities.running, priorities.waiting) == (2, 2)
    with pytest.raises(Fault, match="'p' is full at priority 1"):
        priorities.admit(1)
    priorities.leave()  # down to core: nobody's turn yet
    assert [turn.done() for turn in turns] == [True, False, False, True]
    priorities.leave()
    assert [turn.done() for turn in turns] == [True, True, False, True]


async def test_without_a_size_there_is_always_room() -> None:
    priorities = Priorities("p", {1: None}, core=1, most=1)
    assert sum(turn.done() for turn in [priorities.admit(1) for _ in range(1000)]) == 1


async def test_who_gave_up_waiting_is_passed_over() -> None:
    priorities = Priorities("p", {1: 10}, core=1, most=1)
    _, second, third = (priorities.admit(1) for _ in range(3))
    second.cancel()
    priorities.leave()
    await asyncio.wait_for(third, 5)
    priorities.leave()
    assert (priorities.running, priorities.waiting) == (0, 0)


async def test_a_priority_without_a_queue_is_a_fault() -> None:
    with pytest.raises(Fault, match="no queue of priority 5, only 10, 1"):
        Priorities("p", {10: 1, 1: 1}, 1, 1).admit(5)
