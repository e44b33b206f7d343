from __future__ import annotations

from engine.declare.traps import TRAPS


def test_there_are_44_with_a_sentence_each() -> None:
    assert [trap.number for trap in TRAPS] == list(range(1, 45))
    assert all(trap.doc.endswith(".") and not trap.title.endswith(".") for trap in TRAPS)
