from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

ARTIFACTS = """
<sequence name="one"><property name="ran" value="one"/></sequence>
<sequence name="two"><property name="ran" value="two"/><drop/></sequence>
<sequence name="broken">
<throwError type="E" errorMessage="no"/></sequence>
<sequence name="handler"><property name="handled" expression="$ctx:ERROR_MESSAGE"/></sequence>
<sequence name="endless"><sequence key="endless"/></sequence>
"""


@pytest.mark.parametrize(
    ("key", "goes_on", "ran"), [("one", True, "one"), ("two", False, "two"), ("{$ctx:which}", True, "one")]
)
async def test_a_sequence_is_run_by_its_name(key: str, goes_on: bool, ran: str) -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message()
    message.properties["which"] = "one"
    assert await harness.run(f'<sequence key="{key}"/>', message) is goes_on
    assert message.properties["ran"] == ran
    assert message.depth == 0


@pytest.mark.parametrize("which", [None, ""])
async def test_a_key_without_a_name_is_a_fault(which: str | None) -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message()
    message.properties["which"] = which
    with pytest.raises(Fault, match=r"the sequence key '\{\$ctx:which\}' gives no name"):
        await harness.run('<sequence key="{$ctx:which}"/>', message)


async def test_an_unknown_name_is_a_fault() -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message()
    message.properties["which"] = "onee"
    with pytest.raises(Fault, match=r"there is no sequence 'onee'\. Did you mean 'one'\?"):
        await harness.run('<sequence key="{$ctx:which}"/>', message)


@pytest.mark.parametrize(
    ("inside", "goes_on"), [('<property name="ran" value="in"/>', True), ("<drop/>", False), ("", True)]
)
async def test_a_sequence_in_place_runs_its_mediators(inside: str, goes_on: bool) -> None:
    harness = Harness()
    assert await harness.run(f'<sequence name="in">{inside}</sequence>', harness.message()) is goes_on


async def test_a_fault_tells_the_way_to_it() -> None:
    harness = Harness(ARTIFACTS)
    with pytest.raises(Fault) as caught:
        await harness.run('<sequence name="outer">\n<sequence key="broken"/></sequence>', harness.message())
    assert caught.value.path[0] == "test.xml:5:1 <throwError>"
    assert caught.value.path.index("sequence 'broken'") < caught.value.path.index("sequence 'outer'")


async def test_trap_42_on_error_takes_the_fault_and_ends_the_flow() -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message()
    xml = '<sequence name="in" onError="handler"><sequence key="broken"/></sequence><property name="after" value="x"/>'
    assert await harness.run(xml, message) is False
    assert message.properties["handled"] == "no"
    assert message.properties["ERROR_CODE"] == "E"
    assert "after" not in message.properties


async def test_a_sequence_that_calls_itself_is_a_fault() -> None:
    harness = Harness(ARTIFACTS)
    with pytest.raises(Fault, match="sequence 'endless' is entered 64 levels deep; does it call itself"):
        await harness.run('<sequence key="endless"/>', harness.message())


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<sequence/>", "2:1: error[one-of]"),
        ('<sequence key="a" name="b"/>', "2:1: error[one-of]"),
        ('<sequence key="a" onError="b"/>', "2:1: error[requires]"),
        ('<sequence key="{$ctx:a"/>', None),
        ('<sequence key="{concat(}"/>', "2:"),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, code: str | None) -> None:
    problems = Harness().problems(f"\n{xml}")
    assert len(problems) == (0 if code is None else 1)
    assert code is None or problems[0].startswith(code)
