from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

ARTIFACTS = """
<template name="show">
  <parameter name="p"/><parameter name="d" defaultValue="default"/>
  <sequence>
    <property name="first" expression="$func:p"/>
    <payloadFactory media-type="json"><format>{"v": "new"}</format><args/></payloadFactory>
    <property name="ctx" value="new"/>
    <property name="second" expression="$func:p"/>
    <property name="d" expression="$func:d"/>
  </sequence>
</template>
<template name="strict"><parameter name="p" isMandatory="true"/><sequence/></template>
<template name="stops"><sequence><drop/></sequence></template>
<template name="broken"><sequence>
<throwError errorMessage="no"/></sequence></template>
<template name="typed"><parameter name="p"/><sequence>
<property name="inner" expression="$func:p/b"/></sequence></template>
<sequence name="handler"><property name="handled" expression="$ctx:ERROR_MESSAGE"/></sequence>
"""


def _call(*params: str, target: str = "show", more: str = "") -> str:
    inside = "".join(f"<with-param {param}/>" for param in params)
    return f'<call-template target="{target}" {more}>{inside}</call-template>'


@pytest.mark.parametrize(
    ("value", "first", "second"),
    [
        ("text", "text", "text"),
        ("", "", ""),
        (" {$ctx:ctx}", " {$ctx:ctx}", " {$ctx:ctx}"),
        ("{$ctx:ctx}", "old", "old"),
        ("{json-eval($.v)}", "old", "old"),
        ("{json-eval($.key)}", "400000000000000001", "400000000000000001"),
        ("{{json-eval($.v)}}", "old", "new"),
    ],
)
async def test_trap_07_when_arguments_are_evaluated(value: str, first: str, second: str) -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message(b'{"v": "old", "key": 400000000000000001}')
    message.properties["ctx"] = "old"
    assert await harness.run(_call(f'name="p" value="{value}"'), message) is True
    assert (message.properties["first"], message.properties["second"]) == (first, second)
    assert message.functions == []


async def test_trap_07_properties_are_null_inside_double_braces() -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message(b"{}")
    message.properties.update(ctx="old", first="before")
    await harness.run(_call('name="p" value="{{$ctx:ctx}}"'), message)
    assert message.properties["first"] == "before"


async def test_trap_07_an_element_stays_an_element() -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message(b"<a><b>1</b></a>", "application/xml")
    await harness.run(_call('name="p" value="{//a}"', target="typed"), message)
    assert message.properties["inner"] == "1"


@pytest.mark.parametrize(
    ("params", "d"),
    [((), "default"), (('name="d" value="given"',), "given"), (('name="d" value=""',), "")],
)
async def test_trap_06_a_default_is_for_what_was_not_given(params: tuple[str, ...], d: str) -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message(b"{}")
    await harness.run(_call(*params), message)
    assert message.properties["d"] == d


async def test_trap_06_a_missing_mandatory_parameter_is_a_fault() -> None:
    harness = Harness(ARTIFACTS)
    with pytest.raises(Fault) as caught:
        await harness.run(_call(target="strict"), harness.message())
    assert caught.value.code == 500101


async def test_a_template_that_ends_the_flow_ends_it() -> None:
    harness = Harness(ARTIFACTS)
    assert await harness.run(_call(target="stops"), harness.message()) is False


async def test_on_error_takes_the_fault_and_ends_the_flow() -> None:
    harness = Harness(ARTIFACTS)
    message = harness.message()
    xml = _call(target="broken", more='onError="handler"') + '<property name="after" value="x"/>'
    assert await harness.run(xml, message) is False
    assert message.properties["handled"] == "no"
    assert "after" not in message.properties
    assert message.functions == []


async def test_without_on_error_the_fault_goes_on() -> None:
    harness = Harness(ARTIFACTS)
    with pytest.raises(Fault, match="no") as caught:
        await harness.run(_call(target="broken"), harness.message())
    assert "template 'broken'" in caught.value.at()


async def test_an_unknown_template_is_a_fault() -> None:
    harness = Harness(ARTIFACTS)
    with pytest.raises(Fault, match=r"there is no template 'shw'\. Did you mean 'show'\?"):
        await harness.run(_call(target="shw"), harness.message())


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<call-template/>", "2:1: error[missing-attribute]: <call-template> needs the attribute 'target'."),
        (_call('value="v"'), "2:31: error[missing-attribute]: <with-param> needs the attribute 'name'."),
        (_call('name="p"'), "2:31: error[missing-attribute]: <with-param> needs the attribute 'value'."),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


@pytest.mark.parametrize(
    ("value", "reads"), [("text", False), ("{$ctx:a}", False), ("{json-eval($.a)}", True), ("{{json-eval($.a)}}", True)]
)
def test_only_what_looks_into_the_body_reads_it(value: str, reads: bool) -> None:
    assert Harness().steps(_call(f'name="p" value="{value}"'))[0].reads_body is reads
