from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, response

CALL = '<call><endpoint><http method="post" uri-template="http://b/{uri.var.x}"/></endpoint></call>'


def _clone(attributes: str, *targets: str) -> str:
    inner = "".join(f"<target><sequence>{each}</sequence></target>" for each in targets)
    return f"<clone {attributes}>{inner}</clone>"


def _send(name: str) -> str:
    return f'<property name="uri.var.x" value="{name}"/>{CALL}'


async def _run(
    xml: str, message: MessageContext | None = None, harness: Harness | None = None
) -> tuple[bool, list[str]]:
    """What it says, and the URLs that were called, in order."""
    harness = harness or Harness()
    http = harness.snapshot.http = StubClient()
    goes_on = await harness.run(xml, message or harness.message(b'{"a": 1}'))
    await harness.services.drain(5)
    return goes_on, [request.url for request in http.requests]


@pytest.mark.parametrize(
    ("attributes", "goes_on"),
    [("", False), ('continueParent="true"', True), ('sequential="true"', False), ('continueParent="false"', False)],
)
async def test_trap_26_every_target_gets_a_copy_and_the_parent_ends(attributes: str, goes_on: bool) -> None:
    assert await _run(_clone(attributes, _send("1"), _send("2"))) == (goes_on, ["http://b/1", "http://b/2"])


async def test_trap_26_sequential_copies_run_one_after_the_other_before_the_parent_goes_on() -> None:
    order: list[str] = []

    def back_end(request: HttpRequest) -> HttpResponse:
        order.append(request.url[-1])
        return response()

    harness = Harness(http=StubClient(back_end))
    xml = _clone('sequential="true" continueParent="true"', _send("1") + _send("2"), _send("3")) + _send("4")
    assert await harness.run(xml, harness.message(b"{}")) is True
    # Each copy that had an answer also goes on after the clone.
    assert order == ["1", "2", "4", "3", "4", "4"]


async def test_the_copy_is_of_the_moment() -> None:
    bodies: list[Any] = []

    def back_end(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.body, bytes)
        bodies.append(json.loads(request.body))
        return response()

    change = '<payloadFactory media-type="json"><format>{"a": 2}</format><args/></payloadFactory>'
    harness = Harness(http=StubClient(back_end))
    message = harness.message(b'{"a": 1}')
    assert await harness.run(_clone('continueParent="true"', CALL + "<drop/>") + change, message) is True
    await harness.services.drain(5)
    assert (bodies, message.payload.json()) == ([{"a": 1}], {"a": 2})


@pytest.mark.parametrize(("count", "urls"), [("3", ["1", "2", "3"]), ("0", []), ("{$ctx:n}", ["1", "2"]), ("-1", [])])
async def test_iterations_send_copies_to_one_target(count: str, urls: list[str]) -> None:
    harness = Harness()
    message = harness.message()
    message.properties["n"] = "2"
    target = '<property name="uri.var.x" expression="$ctx:CLONED_ITERATION_INDEX"/>' + CALL
    xml = _clone(f'iterations="{count}" sequential="true"', target)
    assert (await _run(xml, message, harness))[1] == [f"http://b/{url}" for url in urls]


async def test_iterations_that_are_no_number_are_a_fault() -> None:
    with pytest.raises(Fault, match="'x' is no number of iterations"):
        await _run(_clone("iterations=\"{'x'}\"", "<log/>"))


@pytest.mark.parametrize(("stop", "urls"), [("true", ["http://b/1"]), ("false", ["http://b/1", "http://b/3"])])
async def test_sequential_copies_stop_at_a_failure_when_asked(stop: str, urls: list[str]) -> None:
    harness = Harness()
    message = harness.message()
    message.properties["STOP_TARGET_EXECUTION_ON_FAILURE"] = stop
    fail = '<throwError type="E" errorMessage="no"/>'
    xml = _clone('sequential="true"', _send("1") + "<drop/>", fail, _send("3"))
    assert await _run(xml, message, harness) == (False, urls)


async def test_a_copy_knows_which_one_it_is() -> None:
    http = StubClient()
    harness = Harness(http=http)
    names = "".join(
        f'<property name="uri.var.x" expression="{name}"/>{CALL}'
        for name in ("$ctx:messageSequence.i", "$ctx:aggregateCorelation.i")
    )
    await harness.run(_clone('id="i" sequential="true"', names, names), harness.message())
    urls = [request.url for request in http.requests]
    assert urls[0::2] == ["http://b/0%2F2", "http://b/1%2F2"]
    assert len(set(urls[1::2])) == 1


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            '<clone iterations="2"><target/><target/></clone>',
            "2:1: error[one-of]: <clone>: with 'iterations' there is exactly one <target>.",
        ),
        ('<clone id="1" id2="2"/>', "2:20: warning[unknown-attribute]: <clone> has no attribute 'id2'; it is ignored."),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}")[0].startswith(problem)
