"""What this version does not run yet is told apart from typing errors."""

from __future__ import annotations

import pytest

from engine.declare.language import LATER_MEDIATORS
from engine.runtime.catalog import language
from engine.testing.harness import Harness


def test_what_the_catalogue_knows_is_never_called_unsupported() -> None:
    known = LATER_MEDIATORS.intersection(language().tags("mediator"))
    problems = [problem for tag in known for problem in Harness().problems(f"<{tag}/>")]
    assert [problem for problem in problems if "is not supported by this version yet" in problem] == []


@pytest.mark.parametrize("tag", sorted(LATER_MEDIATORS.difference(language().tags("mediator"))))
def test_a_mediator_of_a_later_version(tag: str) -> None:
    [problem] = Harness().problems(f"<{tag}/>")
    assert "error[unsupported]" in problem
