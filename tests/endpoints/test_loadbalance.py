"""Load balancing on real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.message.context import MessageContext
from engine.testing.harness import Harness, LoadError

LONG = "<suspendOnFailure><initialDuration>60000</initialDuration></suspendOnFailure>"
PACKAGE = "org.apache.synapse.endpoints.algorithms."


def balance(children: list[Any], attributes: str = "", weights: str = "", around: str = "", rest: str = LONG) -> str:
    inside = "".join(
        f'<endpoint name="{each.name}"><address uri="{each.url}/x">{rest}</address>'
        + (f'<property name="loadbalance.weight" value="{weight}"/>' if weight.strip() else "")
        + "</endpoint>"
        for each, weight in zip(children, weights or " " * len(children), strict=True)
    )
    return f'<endpoint name="e">{around}<loadbalance {attributes}>{inside}</loadbalance></endpoint>'


async def answers(e: Any, count: int) -> str:
    return "".join([await e.who() for _ in range(count)])


@pytest.mark.parametrize(
    ("attributes", "weights", "order"),
    [
        ("", "", "abcabcab"),
        ('policy="roundRobin"', "", "abcabcab"),
        (f'algorithm="{PACKAGE}RoundRobin"', "", "abcabcab"),
        (f'algorithm="{PACKAGE}WeightedRoundRobin"', "213", "aabcccaa"),
        (f'algorithm="{PACKAGE}WeightedRoundRobin"', "2 1", "aabcaabc"),
        (f'algorithm="{PACKAGE}WeightedRRLCAlgorithm"', "213", "cccaabcc"),
    ],
)
async def test_order(back_ends: Any, caller: Any, attributes: str, weights: str, order: str) -> None:
    e = caller(balance(await back_ends(3), attributes, weights))
    assert await answers(e, len(order)) == order


@pytest.mark.parametrize("attributes", ["", f'algorithm="{PACKAGE}WeightedRoundRobin"'])
async def test_one_that_is_down_is_passed_over(back_ends: Any, caller: Any, attributes: str) -> None:
    servers = await back_ends(3)
    await servers[1].stop()
    e = caller(balance(servers, attributes))
    assert await answers(e, 6) == "acacac"
    assert servers[0].bodies[0] == b'{"n": 1}'


async def test_without_failover_the_message_of_one_that_failed_is_lost_to_the_fault(
    back_ends: Any, caller: Any
) -> None:
    a, b = await back_ends(2)
    await a.stop()
    e = caller(balance([a, b], 'failover="false"'))
    assert [await e.who() for _ in range(3)] == ["101503", "b", "b"]


async def test_303000_when_none_is_ready(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    for each in servers:
        await each.stop()
    for attributes in ("", 'failover="false"'):
        e = caller(balance(servers, attributes))
        codes = [await e.who() for _ in range(3)]
        assert codes[-1] == "303000"
        assert set(codes[:-1]) <= {"101503", "303000"}


async def test_least_connections_counts_messages_under_way(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    a.hold = asyncio.Event()
    e = caller(balance([a, b], f'algorithm="{PACKAGE}WeightedRRLCAlgorithm"', "22"))
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(e.who())
        await a.has(2)
        first_round = await answers(e, 2)
        # Both messages under way are with a: its weight sinks from two to one, that of b rises to three.
        group.create_task(e.who())
        await a.has(3)
        second_round = await answers(e, 3)
        a.hold.set()
    assert (first_round, second_round) == ("bb", "bbb")


async def test_members_get_the_path_of_the_request(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    members = "".join(f'<member hostName="127.0.0.1" httpPort="{each.port}"/>' for each in (a, b))
    e = caller(f'<endpoint name="e"><loadbalance>{members}</loadbalance></endpoint>')
    assert await answers(e, 3) == "aba"
    assert a.heads[0].startswith("POST /services/test HTTP/1.1")
    await a.stop()
    assert await answers(e, 2) == "bb"


async def test_session_by_cookie_stays_with_its_child(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    for each in (a, b):
        cookie = f"Set-Cookie: JSESSIONID={each.name}1; Path=/"
        each.says(f'{{"from": "{each.name}"}}', "Content-Type: application/json", cookie)
    e = caller(balance([a, b], around='<session type="http"/>'))

    def with_cookie(value: str) -> Any:
        return lambda message: message.headers.set("Cookie", f"x=1; JSESSIONID={value}")

    assert [await e.who(), await e.who()] == ["a", "b"]
    assert [await e.who(with_cookie("b1")) for _ in range(3)] == ["b", "b", "b"]
    assert [await e.who(with_cookie("a1")) for _ in range(3)] == ["a", "a", "a"]
    assert "JSESSIONID=b1" in b.heads[-1]
    # A session nobody knows begins anew, and the back end does not see its cookie.
    assert await e.who(with_cookie("lost")) == "a"
    assert "JSESSIONID" not in a.heads[-1]
    assert "x=1" in a.heads[-1]


async def test_session_does_not_move_when_its_child_fails(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    for each in (a, b):
        each.says(f'{{"from": "{each.name}"}}', "Content-Type: application/json", f"Set-Cookie: PHPSESSID={each.name}")
    e = caller(balance([a, b], around='<session type="http"/>'))

    def in_a(message: MessageContext) -> None:
        message.headers.set("Cookie", "PHPSESSID=a")

    assert await e.who() == "a"
    await a.stop()
    # The pooled connection was closed, or a new one was refused.
    assert await e.who(in_a) in ("101505", "101503")
    assert await e.who(in_a) == "309001"
    assert await e.who() == "b"


async def test_session_by_client_id(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    e = caller(balance(servers, around='<session type="simpleClientSession"/>'))

    def of(client: str) -> Any:
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><c:ClientID '
            f'xmlns:c="http://ws.apache.org/ns/synapse">{client}</c:ClientID></s:Header><s:Body><x/></s:Body>'
            "</s:Envelope>"
        )

        def prepare(message: MessageContext) -> None:
            from engine.message.payload import Payload

            message.payload = Payload(envelope.encode(), "text/xml", origin="client")

        return prepare

    one, two = of("1"), of("2")
    assert [await e.who(each) for each in (one, two, two, one, one)] == ["a", "b", "b", "a", "a"]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<loadbalance/>", "one-of"),
        ('<loadbalance><endpoint key="f"/><member hostName="h" httpPort="1"/></loadbalance>', "one-of"),
        ('<loadbalance policy="roundRobin" algorithm="RoundRobin"><endpoint key="f"/></loadbalance>', "one-of"),
        ('<loadbalance policy="random"><endpoint key="f"/></loadbalance>', "bad-choice"),
        ('<loadbalance algorithm="com.acme.Mine"><endpoint key="f"/></loadbalance>', "unsupported"),
        ('<loadbalance algorithm="WeightedRRLCAlgorithm"><endpoint key="f"/></loadbalance>', "missing-element"),
        (
            '<loadbalance algorithm="WeightedRoundRobin"><endpoint key="f"><property name="loadbalance.weight" '
            'value="0"/></endpoint></loadbalance>',
            "bad-value",
        ),
        (
            '<loadbalance algorithm="WeightedRoundRobin"><member hostName="h" httpPort="1"/></loadbalance>',
            "one-of",
        ),
        ('<loadbalance><member hostName="h"/></loadbalance>', "missing-attribute"),
        ('<session type="ssl"/><loadbalance><endpoint key="f"/></loadbalance>', "bad-choice"),
        ('<session type="http"/><address uri="http://b"/>', "requires"),
    ],
)
def test_mistakes_are_found_at_load(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e">{xml}</endpoint><endpoint name="f"><default/></endpoint>')
    assert code in [problem.code for problem in raised.value.problems]
