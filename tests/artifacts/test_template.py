from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

NOTE = '<property name="seen" expression="$func:a"/>'


def template(inside: str, steps: str = NOTE, attributes: str = "") -> str:
    return f'<template name="t" {attributes}>{inside}<sequence>{steps}</sequence></template>'


async def invoked(xml: str, arguments: dict[str, Any], others: str = "") -> MessageContext:
    harness = Harness(xml + others)
    message = harness.message(b'{"x": 5}')
    await harness.snapshot.template("t").invoke(message, arguments)
    return message


@pytest.mark.parametrize(
    ("parameter", "arguments", "seen"),
    [
        ('<parameter name="a"/>', {"a": "1"}, "1"),
        ('<parameter name="a" defaultValue="d"/>', {}, "d"),
        ('<parameter name="a" defaultValue="d"/>', {"a": ""}, ""),
        ('<parameter name="a" isMandatory="true" defaultValue="d"/>', {}, "d"),
        ("", {"a": "undeclared"}, "undeclared"),
    ],
)
async def test_parameters(parameter: str, arguments: dict[str, Any], seen: str) -> None:
    assert (await invoked(template(parameter), arguments)).properties["seen"] == seen


@pytest.mark.parametrize("arguments", [{}, {"b": "1"}])
async def test_missing_mandatory_parameter_is_a_fault(arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault, match="template 't' needs the parameter 'a'") as raised:
        await invoked(template('<parameter name="a" isMandatory="true"/>'), arguments)
    assert raised.value.code == 500101


@pytest.mark.parametrize("attribute", ['isMandatory="true"', 'defaultValue="d"'])
async def test_null_is_given_all_the_same(attribute: str) -> None:
    message = await invoked(template(f'<parameter name="a" {attribute}/>'), {"a": None})
    assert "seen" not in message.properties


async def test_trap_6_absent_parameter_is_null() -> None:
    steps = '<property name="seen" value="before"/>' + NOTE
    assert (await invoked(template('<parameter name="a"/>', steps), {})).properties["seen"] == "before"


async def test_trap_31_parameters_end_with_the_call_also_when_it_ends_early() -> None:
    for steps in ("<drop/>", NOTE):
        assert (await invoked(template('<parameter name="a"/>', steps), {"a": "1"})).functions == []


async def test_inner_call_hides_and_gives_back_the_outer_parameters() -> None:
    inner = '<template name="inner"><sequence><property name="inner" expression="$func:a"/></sequence></template>'
    steps = f'<call-template target="inner"><with-param name="a" value="2"/></call-template>{NOTE}'
    message = await invoked(template("", steps), {"a": "1"}, inner)
    assert (message.properties["inner"], message.properties["seen"]) == ("2", "1")


async def test_trap_42_on_error_takes_the_fault_and_ends_the_flow() -> None:
    xml = template("", '<throwError type="T" errorMessage="m"/>', 'onError="handler"')
    handler = '<sequence name="handler"><property name="took" expression="$ctx:ERROR_CODE"/></sequence>'
    harness = Harness(xml + handler)
    message = harness.message()
    assert await harness.snapshot.template("t").invoke(message, {}) is False
    assert message.properties["took"] == "T"
