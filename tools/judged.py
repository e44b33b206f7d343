"""What stands behind the errors that `tools.coverage` finds: read in the reference's source, one line per reason."""

from __future__ import annotations

import enum
import re

from engine.errors import Problem


class Verdict(enum.Enum):
    """Whether an error is right."""

    REFUSED = "Refused by both"
    HERE = "Right here: what this engine does not run, with a way out"
    OPEN = "Not judged"


JUDGED: tuple[tuple[re.Pattern[str], Verdict, str], ...] = (
    (re.compile(r"error\[not-xml\]"), Verdict.REFUSED, "not well-formed"),
)
"""Pattern of the whole line, verdict, reason. The first that matches counts."""


def judge(problem: Problem) -> Verdict:
    """The verdict on one error."""
    text = str(problem)
    return next((verdict for pattern, verdict, _ in JUDGED if pattern.search(text)), Verdict.OPEN)
