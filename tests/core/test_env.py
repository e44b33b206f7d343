from __future__ import annotations

from engine.core.env import env_of
from engine.testing.harness import Harness


def test_environment_of_a_message_is_the_snapshot_it_began_with() -> None:
    harness = Harness()
    assert env_of(harness.message()) is harness.snapshot
