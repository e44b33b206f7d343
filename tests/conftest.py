"""How hypothesis looks for counterexamples; a count of bodies for tests of their limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings

from engine.message import buffered

# What passed once passes again: a change is judged by what it changed. `pytest --hypothesis-profile=search` looks for
# what nobody has found yet, with other examples each time.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2_000, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The bytes of all bodies in memory, for this test alone; without a limit unless the test sets one."""
    monkeypatch.setattr(buffered, "_TOTAL", buffered._Total())
    return buffered.held
