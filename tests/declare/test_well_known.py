from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.declare.well_known import WELL_KNOWN, WellKnown, property_named
from engine.testing.harness import Harness

SOURCE = "\n".join(
    file.read_text("utf-8")
    for file in sorted(Path(engine.__path__[0]).rglob("*.py"))
    if file.parent.name not in ("declare", "write")
)


@pytest.mark.parametrize("each", WELL_KNOWN, ids=lambda each: f"{each.scope}-{each.name}")
def test_the_example_loads_and_names_it(each: WellKnown) -> None:
    assert Harness().steps(each.example)
    assert each.name in each.example
    assert each.doc.endswith(".")


@pytest.mark.parametrize("each", WELL_KNOWN, ids=lambda each: f"{each.scope}-{each.name}")
def test_what_is_said_to_have_a_meaning_is_known_to_the_engine(each: WellKnown) -> None:
    known = f'"{each.name.removesuffix("NAME")}' in SOURCE or f'f"{each.name.removesuffix("NAME")}' in SOURCE
    assert known is (each.use != "ignored")


def test_names_are_there_once() -> None:
    assert len({each.key for each in WELL_KNOWN}) == len(WELL_KNOWN)
    assert [each.scope for each in property_named("HTTP_SC")] == ["axis2"]
    assert property_named("nothing") == []
