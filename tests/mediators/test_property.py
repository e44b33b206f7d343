from __future__ import annotations

import os
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient


async def _set(xml: str, body: bytes = b"", **properties: Any) -> MessageContext:
    harness = Harness()
    message = harness.message(body)
    message.properties.update(properties)
    assert await harness.run(xml, message) is True
    return message


# ------------------------------------------------------------------ values


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ('value="v"', "v"),
        ('value=""', ""),
        ('value="{json-eval($.a)}"', "{json-eval($.a)}"),
        ('value="12" type="INTEGER"', 12),
        ('value="9223372036854775807" type="LONG"', 9223372036854775807),
        ('value="true" type="BOOLEAN"', True),
        ('value="1.5" type="DOUBLE"', 1.5),
        ('value=\'{"a": 1}\' type="JSON"', {"a": 1}),
        ('expression="json-eval($.text)"', "two words"),
        ('expression="json-eval($.number)"', "400000000000000001"),
        ('expression="json-eval($.number)" type="LONG"', 400000000000000001),
        ('expression="json-eval($.missing)"', ""),
        ('expression="json-eval($.nothing)"', "null"),
        ('expression="json-eval($.list)" type="JSON"', [1]),
        ('expression="1 + 1"', "2.0"),
        ('expression="1 + 1" type="INTEGER"', 2),
        ('expression="$ctx:missing" type="BOOLEAN"', False),
    ],
)
async def test_the_value_has_its_type(attributes: str, value: Any) -> None:
    body = b'{"text": "two words", "number": 400000000000000001, "nothing": null, "list": [1]}'
    message = await _set(f'<property name="p" {attributes}/>', body)
    assert message.properties["p"] == value
    assert type(message.properties["p"]) is type(value)


async def test_xml_inside_is_the_value() -> None:
    message = await _set('<property name="p"><a xmlns=""><b>1</b></a></property>')
    assert etree.tostring(message.properties["p"]) == b"<a><b>1</b></a>"


async def test_an_om_constant_is_an_element() -> None:
    message = await _set('<property name="p" type="OM" value="&lt;a&gt;1&lt;/a&gt;"/>')
    assert etree.tostring(message.properties["p"]) == b"<a>1</a>"


@pytest.mark.parametrize(
    "xml",
    [
        '<property name="p"><a xmlns=""/></property>',
        '<property name="p" type="OM" value="&lt;a/&gt;"/>',
        '<property name="p" type="JSON" value="[1]"/>',
    ],
)
async def test_each_message_gets_a_value_of_its_own(xml: str) -> None:
    harness = Harness()
    steps = harness.steps(xml)
    first, second = harness.message(), harness.message()
    for message in (first, second):
        await steps[0].mediate(message)
    assert first.properties["p"] is not second.properties["p"]


async def test_the_value_attribute_comes_before_xml_and_expression() -> None:
    message = await _set('<property name="p" value="v" expression="\'e\'"><a xmlns=""/></property>')
    assert message.properties["p"] == "v"


async def test_trap_05_null_keeps_the_value_before() -> None:
    message = await _set('<property name="p" expression="$ctx:missing"/>', p="before")
    assert message.properties["p"] == "before"


async def test_trap_05_an_xpath_without_a_match_is_empty_and_overwrites() -> None:
    message = await _set('<property name="p" expression="//missing"/>', p="before")
    assert message.properties["p"] == ""


@pytest.mark.parametrize("type_", ["INTEGER", "LONG", "SHORT", "FLOAT", "DOUBLE", "JSON"])
async def test_trap_05_null_is_a_fault_for_types_that_need_a_value(type_: str) -> None:
    with pytest.raises(Fault) as caught:
        await _set(f'\n<property name="p" expression="$ctx:missing" type="{type_}"/>')
    assert caught.value.message == f"property 'p': null is no value of the type {type_}"
    assert caught.value.at() == "test.xml:2:1 <property>"


async def test_a_fault_tells_the_value_that_did_not_fit() -> None:
    with pytest.raises(Fault, match="property 'p': 'abc' is no value of the type INTEGER"):
        await _set('<property name="p" expression="$ctx:x" type="INTEGER"/>', x="abc")


async def test_a_fault_does_not_tell_a_secret() -> None:
    with pytest.raises(Fault, match=r"property 'p': \*\*\* is no value of the type INTEGER"):
        await _set('<property name="p" expression="$ctx:accessToken" type="INTEGER"/>', accessToken="abc")


# ------------------------------------------------------------------ pattern


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ('pattern="a(.)(.)"', "abc"),
        ('pattern="a(.)(.)" group="0"', "abc"),
        ('pattern="a(.)(.)" group="2"', "c"),
        ('pattern="a(.)(.)" group="3"', ""),
        ('pattern="a"', ""),
        ('pattern="bc"', ""),
    ],
)
@pytest.mark.parametrize("source", ['value="abc"', "expression=\"'abc'\"", 'expression="$ctx:abc"'])
async def test_trap_17_the_pattern_must_match_all_of_it(source: str, attributes: str, value: str) -> None:
    message = await _set(f'<property name="p" {source} {attributes}/>', abc="abc")
    assert message.properties["p"] == value


async def test_a_group_that_took_no_part_is_null() -> None:
    message = await _set('<property name="p" value="b" pattern="(a)?b" group="1"/>', p="before")
    assert message.properties["p"] == "before"


async def test_a_pattern_leaves_null_and_typed_values_alone() -> None:
    message = await _set(
        '<property name="p" expression="$ctx:missing" pattern="x"/>'
        '<property name="q" value="5" type="INTEGER" pattern="x"/>',
        p="before",
    )
    assert message.properties == {"p": "before", "q": 5}


# ------------------------------------------------------------------ names and scopes


async def test_a_name_in_braces_is_computed() -> None:
    message = await _set('<property name="{$ctx:which}" value="v"/>', which="chosen")
    assert message.properties["chosen"] == "v"


@pytest.mark.parametrize("which", [None, ""])
async def test_an_empty_computed_name_is_a_fault(which: str | None) -> None:
    with pytest.raises(Fault, match=r"the property name '\{\$ctx:which\}' is empty"):
        await _set('<property name="{$ctx:which}" value="v"/>', which=which)


@pytest.mark.parametrize(
    ("scope", "holder"),
    [
        ("default", "properties"),
        ("synapse", "properties"),
        ("axis2", "axis2"),
        ("axis2-client", "axis2_client"),
        ("operation", "operation"),
    ],
)
async def test_each_scope_has_a_place_of_its_own(scope: str, holder: str) -> None:
    harness = Harness()
    message = harness.message()
    await harness.run(f'<property name="p" value="7" type="INTEGER" scope="{scope}"/>', message)
    holders = ("properties", "axis2", "axis2_client", "operation")
    assert {name: getattr(message, name) for name in holders if getattr(message, name)} == {holder: {"p": 7}}
    for _ in range(2):  # removing what is not there is no mistake
        await harness.run(f'<property name="p" scope="{scope}" action="remove"/>', message)
        assert getattr(message, holder) == {}


@pytest.mark.parametrize("scope", ["trace", "analytics"])
async def test_scopes_without_a_collector_keep_nothing(scope: str) -> None:
    message = await _set(
        f'<property name="p" value="v" scope="{scope}"/><property name="p" scope="{scope}" action="remove"/>'
    )
    assert (message.properties, message.axis2, message.operation) == ({}, {}, {})


async def test_axis2_stores_null() -> None:
    message = await _set('<property name="p" expression="$ctx:missing" scope="axis2"/>')
    assert message.axis2 == {"p": None}


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ('value="v"', "v"),
        ('value="true" type="BOOLEAN"', "true"),
        ('value="400000000000000001" type="LONG"', "400000000000000001"),
        ('value="[1]" type="JSON"', "[1]"),
        ('value="&lt;a/&gt;" type="OM"', "<a/>"),
        ('expression="$ctx:missing"', ""),
    ],
)
async def test_trap_17_transport_values_are_text(attributes: str, value: str) -> None:
    message = await _set(f'<property name="X-P" {attributes} scope="transport"/>')
    assert list(message.headers) == [("x-p", value)]


@pytest.mark.parametrize(
    ("element", "value"),
    [('<a xmlns="">OM</a>', "OM"), ('<a xmlns=""> x<b/></a>', "x"), ('<a xmlns=""><b>1</b></a>', "<a><b>1</b></a>")],
)
async def test_transport_values_of_xml_are_its_text_as_everywhere(element: str, value: str) -> None:
    steps = "".join(
        f'<property name="X-{scope}" scope="{scope}" type="OM">{element}</property>'
        for scope in ("default", "transport")
    )
    message = await _set(steps)
    assert message.headers.get("X-transport") == value
    assert compile_expression("$ctx:X-default", {}).text(message) == value


async def test_transport_names_have_no_case() -> None:
    message = await _set(
        '<property name="X-P" value="1" scope="transport"/><property name="x-p" value="2" scope="transport"/>'
    )
    assert list(message.headers) == [("x-p", "2")]
    await Harness().run('<property name="X-p" scope="transport" action="remove"/>', message)
    assert list(message.headers) == []


async def test_trap_17_message_type_sets_the_content_type() -> None:
    message = await _set('<property name="messageType" value="application/xml" scope="axis2"/>', b"{}")
    assert message.axis2 == {"messageType": "application/xml", "ContentType": "application/xml"}
    assert message.headers.get("Content-Type") == "application/xml"


@pytest.mark.parametrize(
    ("xml", "reads"),
    [
        ('<property name="messageType" value="application/xml" scope="axis2"/>', True),
        ('<property name="messageType" scope="axis2" action="remove"/>', False),
        ('<property name="messageType" value="application/xml"/>', False),
        ('<property name="HTTP_SC" value="200" scope="axis2"/>', False),
        ('<property name="p" expression="json-eval($.a)"/>', True),
        ('<property name="p" expression="$trp:a"/>', False),
        ('<property name="{json-eval($.a)}" value="v"/>', True),
    ],
)
def test_only_what_looks_into_the_body_reads_it(xml: str, reads: bool) -> None:
    assert Harness().steps(xml)[0].reads_body is reads


async def test_the_registry_scope_writes_a_resource() -> None:
    harness = Harness()
    message = harness.message()
    await harness.run('<property name="conf:/tokens/a" value="ä" scope="registry"/>', message)
    assert harness.snapshot.registry.get("conf:/tokens/a") == "ä".encode()
    await harness.run('<property name="conf:/tokens/a" scope="registry" action="remove"/>', message)
    assert harness.snapshot.registry.get("conf:/tokens/a") is not None
    with pytest.raises(Fault, match="the registry resource 'conf:/x' cannot be set to null"):
        await harness.run('<property name="conf:/x" expression="$ctx:missing" scope="registry"/>', message)


async def test_the_system_scope_sets_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYELIN_TEST", "before")
    await _set('<property name="MYELIN_TEST" expression="$ctx:missing" scope="system"/>')
    assert os.environ["MYELIN_TEST"] == "before"
    message = await _set(
        '<property name="MYELIN_TEST" value="5" type="INTEGER" scope="system"/>'
        "<property name=\"p\" expression=\"get-property('system', 'MYELIN_TEST')\"/>"
    )
    assert message.properties["p"] == "5"


async def test_transport_headers_are_all_headers_but_the_type_of_the_body() -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = harness.message(b'{"a":1}', "application/json;v=2", headers={"Authorization": "x", "A": "1"})
    message.headers.add("A", "2")
    steps = (
        '<property name="TRANSPORT_HEADERS" scope="axis2" action="remove"/>'
        '<header name="B" value="3" scope="transport"/>'
        '<call><endpoint><http method="post" uri-template="http://b"/></endpoint></call>'
    )
    await harness.run(steps, message)
    [request] = http.requests
    assert (request.body, request.headers) == (
        b'{"a":1}',
        [(b"content-type", b"application/json;v=2"), (b"b", b"3")],
    )


async def test_no_headers_are_there_to_be_removed() -> None:
    harness = Harness()
    message = harness.message()
    await harness.run('<property name="TRANSPORT_HEADERS" scope="axis2" action="remove"/>', message)
    assert list(message.headers) == []


async def test_trap_17_remove_ignores_the_value() -> None:
    message = await _set('<property name="p" value="x" type="INTEGER" action="remove"/>', p=1)
    assert message.properties == {}


# ------------------------------------------------------------------ problems


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            '<property name="p"/>',
            "2:1: error[missing-attribute]: <property>: there is no value to set. "
            "Add value=, expression=, or XML inside.",
        ),
        ('<property value="v"/>', "2:1: error[missing-attribute]: <property> needs the attribute 'name'."),
        ('<property name="" value="v"/>', "2:1: error[missing-attribute]: <property>: the name is empty."),
        (
            '<property name="p" value="five" type="INTEGER"/>',
            "2:1: error[bad-value]: <property>: 'five' is no value of the type INTEGER.",
        ),
        (
            '<property name="p" value="&lt;a" type="OM"/>',
            "2:1: error[bad-value]: <property>: '<a' is no value of the type OM.",
        ),
        (
            '<property name="p" value="v" group="1"/>',
            "2:1: error[bad-value]: <property>: 'group' counts from 0 and needs a 'pattern'.",
        ),
        (
            '<property name="p" value="v" pattern="v" group="-1"/>',
            "2:1: error[bad-value]: <property>: 'group' counts from 0 and needs a 'pattern'.",
        ),
        (
            '<property name="p" value="v" scope="axis"/>',
            "2:37: error[bad-choice]: 'axis' is not one of default, synapse, axis2, axis2-client, transport, "
            "operation, registry, system, trace, analytics. Did you mean 'axis2'?",
        ),
        (
            '<property name="p" value="v" typ="LONG"/>',
            "2:35: warning[unknown-attribute]: <property> has no attribute 'typ'; it is ignored. Did you mean 'type'?",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]
