from __future__ import annotations

from engine.declare.problem_codes import ProblemCode
from engine.declare.write.problems import HEAD, page, reference

LATE = ProblemCode("too-late", "It came late.", "Come sooner.")
ODD = ProblemCode("odd", "It is odd.", "Look again.", "warning")


def test_page() -> None:
    assert page(LATE) == "### too-late\n\nError: It came late.\n\nTo mend it: Come sooner.\n"


def test_reference_is_alphabetical() -> None:
    assert reference([LATE, ODD]) == (
        f"{HEAD}\n## odd\n\nWarning: It is odd.\n\nTo mend it: Look again.\n"
        "\n## too-late\n\nError: It came late.\n\nTo mend it: Come sooner.\n"
    )
