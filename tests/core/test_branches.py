"""What becomes of messages that go their own ways. The mediators that make them have tests of their own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from engine.core import branches
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import TransportError
from engine.message.context import MessageContext
from engine.runtime.config import Limits
from engine.testing.harness import Harness, StubClient, StubExchange, response

CALL = '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call>'


BLOCKING = '<call blocking="true">'
GOES_ON = 'continueParent="true"'


def clone(*targets: str, more: str = "") -> str:
    inner = "".join(f"<target><sequence>{each}</sequence></target>" for each in targets)
    return f"<clone {more}>{inner}</clone>"


def made(by: str) -> str:
    return f'<payloadFactory media-type="json"><format>{{"by": "{by}"}}</format><args/></payloadFactory>'


def proxy(inside: str, others: str = "") -> str:
    return f'<proxy name="p"><target>{inside}</target></proxy>{others}'


async def by(harness: Harness) -> tuple[int, str | None]:
    """Status and maker of the answer; 202 when there was none."""
    answer = await harness.serve("/services/p", harness.message(b'{"a": 1}'))
    return (answer.status, json.loads(answer.body).get("by")) if answer is not None else (202, None)


FAIL = '<throwError type="E" errorMessage="no"/>'
THROWS = '<sequence name="throws">' + FAIL + "</sequence>"

CASES = {
    "trap 26: the parent ends, a branch answers": (
        f"<inSequence>{clone(made('b') + '<respond/>')}{made('p')}<respond/></inSequence>",
        "",
        (200, "b"),
    ),
    "trap 26: the parent goes on": (
        f"<inSequence>{clone('<drop/>', more=GOES_ON)}{made('p')}<respond/></inSequence>",
        "",
        (200, "p"),
    ),
    "nobody answers": (f"<inSequence>{clone('<log/>', '<drop/>')}</inSequence>", "", (202, None)),
    "trap 26: without a call a branch ends with its target": (
        f"<inSequence>{clone(made('b'))}<respond/></inSequence>",
        "",
        (202, None),
    ),
    "trap 26: after a call a branch goes on": (
        f"<inSequence>{clone(CALL + made('b'))}<respond/></inSequence>",
        "",
        (200, "b"),
    ),
    "trap 40: a blocking call suspends nothing": (
        f"<inSequence>{clone(CALL.replace('<call>', BLOCKING) + made('b'))}<respond/></inSequence>",
        "",
        (202, None),
    ),
    "after a call a branch goes on, out of every list": (
        '<inSequence><sequence key="s"/><respond/></inSequence>',
        f'<sequence name="s"><filter xpath="true()">{clone(CALL)}</filter>{made("s")}</sequence>',
        (200, "s"),
    ),
    "a branch leaves a template with its parameters": (
        '<inSequence><call-template target="outer"><with-param name="x" value="o"/></call-template>'
        "<respond/></inSequence>",
        f"""<template name="outer"><parameter name="x"/><sequence>
          <call-template target="inner"><with-param name="x" value="i"/></call-template>
          <payloadFactory media-type="json"><format>{{"by": "$1"}}</format>
            <args><arg expression="$func:x"/></args></payloadFactory></sequence></template>
        <template name="inner"><parameter name="x"/><sequence>{clone(CALL)}</sequence></template>""",
        (200, "o"),
    ),
    "a branch that sends has the out sequence": (
        f"<inSequence>{clone(CALL.replace('call>', 'send>'))}</inSequence>"
        f"<outSequence>{made('out')}<respond/></outSequence>",
        "",
        (200, "out"),
    ),
    "a branch that fails does not answer for another": (
        f"<inSequence>{clone(FAIL, CALL + made('b') + '<respond/>')}</inSequence>",
        "",
        (200, "b"),
    ),
    "all fail: the client is told": (f"<inSequence>{clone(FAIL, FAIL)}</inSequence>", "", (500, None)),
    "trap 42: onError of the place where it began": (
        '<inSequence><sequence key="s"/></inSequence>',
        f"""<sequence name="s" onError="h">{clone(FAIL)}</sequence>
        <sequence name="h">{made("h")}<respond/></sequence>""",
        (200, "h"),
    ),
    "trap 42: an error in onError goes to the next outer": (
        '<inSequence><sequence name="o" onError="outer"><sequence key="s"/></sequence></inSequence>',
        f"""<sequence name="s" onError="throws">{clone(FAIL)}</sequence>{THROWS}
        <sequence name="outer">{made("outer")}<respond/></sequence>""",
        (200, "outer"),
    ),
    "trap 42: the fault sequence of the proxy": (
        f"<inSequence>{clone(FAIL)}</inSequence><faultSequence>{made('f')}<respond/></faultSequence>",
        "",
        (200, "f"),
    ),
    "trap 42: a handler ends the branch and resumes nothing": (
        f'<inSequence><sequence name="o" onError="h">{clone(CALL + FAIL)}</sequence>{made("p")}<respond/></inSequence>',
        '<sequence name="h"><log/></sequence>',
        (202, None),
    ),
    "a branch of a branch": (
        f"<inSequence>{clone(clone(CALL) + made('inner'))}{made('outer')}<respond/></inSequence>",
        "",
        (200, "outer"),
    ),
}


@pytest.mark.parametrize(("inside", "others", "answer"), CASES.values(), ids=CASES)
async def test_who_answers(inside: str, others: str, answer: tuple[int, str | None]) -> None:
    harness = Harness(proxy(inside, others), http=StubClient(lambda request: response(200, b"{}")))
    assert await by(harness) == answer


async def test_a_branch_that_hangs_delays_nobody_else() -> None:
    answered = asyncio.Event()

    async def back_end(request: HttpRequest) -> HttpResponse:
        if request.url.endswith("slow"):
            await answered.wait()
            raise TransportError("timeout", code=101504)
        return response(200, b'{"by": "fast"}')

    slow = CALL.replace("http://b/", "http://b/slow")
    harness = Harness(
        proxy(f"<inSequence>{clone(slow + made('slow') + '<respond/>', CALL + '<respond/>')}</inSequence>"),
        http=StubClient(back_end),
    )

    class Exchange(StubExchange):
        async def answer(self, message: MessageContext) -> None:
            await super().answer(message)
            answered.set()

    exchange = Exchange()
    await harness.serve("/services/p", harness.message(b"{}", exchange=exchange))
    assert [answer.body for answer in exchange.answers] == [b'{"by": "fast"}']


async def test_branches_share_nothing_they_may_change() -> None:
    harness = Harness()
    message = harness.message(b'{"a": 1}', headers={"X": "parent"})
    message.properties["p"] = "parent"
    message.variables["v"] = "parent"
    seen: list[MessageContext] = []

    class Change:
        async def mediate(self, branch: MessageContext) -> bool:
            await asyncio.sleep(0)
            assert (branch.properties["p"], branch.variables["v"], branch.headers.get("X")) == ("parent",) * 3
            assert branch.payload.json() == {"a": 1}
            name = f"branch {len(seen)}"
            branch.properties["p"] = branch.variables["v"] = name
            branch.headers.set("X", name)
            branch.payload.set_json({"by": name})
            branch.functions.clear()
            seen.append(branch)
            return True

    branches.start_parallel(message, [(message.clone(), Change()) for _ in range(5)], 5, "test")
    await harness.services.drain(5)
    assert [branch.payload.json() for branch in seen] == [{"by": f"branch {index}"} for index in range(5)]
    assert (message.properties["p"], message.variables["v"], message.headers.get("X")) == ("parent",) * 3
    assert message.payload.json() == {"a": 1}


async def test_no_more_run_at_the_same_time_than_the_limit_and_each_is_made_when_its_turn_comes() -> None:
    harness = Harness()
    message = harness.message()
    limit = harness.snapshot.limits.branches
    running, most, made_so_far = 0, 0, 0

    class Work:
        async def mediate(self, branch: MessageContext) -> bool:
            nonlocal running, most
            running += 1
            most = max(most, running)
            assert made_so_far <= limit + finished
            await asyncio.sleep(0)
            running -= 1
            return True

    finished = 0

    def parts() -> Iterator[branches.Branch]:
        nonlocal made_so_far, finished
        for _ in range(limit * 3):
            made_so_far += 1
            finished = made_so_far - running
            yield message.clone(), Work()

    branches.start_parallel(message, parts(), limit * 3, "test")
    await harness.services.drain(5)
    assert (most, made_so_far) == (limit, limit * 3)


@pytest.mark.parametrize("kind", ["iterate", "foreach"])
async def test_without_room_for_as_many_workers_fewer_do_all_parts(kind: str) -> None:
    at_once, most = 0, 0

    async def answer(request: HttpRequest) -> HttpResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return response(body=bytes(request.body))  # type: ignore[arg-type]

    steps = {
        "iterate": f'<iterate id="i" expression="json-eval($.l)"><target><sequence>{CALL}</sequence></target></iterate>'
        '<aggregate id="i"><completeCondition timeout="9"/>'
        '<onComplete expression="json-eval($)"><respond/></onComplete></aggregate>',
        "foreach": f'<foreach collection="${{payload.l}}"><sequence>{CALL}</sequence></foreach><respond/>',
    }[kind]
    limits = Limits(branches=10, background=2)
    harness = Harness(proxy(f"<inSequence>{steps}</inSequence>"), http=StubClient(answer), limits=limits)
    body = json.dumps({"l": [{"n": number} for number in range(20)]}).encode()
    found = await harness.serve("/services/p", harness.message(body))
    assert found is not None
    parts = json.loads(found.body)
    assert sorted(each["n"] for each in (parts if kind == "iterate" else parts["l"])) == list(range(20))
    assert most == 2


@pytest.mark.parametrize("kind", ["clone", "foreach", "scatter-gather"])
async def test_without_any_room_the_message_is_refused_and_nothing_runs(kind: str) -> None:
    """One that is refused leaves no coroutine behind, which would be a warning, and warnings are errors here."""
    steps = {
        "clone": clone(CALL, more=GOES_ON),
        "foreach": f'<foreach collection="${{payload.l}}"><sequence>{CALL}</sequence></foreach>',
        "scatter-gather": '<scatter-gather target="Body" result-content-type="JSON">'
        f'<aggregation expression="json-eval($)"/><sequence>{CALL}</sequence></scatter-gather>',
    }[kind]
    harness = Harness(proxy(f"<inSequence>{steps}<respond/></inSequence>"), limits=Limits(background=1))
    go_on = asyncio.Event()
    harness.services.spawn(go_on.wait(), "another message's", counts=True)
    message = harness.message(b'{"l": [1]}')
    found = await harness.serve("/services/p", message)
    assert found is not None
    assert (found.status, found.headers.get("retry-after")) == (503, "1")
    assert harness.http.requests == []  # type: ignore[attr-defined]
    assert message.branches.running == 0
    go_on.set()
    await harness.services.drain(5)
    again = await harness.serve("/services/p", harness.message(b'{"l": [1]}'))
    assert again is not None
    assert again.status == 200


async def test_an_unexpected_error_ends_its_branch_only(caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness()
    message = harness.message()

    class Broken:
        async def mediate(self, branch: MessageContext) -> bool:
            raise ZeroDivisionError("secret 42")

    branches.start_parallel(message, [(message.clone(), Broken()) for _ in range(2)], 2, "test")
    await harness.services.drain(5)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert sum("unexpected ZeroDivisionError" in record.getMessage() for record in errors) == 2


def test_marks_are_those_of_synapse() -> None:
    message = Harness().message()
    branches.mark(message, "f", None, 0, 3)
    assert message.properties == {"aggregateCorelation": "f", "messageSequence": "0/3"}
    branches.mark(message, "g", "x", 2, 3)
    assert message.properties == {
        "aggregateCorelation": "g",
        "messageSequence": "0/3",
        "aggregateCorelation.x": "g",
        "messageSequence.x": "2/3",
    }


def test_each_fork_has_its_own_name() -> None:
    message = Harness().message()
    assert branches.fork_id(message) != branches.fork_id(message)
