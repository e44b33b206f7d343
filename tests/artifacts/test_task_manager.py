from __future__ import annotations

from engine.testing.harness import Harness


def test_it_has_no_address() -> None:
    [artifact] = Harness('<taskManager provider="x"/>').snapshot.artifacts()
    assert (artifact.kind, artifact.name, artifact.address) == ("task-manager", "taskManager", None)
