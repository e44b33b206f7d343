"""Failover on real sockets."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import TransportError
from engine.testing.harness import Harness, LoadError

SHORT = "<suspendOnFailure><initialDuration>1</initialDuration></suspendOnFailure>"
LONG = "<suspendOnFailure><initialDuration>60000</initialDuration></suspendOnFailure>"
NEVER = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)


def failover(back_ends: list[Any], inside: str = LONG, attributes: str = "") -> str:
    children = "".join(
        f'<endpoint name="{each.name}"><address uri="{each.url}/x">{inside}</address></endpoint>' for each in back_ends
    )
    return f'<endpoint name="e"><failover {attributes}>{children}</failover></endpoint>'


async def test_the_first_that_is_ready_gets_every_message(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    e = caller(failover(servers))
    assert [await e.who() for _ in range(3)] == ["a", "a", "a"]


async def test_the_next_takes_over_with_the_same_message(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    await a.stop()
    e = caller(failover([a, b]))
    assert [await e.who(), await e.who()] == ["b", "b"]
    assert b.bodies == [b'{"n": 1}', b'{"n": 1}']
    assert a.requests == 0


async def test_303000_when_none_is_ready_and_the_last_error_when_all_fail(back_ends: Any, caller: Any) -> None:
    servers = await back_ends(2)
    for each in servers:
        await each.stop()
    e = caller(failover(servers))
    assert [await e.who(), await e.who()] == ["101503", "303000"]
    with pytest.raises(TransportError, match="failover endpoint e has no child that is ready") as raised:
        await e.call()
    assert raised.value.status == 502


@pytest.mark.parametrize(("attributes", "after"), [("", "a"), ('dynamic="false"', "b")])
async def test_dynamic_goes_back_and_static_stays(back_ends: Any, caller: Any, attributes: str, after: str) -> None:
    a, b = await back_ends(2)
    await a.stop()
    e = caller(failover([a, b], SHORT, attributes))
    assert await e.who() == "b"
    await a.start()
    while not e.harness.snapshot.endpoint("e").type.endpoints[0].ready(e.harness.message()):
        pass  # a millisecond
    assert await e.who() == after


async def test_static_changes_when_the_current_one_fails(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    e = caller(failover([a, b], SHORT, 'dynamic="false"'))
    assert await e.who() == "a"
    await a.stop()
    assert await e.who() == "b"
    await a.start()
    await b.stop()
    while not e.harness.snapshot.endpoint("e").type.endpoints[0].ready(e.harness.message()):
        pass
    assert await e.who() == "a"


async def test_a_child_that_never_rests_is_asked_once_for_each_message(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    a.answer = b"garbage\r\n\r\n"
    e = caller(failover([a, b], NEVER))
    assert [await e.who(), await e.who()] == ["b", "b"]
    assert a.requests == 2


@pytest.mark.parametrize(
    ("retry", "answer"),
    [
        ("<disabledErrorCodes>101503</disabledErrorCodes>", "101503"),
        ("<enabledErrorCodes>101504, 101505</enabledErrorCodes>", "101503"),
        ("<enabledErrorCodes>101503</enabledErrorCodes>", "b"),
        ("<disabledErrorCodes>101504</disabledErrorCodes>", "b"),
    ],
)
async def test_retry_config_says_what_may_be_tried_elsewhere(
    back_ends: Any, caller: Any, retry: str, answer: str
) -> None:
    a, b = await back_ends(2)
    await a.stop()
    e = caller(failover([a, b], f"{LONG}<retryConfig>{retry}</retryConfig>"))
    assert await e.who() == answer


async def test_a_soap_fault_that_is_forced_fails_over_with_the_request(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    fault = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>'
    a.says(fault, "Content-Type: text/xml", status=500)
    e = caller(failover([a, b]))
    assert await e.who(lambda message: message.set_property("FORCE_ERROR_ON_SOAP_FAULT", "true")) == "b"
    assert a.bodies == b.bodies == [b'{"n": 1}']


async def test_http_errors_are_answers_and_do_not_fail_over(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    a.says('{"from": "a"}', "Content-Type: application/json", status=503)
    assert await caller(failover([a, b])).who() == "a"
    assert b.requests == 0


async def test_nested_groups_fail_over_to_the_outer_ones(back_ends: Any, caller: Any) -> None:
    a, b, c = await back_ends(3)
    await a.stop()
    await b.stop()
    inner = failover([a, b]).replace('name="e"', 'name="inner"')
    outer = f'<endpoint name="c"><address uri="{c.url}"/></endpoint>'
    e = caller(f'<endpoint name="e"><failover>{inner}{outer}</failover></endpoint>')
    assert [await e.who(), await e.who()] == ["c", "c"]


async def test_the_errors_of_earlier_tries_are_forgotten(back_ends: Any, caller: Any) -> None:
    e = caller(failover(await back_ends(1)))
    message = await e.call(prepare=lambda message: message.properties.update(ERROR_CODE=1, ERROR_MESSAGE="old"))
    assert "ERROR_CODE" not in message.properties
    assert "ERROR_MESSAGE" not in message.properties


async def test_a_childs_own_handler_takes_the_fault_before_the_group(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    await a.stop()
    xml = failover([a, b]).replace('name="a"', 'name="a" onError="takes"') + '<sequence name="takes"><log/></sequence>'
    assert await caller(xml).who() == "101503"
    assert b.requests == 0


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<failover/>", "missing-element"),
        ('<session type="http"/><failover><endpoint key="e"/></failover>', "requires"),
    ],
)
def test_mistakes_are_found_at_load(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e">{xml}</endpoint>')
    assert [problem.code for problem in raised.value.problems] == [code]
