from __future__ import annotations

import json

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness, LoadError

STORE = '<messageStore name="s"/>'


async def test_a_copy_waits_and_the_flow_goes_on() -> None:
    harness = Harness(f'{STORE}<sequence name="before"><property name="b" value="1"/></sequence>')
    message = harness.message(b'{"a": 1}', headers={"X-A": "b"})
    assert await harness.run('<store messageStore="s" sequence="before"/><property name="after" value="1"/>', message)
    message.payload.set_json({"changed": True})
    stored = await harness.snapshot.message_store("s").queue(harness.snapshot).first(harness.snapshot)
    assert json.loads(stored.payload.body()) == {"a": 1}  # type: ignore[arg-type]
    assert (stored.headers.get("x-a"), stored.properties.get("b"), stored.properties.get("after")) == ("b", "1", None)
    await stored.exchange.answer(stored)
    assert not message.exchange.answered


async def test_the_store_may_be_chosen_at_run_time() -> None:
    harness = Harness(STORE)
    message = harness.message()
    message.properties["n"] = "s"
    await harness.run('<store messageStore="{$ctx:n}"/>', message)
    assert await harness.snapshot.message_store("s").queue(harness.snapshot).size() == 1
    with pytest.raises(Fault, match="gives no name"):
        await harness.run('<store messageStore="{$ctx:none}"/>', message)
    message.properties["n"] = "t"
    with pytest.raises(Fault, match="there is no message-store 't'"):
        await harness.run('<store messageStore="{$ctx:n}"/>', message)


async def test_a_flow_that_only_stores_answers_202() -> None:
    flow = '<proxy name="p"><target><inSequence><store messageStore="s"/></inSequence></target></proxy>'
    assert (await Harness(STORE + flow).request("POST", "/services/p", b"{}")).status == 202


def test_a_store_that_does_not_exist_is_found_at_load() -> None:
    with pytest.raises(LoadError) as raised:
        Harness('<sequence name="x"><store messageStore="s"/></sequence>')
    assert [problem.code for problem in raised.value.problems] == ["unknown-message-store"]
