from __future__ import annotations

import asyncio
from typing import cast

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.mediators import throttle
from engine.mediators._throttle_policy import NAMESPACE
from engine.mediators._throttle_rate import Permits
from engine.testing.harness import Harness, StubClient, StubExchange, response


def _policy(inside: str) -> str:
    return (
        f'<w:Policy xmlns:w="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:t="{NAMESPACE}">'
        f"<t:MediatorThrottleAssertion>{inside}</t:MediatorThrottleAssertion></w:Policy>"
    )


def _rate(id_: str, count: int, type_: str = "IP") -> str:
    return (
        f'<w:Policy><t:ID t:type="{type_}">{id_}</t:ID><w:Policy><t:Control><w:Policy>'
        f"<t:MaximumCount>{count}</t:MaximumCount><t:UnitTime>60000</t:UnitTime></w:Policy></t:Control></w:Policy>"
        "</w:Policy>"
    )


def _fixed(id_: str, verdict: str, type_: str = "IP") -> str:
    return f'<w:Policy><t:ID t:type="{type_}">{id_}</t:ID><w:Policy><t:{verdict}/></w:Policy></w:Policy>'


def _at_a_time(limit: int) -> str:
    return f"<t:MaximumConcurrentAccess>{limit}</t:MaximumConcurrentAccess>"


BRANCHES = (
    '<onAccept><property name="ran" value="accept"/></onAccept>'
    '<onReject><property name="ran" value="reject"/></onReject>'
)


def _throttle(inside: str, branches: str = BRANCHES, id_: str = "A") -> str:
    return f'<throttle id="{id_}"><policy>{_policy(inside)}</policy>{branches}</throttle>'


async def _outcomes(inside: str, *callers: dict[str, str]) -> list[str]:
    """What ran for each caller, given by address and headers."""
    harness = Harness()
    [step] = harness.steps(_throttle(inside))
    ran = []
    for caller in callers:
        headers = {name: value for name, value in caller.items() if name.startswith("X-")}
        exchange = StubExchange(client=caller.get("ip", "10.0.0.1"))
        message = harness.message(headers=headers, exchange=exchange)
        message.axis2["REMOTE_HOST"] = caller.get("host")
        await step.mediate(message)
        ran.append(cast(str, message.properties["ran"]))
    return ran


@pytest.mark.parametrize(
    ("inside", "callers", "ran"),
    [
        (_rate("other", 2), [{}, {}, {}], ["accept", "accept", "reject"]),
        # All callers under one id share its count.
        (_rate("other", 1), [{"ip": "1.1.1.1"}, {"ip": "2.2.2.2"}], ["accept", "reject"]),
        (
            _rate("1.1.1.1", 1),
            [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}, {"ip": "2.2.2.2"}],
            ["accept", "reject", "accept"],
        ),
        (_fixed("10.0.0.*", "Deny"), [{"ip": "10.0.0.7"}, {"ip": "10.0.1.7"}], ["reject", "accept"]),
        (_fixed("other", "Deny") + _fixed("10.0.0.7", "Allow"), [{"ip": "10.0.0.7"}, {}], ["accept", "reject"]),
        (
            _fixed("9.9.9.9", "Deny"),
            [{"ip": "9.9.9.9", "X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-For": "9.9.9.9"}],
            ["reject", "accept"],
        ),
        (
            _fixed("*.bad.com", "Deny", "DOMAIN") + _fixed("10.0.0.1", "Deny"),
            [{"host": "www.bad.com", "ip": "8.8.8.8"}, {"host": "good.com"}, {}],
            ["reject", "reject", "reject"],
        ),
        (
            _fixed("good.com", "Allow", "DOMAIN") + _fixed("other", "Deny"),
            [{"host": "good.com"}, {"host": "a.org"}, {"X-Forwarded-Host": "good.com"}],
            ["accept", "reject", "reject"],
        ),
    ],
)
async def test_callers(inside: str, callers: list[dict[str, str]], ran: list[str]) -> None:
    assert await _outcomes(inside, *callers) == ran


async def test_a_unit_of_time_is_in_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = Harness()
    [step] = harness.steps(_throttle(_rate("other", 1), ""))
    now = 1000.0
    monkeypatch.setattr(throttle.time, "monotonic", lambda: now)
    assert [await step.mediate(harness.message()) for _ in range(2)] == [True, False]
    now += 59.9
    assert await step.mediate(harness.message()) is False
    now += 0.2
    assert await step.mediate(harness.message()) is True


async def test_a_branch_decides_whether_the_flow_goes_on() -> None:
    harness = Harness()
    ends = "<onAccept><drop/></onAccept><onReject/>"
    [step] = harness.steps(_throttle(_rate("other", 1), ends))
    assert [await step.mediate(harness.message()) for _ in range(2)] == [False, True]


async def test_branches_may_be_sequences() -> None:
    harness = Harness(
        '<sequence name="yes"><property name="ran" value="yes"/></sequence>'
        '<sequence name="no"><property name="ran" value="no"/></sequence>'
    )
    xml = f'<throttle id="A" onAccept="yes" onReject="no"><policy>{_policy(_rate("other", 1))}</policy></throttle>'
    [step] = harness.steps(xml)
    messages = [harness.message() for _ in range(2)]
    for message in messages:
        await step.mediate(message)
    assert [message.properties["ran"] for message in messages] == ["yes", "no"]


async def test_answers_pass_and_a_throttle_without_a_policy_does() -> None:
    harness = Harness()
    answer = harness.message()
    answer.is_response = True
    assert await harness.run(_throttle(_fixed("other", "Deny")), answer) is True
    assert await harness.run('<throttle id="A"/>', harness.message()) is True


# ------------------------------------------------------------------ at a time


def _proxy(inside: str, after: str) -> str:
    reject = '<onReject><property name="HTTP_SC" value="429" scope="axis2"/><respond/></onReject>'
    return (
        f'<proxy name="p"><target><inSequence>{_throttle(inside, reject)}{after}</inSequence>'
        "<outSequence><throttle id='A'/><send/></outSequence></target></proxy>"
    )


def _taken(harness: Harness) -> int:
    return harness.services.shared("throttle", "A", lambda: Permits(-1)).taken


async def _status(harness: Harness) -> int:
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    return 202 if answer is None else answer.status


SEND = '<send><endpoint><address uri="http://b/"/></endpoint></send>'


async def test_only_so_many_are_between_request_and_answer() -> None:
    gate, two_there = asyncio.Event(), asyncio.Event()
    waiting = 0

    async def slow(request: HttpRequest) -> HttpResponse:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            two_there.set()
        await gate.wait()
        return response()

    harness = Harness(_proxy(_at_a_time(2), SEND), http=StubClient(slow))
    first = [asyncio.create_task(_status(harness)) for _ in range(2)]
    await two_there.wait()
    assert await _status(harness) == 429
    assert _taken(harness) == 2
    gate.set()
    assert [await task for task in first] == [200, 200]
    assert _taken(harness) == 0
    assert await _status(harness) == 200


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (SEND, 200),
        ("<respond/>", 200),
        ("<drop/>", 202),
        ('<throwError type="X" errorMessage="m"/>', 500),
        ('<sequence key="none"/>', 500),
        ("<loopback/>", 200),
    ],
)
async def test_a_place_is_given_back_once_however_it_ends(after: str, status: int) -> None:
    artifacts = _proxy(_at_a_time(1), after).replace('key="none"', 'key="{$ctx:none}"')
    harness = Harness(artifacts)
    assert [await _status(harness) for _ in range(3)] == [status] * 3
    assert _taken(harness) == 0


async def test_a_client_that_leaves_gives_its_place_back() -> None:
    there = asyncio.Event()

    async def never(request: HttpRequest) -> HttpResponse:
        there.set()
        await asyncio.Event().wait()
        raise AssertionError

    harness = Harness(_proxy(_at_a_time(1), SEND), http=StubClient(never))
    task = asyncio.create_task(_status(harness))
    await there.wait()
    assert _taken(harness) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _taken(harness) == 0


async def test_who_comes_too_often_takes_no_place() -> None:
    harness = Harness(_proxy(_at_a_time(5) + _rate("other", 1), "<respond/>"))
    assert [await _status(harness) for _ in range(2)] == [200, 429]
    assert _taken(harness) == 0


async def test_a_branch_that_outlives_its_conversation_keeps_its_place_to_its_own_end() -> None:
    harness = Harness()
    message = harness.message()
    await message.ending.come()
    await harness.run(_throttle(_at_a_time(1), '<onAccept><property name="x" value="1"/></onAccept>'), message)
    assert message.properties["x"] == "1"
    assert _taken(harness) == 0


# ------------------------------------------------------------------ policies and mistakes


async def test_a_policy_may_be_an_entry() -> None:
    harness = Harness(f'<localEntry key="limits">{_policy(_rate("other", 2))}</localEntry>')
    [step] = harness.steps('<throttle id="A"><policy key="limits"/></throttle>')
    assert [await step.mediate(harness.message()) for _ in range(3)] == [True, True, False]


async def test_a_policy_in_the_registry_that_changes_counts_anew() -> None:
    harness = Harness()
    [step] = harness.steps('<throttle id="A"><policy key="conf:/limits.xml"/></throttle>')
    for count in (1, 2):
        harness.services.registry.put("conf:/limits.xml", _policy(_rate("other", count)).encode())
        outcomes = [await step.mediate(harness.message()) for _ in range(3)]
        assert outcomes == [True] * count + [False] * (3 - count)


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, "there is no entry 'conf:/p'"), ("<a/>", "there is no <Mediator"), ("<a", "cannot be used")],
)
async def test_a_policy_that_cannot_be_used_is_a_fault(content: str | None, error: str) -> None:
    harness = Harness()
    if content is not None:
        harness.services.registry.put("conf:/p", content.encode())
    with pytest.raises(Fault, match=error):
        await harness.run('<throttle id="A"><policy key="conf:/p"/></throttle>', harness.message())


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<throttle/>", "2:1: error[missing-attribute]: <throttle> needs the attribute 'id'."),
        ('<throttle id=" "/>', "2:1: error[missing-attribute]: <throttle>: the id is empty."),
        (
            '<throttle id="A"><policy><x xmlns=""/></policy></throttle>',
            "2:1: error[bad-value]: <throttle>: the policy cannot be used: there is no <MediatorThrottleAssertion>",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    [found] = Harness().problems(f"\n{xml}")
    assert found.startswith(problem)
