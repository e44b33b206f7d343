"""Recipient lists on real sockets, with what the mediators around them make of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.testing.harness import Harness, LoadError


def lists(servers: list[Any], path: str = "/x") -> str:
    children = "".join(f'<endpoint name="{each.name}"><address uri="{each.url}{path}"/></endpoint>' for each in servers)
    return f'<endpoint name="e"><recipientlist>{children}</recipientlist></endpoint>'


def proxy(steps: str, out: str = "") -> str:
    return f'<proxy name="p"><target><inSequence>{steps}</inSequence>{out}</target></proxy>'


async def serve(caller: Any, xml: str) -> Any:
    e = caller(xml)
    message = e.harness.message(b'{"n": 1}')
    return await e.harness.serve("/services/p", message)


@pytest.mark.parametrize(
    "flow",
    [
        proxy('<send><endpoint key="e"/></send>', "<outSequence>{}<respond/></outSequence>"),
        proxy('<send receive="r"><endpoint key="e"/></send>') + '<sequence name="r">{}<respond/></sequence>',
        proxy('<call><endpoint key="e"/></call>{}<respond/>'),
        '<proxy name="p"><target endpoint="e"><outSequence>{}<respond/></outSequence></target></proxy>',
        proxy('<clone><target endpoint="e"/></clone>', "<outSequence>{}<respond/></outSequence>"),
    ],
    ids=["send", "send with receive", "call", "target of a proxy", "target of a clone"],
)
async def test_each_gets_a_copy_and_each_answer_goes_on_by_itself(back_ends: Any, caller: Any, flow: str) -> None:
    *servers, seen = await back_ends(4)
    step = f'<call><endpoint><address uri="{seen.url}"/></endpoint></call>'
    answer = await serve(caller, lists(servers) + flow.replace("{}", step))
    assert [each.bodies for each in servers] == [[b'{"n": 1}']] * 3
    assert sorted(seen.bodies) == [b'{"from": "a"}', b'{"from": "b"}', b'{"from": "c"}']
    assert (answer.status, json.loads(answer.body)) == (200, {"from": "d"})


async def test_an_aggregate_joins_the_answers(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(3)
    join = '<aggregate><completeCondition/><onComplete expression="json-eval($)"><respond/></onComplete></aggregate>'
    flow = proxy('<send><endpoint key="e"/></send>', f"<outSequence>{join}</outSequence>")
    answer = await serve(caller, lists(servers) + flow)
    assert sorted(each["from"] for each in json.loads(answer.body)) == ["a", "b", "c"]


async def test_one_that_fails_does_not_take_the_others_along(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    await a.stop()
    fault = "<faultSequence><log/></faultSequence>"
    flow = proxy('<call><endpoint key="e"/></call><respond/>', fault)
    answer = await serve(caller, lists([a, b]) + flow)
    assert json.loads(answer.body) == {"from": "b"}


async def test_303000_when_none_is_ready(back_ends: Any, caller: Any) -> None:
    [a] = await back_ends(1)
    await a.stop()
    e = caller(lists([a]))
    assert [await e.who(), await e.who()] == ["101503", "303000"]


async def test_a_blocking_call_gets_the_first_answer(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    flow = proxy('<call blocking="true"><endpoint key="e"/></call><respond/>')
    answer = await serve(caller, lists(servers) + flow)
    assert json.loads(answer.body) == {"from": "a"}
    assert [each.requests for each in servers] == [1, 1]


async def test_members_get_the_path_of_the_request(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    members = "".join(f'<member hostName="127.0.0.1" httpPort="{each.port}"/>' for each in servers)
    await caller(f'<endpoint name="e"><recipientlist>{members}</recipientlist></endpoint>').call()
    assert [each.heads[0].split("\r\n")[0] for each in servers] == ["POST /services/test HTTP/1.1"] * 2


async def test_urls_that_are_known_at_run_time(back_ends: Any, caller: Any) -> None:
    a, b, c = await back_ends(3)
    xml = '<recipientlist><endpoints value="{$ctx:urls}" max-cache="2"/></recipientlist>'
    e = caller(f'<endpoint name="e">{xml}</endpoint>')

    def to(*urls: str) -> Any:
        return lambda message: message.set_property("urls", ", ".join(urls))

    await e.call(prepare=to(a.url, b.url))
    assert (a.requests, b.requests, c.requests) == (1, 1, 0)
    await e.call(prepare=to(c.url, "", b.url))
    assert (a.requests, b.requests, c.requests) == (1, 2, 1)
    kind = e.harness.snapshot.endpoint("e").type
    assert list(kind._by_url) == [c.url, b.url]
    await c.stop()
    await e.who(to(c.url))
    assert await e.who(to(c.url)) == "303000"  # its state was kept
    assert await e.who(to()) == "0"


@pytest.mark.parametrize(
    "xml",
    [
        "<recipientlist/>",
        '<recipientlist><endpoint key="f"/><member hostName="h" httpPort="1"/></recipientlist>',
        '<recipientlist><endpoint key="f"/><endpoints value="x"/></recipientlist>',
    ],
)
def test_mistakes_are_found_at_load(xml: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e">{xml}</endpoint><endpoint name="f"><default/></endpoint>')
    assert [problem.code for problem in raised.value.problems] == ["one-of"]
