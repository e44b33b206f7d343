from __future__ import annotations

import pytest

from engine.testing.harness import Harness


@pytest.mark.parametrize(("is_response", "goes_on"), [(False, True), (True, False)])
async def test_trap_44_only_a_request_goes_on_with_the_out_sequence(is_response: bool, goes_on: bool) -> None:
    harness = Harness()
    message = harness.message()
    message.to, message.is_response = "http://a.example", is_response
    assert await harness.run('<loopback/><property name="after" value="x"/>', message) is False
    assert (message.continues, message.is_response, message.properties) == (goes_on, True, {})


IN_OUT = """<proxy name="p"><target>
  <inSequence>{}<property name="X-In" value="1" scope="transport"/><loopback/></inSequence>
  <outSequence><property name="X-Out" value="1" scope="transport"/><respond/></outSequence>
</target></proxy>"""
CALL = '<call><endpoint><address uri="http://a.example/"/></endpoint></call>'


@pytest.mark.parametrize("before", ["", CALL])
async def test_the_out_sequence_runs_also_after_a_call(before: str) -> None:
    harness = Harness(IN_OUT.format(before))
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert (answer.headers.get("X-In"), answer.headers.get("X-Out")) == ("1", "1")


async def test_in_the_out_sequence_it_ends_the_flow() -> None:
    harness = Harness(
        """<proxy name="p"><target><inSequence><loopback/></inSequence>
        <outSequence><loopback/><respond/></outSequence></target></proxy>"""
    )
    assert await harness.serve("/services/p", harness.message(b"{}")) is None
