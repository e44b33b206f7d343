from __future__ import annotations

from engine.core.frames import LEAVE_TEMPLATE, OnError, handlers, snapshot


def test_a_snapshot_is_left_independently() -> None:
    rest = iter((1, 2, 3))
    next(rest)
    copied = snapshot([rest, OnError("s"), LEAVE_TEMPLATE])
    assert list(rest) == [2, 3]
    assert list(copied[0]) == [2, 3]
    assert copied[1:] == [OnError("s"), LEAVE_TEMPLATE]


def test_of_a_place_a_fault_leaves_the_handlers() -> None:
    assert handlers([iter(()), OnError("a"), LEAVE_TEMPLATE, OnError("b")]) == [OnError("a"), OnError("b")]
