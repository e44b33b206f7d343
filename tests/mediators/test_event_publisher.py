"""What becomes of an event is in tests/artifacts/test_event_source.py."""

from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness


async def test_an_event_source_that_is_not_there() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="there is no event-source 'x'"):
        await harness.run('<eventPublisher eventSourceName="x"/>', harness.message())


def test_the_source_is_needed() -> None:
    [problem] = Harness().problems("<eventPublisher/>")
    assert "missing-attribute" in problem
