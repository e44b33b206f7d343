"""Each of the 44 places where the reference surprises has a test that carries its number: ``test_trap_NN_…``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.declare.traps import TRAPS, Trap

TESTS = Path(__file__).parents[1]

_NAME = re.compile(r"def test_trap_0*(\d+)_")


def numbers() -> set[int]:
    return {int(number) for file in TESTS.rglob("test_*.py") for number in _NAME.findall(file.read_text("utf-8"))}


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"trap_{trap.number:02}")
def test_a_test_carries_the_number(trap: Trap) -> None:
    assert trap.number in numbers(), f"no test is called test_trap_{trap.number:02}_…: {trap.title}"


def test_no_test_carries_another_number() -> None:
    assert numbers() <= {trap.number for trap in TRAPS}
