from __future__ import annotations

from engine.declare.error_codes import ErrorCodeDoc
from engine.declare.write.error_codes import HEAD, page, reference

LATE, EARLY = ErrorCodeDoc(7, "Late.", "Wait."), ErrorCodeDoc(3, "Early.", "Run.")


def test_page() -> None:
    assert page(LATE).startswith("### 7\n\nLate.\n\nWhat to do: Wait.\n\n```xml\n<filter ")


def test_reference_is_in_the_order_of_numbers() -> None:
    assert reference([LATE, EARLY]) == f"{HEAD}\n{page(EARLY, level=2)}\n{page(LATE, level=2)}"
