from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness, LoadError

THROW = '<throwError type="T" errorMessage="m"/>'


@pytest.mark.parametrize(("steps", "result"), [("", True), ("<log/>", True), ("<drop/>", False)])
async def test_result_is_that_of_its_steps(steps: str, result: bool) -> None:
    harness = Harness(f'<sequence name="s">{steps}</sequence>')
    assert await harness.snapshot.sequence("s").mediate(harness.message()) is result


async def test_fault_knows_the_way_it_came() -> None:
    harness = Harness(f'<sequence name="inner">{THROW}</sequence><sequence name="s"><sequence key="inner"/></sequence>')
    with pytest.raises(Fault) as raised:
        await harness.snapshot.sequence("s").mediate(harness.message())
    assert raised.value.at().endswith("<throwError> in sequence 'inner' in sequence 's'")


async def test_trap_42_on_error_takes_the_fault_and_ends_the_flow() -> None:
    harness = Harness(
        f'<sequence name="s" onError="h">{THROW}</sequence>'
        '<sequence name="h"><property name="took" expression="$ctx:ERROR_CODE"/></sequence>'
    )
    message = harness.message()
    assert await harness.snapshot.sequence("s").mediate(message) is False
    assert message.properties["took"] == "T"


async def test_trap_42_fault_of_the_handler_goes_outwards() -> None:
    harness = Harness(
        f'<sequence name="s" onError="h">{THROW}</sequence>'
        '<sequence name="h"><throwError type="H" errorMessage="handler"/></sequence>'
    )
    with pytest.raises(Fault, match="handler"):
        await harness.snapshot.sequence("s").mediate(harness.message())


async def test_recursion_ends_in_a_fault() -> None:
    harness = Harness('<sequence name="s"><sequence key="s"/></sequence>')
    with pytest.raises(Fault, match="sequence 's' is entered 64 levels deep"):
        await harness.snapshot.sequence("s").mediate(harness.message())


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<sequence/>", "missing-attribute"),
        ('<sequence name="s" onError="nowhere"/>', "unknown-sequence"),
    ],
)
def test_mistakes_are_found_at_load(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == [code]
