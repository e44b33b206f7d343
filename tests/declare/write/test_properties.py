from __future__ import annotations

from engine.declare.well_known import WellKnown
from engine.declare.write.properties import HEAD, page, reference

B = WellKnown("B", "axis2", "read", "text", "Says b.", '<property name="B"/>')
A = WellKnown("a", "default", "ignored", "any", "Says a.", "<a/>")


def test_page() -> None:
    assert page(B) == (
        "### B\n\nScope axis2; text. Set it in a flow; the engine reads it.\n\nSays b.\n\n"
        '```xml\n<property name="B"/>\n```\n'
    )


def test_reference_is_alphabetical() -> None:
    assert reference([B, A]) == f"{HEAD}\n{page(A, level=2)}\n{page(B, level=2)}"
    assert "It has no effect here." in page(A)
