from __future__ import annotations

import pytest

from engine.declare.traps import Trap
from engine.declare.write.traps import linked, page, reference

ONE = Trap(7, "a title", "A sentence.")


def test_page_and_reference() -> None:
    assert page(ONE) == "### Trap 7\n\n**a title.** A sentence.\n"
    assert reference([ONE]).endswith("\n## Trap 7\n\n**a title.** A sentence.\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(Synapse trap 41)", "(Synapse trap [41](traps.md#trap-41))"),
        ("traps 15 and 16)", "traps [15](traps.md#trap-15) and [16](traps.md#trap-16))"),
        ("a mousetrap 3, trapped 4", "a mousetrap 3, trapped 4"),
    ],
)
def test_links(text: str, expected: str) -> None:
    assert linked(text) == expected
