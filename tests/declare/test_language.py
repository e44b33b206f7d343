"""What this version does not run yet is told apart from typing errors."""

from __future__ import annotations

import pytest

from engine.declare.language import LATER_ARTIFACTS, LATER_MEDIATORS
from engine.runtime.catalog import language
from engine.testing.harness import Harness


def test_nothing_that_runs_is_called_unsupported() -> None:
    assert not LATER_MEDIATORS.intersection(language().tags("mediator"))
    assert not LATER_ARTIFACTS.intersection(language().tags("artifact"))


@pytest.mark.parametrize("tag", ["iterate", "script", "scatter-gather"])
def test_a_mediator_of_a_later_version(tag: str) -> None:
    [problem] = Harness().problems(f"<{tag}/>")
    assert f"error[unsupported]: <{tag}> is not supported by this version yet." in problem
