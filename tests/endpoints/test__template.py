from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness, StubClient

TEMPLATE = """<template name="t"><parameter name="path"/><parameter name="wait"/>
  <endpoint name="$name"><address uri="$uri"><timeout><duration>$wait</duration></timeout>
    <suspendOnFailure><initialDuration>$other</initialDuration></suspendOnFailure></address>
    <property name="path" value="$path"/><property name="text" value="is $path"/></endpoint></template>"""
GOOD = TEMPLATE.replace("<initialDuration>$other</initialDuration>", "")
USE = '<endpoint name="e" template="t" uri="http://b/x"><parameter name="path" value="p"/>{}</endpoint>'
WAIT = '<parameter name="wait" value="1500"/>'


async def test_whole_values_are_filled_in_and_parts_are_not() -> None:
    client = StubClient()
    harness = Harness(GOOD + USE.format(WAIT), http=client)
    message = harness.message(b"{}")
    await harness.snapshot.endpoint("e").send(message)
    assert (client.requests[0].url, client.requests[0].timeout) == ("http://b/x", 1.5)
    assert message.properties == {"path": "p", "text": "is $path"}


async def test_each_use_is_an_endpoint_with_a_state_of_its_own(back_ends: Any, caller: Any) -> None:
    a, b = await back_ends(2)
    await a.stop()
    fixed = '<template name="t"><endpoint name="fixed"><address uri="$uri"/></endpoint></template>'
    uses = "".join(
        f'<endpoint name="{name}" template="t" uri="{each.url}"/>' for name, each in (("down", a), ("up", b))
    )
    group = '<endpoint name="e"><failover><endpoint key="down"/><endpoint key="up"/></failover></endpoint>'
    e = caller(fixed + uses + group)
    assert [await e.who(), await e.who()] == ["b", "b"]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (TEMPLATE, "'$other' is not a number of milliseconds"),
        (GOOD, "'$wait' is not a number of milliseconds"),
        ('<template name="t"><sequence><log/></sequence></template>', "it holds a sequence"),
    ],
)
async def test_what_cannot_be_made_says_why(template: str, problem: str) -> None:
    harness = Harness(template + USE.format("" if template == GOOD else WAIT))
    with pytest.raises(Fault, match="endpoint 'e' cannot be made from template 't'") as raised:
        await harness.snapshot.endpoint("e").send(harness.message(b"{}"))
    assert raised.value.code == 305100
    assert problem in raised.value.message


def test_a_template_that_is_not_there_is_found_at_load() -> None:
    from engine.testing.harness import LoadError

    with pytest.raises(LoadError, match="There is no template 't'"):
        Harness(USE.format(WAIT))
