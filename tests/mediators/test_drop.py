from __future__ import annotations

from typing import cast

from engine.testing.harness import Harness, StubExchange


async def test_the_flow_ends() -> None:
    harness = Harness()
    message = harness.message()
    message.to = "http://a.example"
    assert await harness.run('<drop/><property name="after" value="x"/>', message) is False
    assert (message.to, message.continues, message.properties) == (None, False, {})


async def test_trap_41_the_client_gets_an_empty_202() -> None:
    harness = Harness('<proxy name="p"><target><inSequence><drop/></inSequence></target></proxy>')
    message = harness.message(b"{}")
    assert await harness.serve("/services/p", message) is None
    assert cast(StubExchange, message.exchange).accepted
