from __future__ import annotations

from typing import cast

from engine.testing.harness import Harness, StubExchange


async def test_the_message_is_the_answer_and_the_flow_ends() -> None:
    harness = Harness()
    message = harness.message(b'{"a": 1}')
    message.to = "http://a.example"
    xml = '<property name="HTTP_SC" value="201" scope="axis2"/><respond/><property name="after" value="x"/>'
    assert await harness.run(xml, message) is False
    [answer] = cast(StubExchange, message.exchange).answers
    assert (answer.status, answer.body, answer.headers.get("content-type")) == (201, b'{"a": 1}', "application/json")
    assert (message.to, message.is_response, message.continues) == (None, True, False)
    assert "after" not in message.properties


async def test_trap_44_the_out_sequence_may_respond_too() -> None:
    harness = Harness(
        """<proxy name="p"><target>
          <inSequence><send><endpoint><address uri="http://a.example/"/></endpoint></send></inSequence>
          <outSequence><property name="X-Out" value="1" scope="transport"/><respond/></outSequence>
        </target></proxy>"""
    )
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert (answer.status, answer.body, answer.headers.get("X-Out")) == (200, b"{}", "1")


def test_it_does_not_read_the_body() -> None:
    assert Harness().steps("<respond/>")[0].reads_body is False
