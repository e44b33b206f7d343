from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.core.env import ScriptLimits
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import Harness, StubClient

ORDER = b'{"id": 9007199254740993, "price": 10.50, "count": 2}'


def js(source: str, attributes: str = 'language="js"') -> str:
    return f"<script {attributes}><![CDATA[{source}]]></script>"


async def ran(
    source: str, body: bytes = ORDER, content_type: str = "application/json", **properties: Any
) -> MessageContext:
    harness = Harness()
    message = harness.message(body, content_type)
    message.properties.update(properties)
    assert await harness.run(js(source), message) is True
    return message


async def test_payload_and_properties() -> None:
    message = await ran(
        "var p = mc.getPayloadJSON(); p.total = p.price * p.count; mc.setPayloadJSON(p);"
        "mc.setProperty('who', mc.getProperty('user') + '!');",
        user="ann",
    )
    assert message.payload.json_text() == '{"id":9007199254740993,"price":10.50,"count":2,"total":21}'
    assert message.properties["who"] == "ann!"


async def test_trap_24_an_unset_property_is_null() -> None:
    message = await ran("mc.setProperty('r', mc.getProperty('x') === null && mc.getProperty('x') == undefined)")
    assert message.properties["r"] is True


@pytest.mark.parametrize(
    ("source", "goes_on"),
    [("false", False), ("true", True), ("0", True), ("''", True), ("null", True), ("var a = 1; a == 2", False),
     ("if (true) { false }", False), ("mc.setProperty('a', false)", True), ("return false;", False), ("", True)],
)  # fmt: skip
async def test_trap_24_a_last_value_of_false_ends_the_flow(source: str, goes_on: bool) -> None:
    harness = Harness()
    assert await harness.run(js(source + " "), harness.message(ORDER)) is goes_on if source else True


async def test_trap_24_set_payload_json_does_not_set_the_message_type() -> None:
    message = await ran("mc.setPayloadJSON({a: 1})", b"<a/>", "application/xml")
    assert (message.payload.kind, message.axis2.get("messageType")) == ("json", None)


async def test_trap_5_a_null_does_not_overwrite() -> None:
    source = "mc.setProperty('a', null); mc.setProperty('b', undefined); mc.setProperty('c', mc.getProperty('a'))"
    message = await ran(source, a="old", b="old")
    assert message.properties == {"a": "old", "b": "old", "c": "old"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{a: [1, null, 'x', {}], b: true}", '{"a":[1,null,"x",{}],"b":true}'),
        ("'{\"n\": 1.50}'", '{"n": 1.50}'),
        ("[1]", "[1]"),
        ("null", "{}"),
        ("undefined", "{}"),
        ("'\\u00e9\\ud83d\\ude00'.length", "3"),
        ("{s: '\\u00e9\\ud83d\\ude00'}", '{"s":"é😀"}'),
        ("mc.getPayloadJSON().id", "9007199254740993"),
    ],
)
async def test_what_set_payload_json_takes(value: str, text: str) -> None:
    message = await ran(f"mc.setPayloadJSON({value})")
    assert message.payload.json_text() == text


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"", "application/json"), (b"<a/>", "application/xml"), (b"x", "text/plain")]
)
async def test_a_payload_that_is_not_json_is_an_empty_object(body: bytes, content_type: str) -> None:
    message = await ran("mc.setProperty('r', JSON.stringify(mc.getPayloadJSON()))", body, content_type)
    assert message.properties["r"] == "{}"


async def test_ids_that_share_a_double_are_told_apart() -> None:
    message = await ran(
        "var p = mc.getPayloadJSON();"
        "mc.setPayloadJSON({items: p.items.filter(function (i) { return i.id == p.want; })})",
        b'{"want": 9007199254740993, "items": [{"id": 9007199254740992}, {"id": 9007199254740993}]}',
    )
    assert message.payload.json_text() == '{"items":[{"id":9007199254740993}]}'


# JavaScript puts keys that are whole numbers first.
_KEYS = st.text().filter(lambda key: not key.isdigit() and not key.startswith("\0"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda each: st.lists(each) | st.dictionaries(_KEYS, each),
    max_leaves=15,
)  # fmt: skip


@given(_VALUES)
def test_a_script_that_only_passes_the_payload_on_changes_nothing(value: Any) -> None:
    text = json.encode({"v": value})

    async def check() -> None:
        message = await ran("mc.setPayloadJSON(mc.getPayloadJSON())", text)
        assert json.encode(message.payload.json()) == json.encode(json.decode(text))

    asyncio.run(check())


async def test_xml_in_and_out() -> None:
    message = await ran(
        "var symbol = mc.getPayloadXML()..*::Code.toString();"
        "mc.setPayloadXML(<m:quote xmlns:m='urn:m'><m:symbol>{symbol}</m:symbol></m:quote>);",
        b'<a xmlns="urn:a"><Code>I&amp;B</Code></a>',
        "application/xml",
    )
    assert message.payload.text() == '<m:quote xmlns:m="urn:m"><m:symbol>I&amp;B</m:symbol></m:quote>'


async def test_a_soap_message_keeps_its_envelope_and_gets_header_blocks() -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    body = f'<e:Envelope xmlns:e="{soap}"><e:Header><h/></e:Header><e:Body><a/></e:Body></e:Envelope>'.encode()
    message = await ran(
        "mc.setPayloadXML('<b/>'); mc.addHeader(true, '<t xmlns=\"urn:t\">x</t>')", body, "text/xml; charset=utf-8"
    )
    header = message.payload.envelope().find("{*}Header")
    assert header is not None
    assert [child.tag for child in header] == ["h", "{urn:t}t"]
    assert header[1].get(f"{{{soap}}}mustUnderstand") == "1"
    content = message.payload.content()
    assert content is not None
    assert content.tag == "b"


async def test_scopes() -> None:
    message = await ran(
        "mc.setProperty('a', 'A', 'axis2'); mc.setProperty('h', 'H', 'transport');"
        "mc.setProperty('o', 'O', 'operation'); mc.setProperty('messageType', 'text/xml', 'axis2');"
        "mc.removeProperty('gone'); mc.removeProperty('Drop', 'transport');"
        "mc.setProperty('x', 'X', 'nonsense')",
        gone="x",
    )
    assert message.axis2["a"] == "A"
    assert message.headers.get("h") == "H"
    assert message.operation["o"] == "O"
    assert message.headers.get("content-type") == "text/xml"
    assert message.properties == {}


async def test_variables_addresses_and_the_direction() -> None:
    harness = Harness()
    message = harness.message(ORDER)
    message.variables["v"] = {"n": 1}
    source = (
        "mc.setVariable('w', mc.getVariable('v').n + 1); mc.setTo('http://there/x'); mc.setResponse(true);"
        "mc.setProperty('to', mc.getTo().getAddress() + mc.isResponse() + mc.isDoingPOX())"
    )
    await harness.run(js(source), message)
    assert (message.variables["w"], message.to, message.is_response) == (2, "http://there/x", True)
    # What the message was when the script began, but for the address.
    assert message.properties["to"] == "http://there/xfalsetrue"


async def test_the_registry() -> None:
    harness = Harness()
    source = (
        "importPackage(Packages.org.apache.synapse.config);"
        "var r = mc.getConfiguration().getRegistry(); r.newResource('c/token', false);"
        "r.updateResource('c/token', 'T1');"
        "mc.setProperty('now', r.getResource('c/token')); mc.setProperty('old', r.getResource('c/old') == null);"
    )
    message = harness.message(ORDER)
    await harness.run(js(source), message)
    assert harness.services.registry.get("c/token") == b"T1"
    assert message.properties == {"now": "T1", "old": True}
    await harness.run(js("mc.setProperty('seen', mc.getConfiguration().getRegistry().getResource('c/token'))"), message)
    assert message.properties["seen"] == "T1"


async def test_a_name_computed_at_run_time_is_found() -> None:
    message = await ran("for (var i = 0; i < 5; i++) mc.setProperty('r' + i, mc.getProperty('p' + i))",
                        p0="a", p1="b", p2="c", p3="d", p4="e")  # fmt: skip
    assert [message.properties[f"r{i}"] for i in range(5)] == list("abcde")


async def test_effects_of_a_repeated_run_happen_once() -> None:
    source = "mc.setProperty('n', Number(mc.getProperty('n')) + 1); mc.getProperty('a' + 1); mc.getVariable('v' + 2)"
    message = await ran(source, n=1)
    assert message.properties["n"] == 2


async def test_reads_without_end_are_a_fault() -> None:
    with pytest.raises(Fault, match="names anew"):
        await ran("mc.getProperty('a' + Math.random())")


async def test_xpath_and_the_envelope() -> None:
    message = await ran(
        "var list = mc.getXpathResult(\"//*[local-name()='b']\").selectNodes(mc.getPayloadXML());"
        "mc.setProperty('r', list.get(0).getText() + list.size());"
        "mc.getEnvelope().getBody().getFirstElement().detach()",
        b"<a><b>x</b><b>y</b></a>",
        "application/xml",
    )
    assert message.properties["r"] == "x2"
    assert message.payload.kind == "empty"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("<s:Body><a/><b/></s:Body>", "<s:Body><b/></s:Body>"),
        ("<s:Body><a/></s:Body>", "<s:Body/>"),
        ("<s:Body></s:Body>", "<s:Body></s:Body>"),
    ],
)
async def test_a_soap_message_whose_content_is_detached_keeps_its_envelope(body: str, left: str) -> None:
    envelope = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{}</s:Envelope>'
    source = "var body = mc.getEnvelope().getBody(); if (body.getFirstElement()) body.getFirstElement().detach()"
    message = await ran(source, envelope.format(body).encode(), "text/xml")
    assert message.payload.render("soap11") == envelope.format(left).encode()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("\n\nvar x = null;\nx.foo();", "test.xml:4: TypeError: cannot read property 'foo' of null"),
        ("throw 'no';", "the script failed: Error: no"),
        ("mc.setPayloadJSON('{nope')", "SyntaxError"),
        ("mc.setPayloadXML('<a>')", "what the script made is not XML"),
        ("mc.setPayloadXML('<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>')", "DOCTYPE"),
        ("new java.io.File('/etc/passwd')", "java.io.File is Java"),
    ],
)
async def test_a_script_that_fails_is_a_fault(source: str, text: str) -> None:
    with pytest.raises(Fault, match=text.replace("(", "\\(")):
        await ran(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("for (;;);", "longer than 0.2 seconds"),
        ("var a = []; for (;;) a.push('x'.repeat(999) + a.length)", "more than 16 MB"),
        ("/^(a+)+$/.test('a'.repeat(40) + 'b')", "longer than 0.2 seconds"),
        ("(function f() { f(); })()", "too deeply"),
    ],
)
async def test_limits_are_faults_and_the_engine_keeps_serving(source: str, text: str) -> None:
    harness = _limited(ScriptLimits(time=0.2, memory=16))
    [endless] = harness.steps(js(source))
    with pytest.raises(Fault, match=text):
        await endless.mediate(harness.message(ORDER))
    message = harness.message(ORDER)
    await harness.run(js("mc.setProperty('ok', 1)"), message)
    assert message.properties["ok"] == 1


async def test_a_property_may_be_an_element() -> None:
    message = await ran(
        "mc.setProperty('x', <a><b>{mc.getProperty('y').b}</b></a>)", y=etree.fromstring("<r><b>5</b></r>")
    )
    assert etree.tostring(message.properties["x"]) == b"<a><b><b>5</b></b></a>"


def _limited(scripts: ScriptLimits) -> Harness:
    harness = Harness()
    harness.snapshot.scripts = ProcessServices(Config(scripts=scripts), StubClient()).scripts
    return harness


# -------------------------------------------------------------------- by key

LIBRARY = (
    '<localEntry key="lib"><![CDATA[function twice(x) { return x + x; }]]></localEntry>'
    '<localEntry key="main"><![CDATA[var calls = 0;'
    "function go(mc, a) { calls++; mc.setProperty('r', twice(mc.getProperty('p')) + calls); return a; }"
    "function mediate(mc) { mc.setProperty('r', 'default'); return false; }]]></localEntry>"
    '<localEntry key="broken"><![CDATA[\nfunction ( {]]></localEntry>'
)


@pytest.mark.parametrize("key", ["main", "{'main'}"])
async def test_by_key_with_function_and_include(key: str) -> None:
    harness = Harness(LIBRARY)
    [step] = harness.steps(f'<script language="js" key="{key}" function="go"><include key="lib"/></script>')
    for _ in range(2):
        message = harness.message(ORDER)
        message.properties["p"] = "ab"
        assert await step.mediate(message) is True
        assert message.properties["r"] == "abab1"


async def test_the_default_function_is_mediate() -> None:
    harness = Harness(LIBRARY)
    message = harness.message(ORDER)
    assert await harness.run('<script language="js" key="main"/>', message) is False
    assert message.properties["r"] == "default"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('<script language="js" key="{\'none\'}"/>', "no entry 'none'"),
        ('<script language="js" key="main" function="absent"/>', "no function 'absent'"),
        ('<script language="js" key="broken"/>', "does not compile at line 1"),
    ],
)
async def test_keys_that_lead_nowhere(xml: str, text: str) -> None:
    harness = Harness(LIBRARY)
    with pytest.raises(Fault, match=text):
        await harness.run(xml, harness.message(ORDER))


async def test_a_script_from_the_registry_is_read_again_when_it_changes() -> None:
    harness = Harness()
    harness.services.registry.put("conf:/s.js", b"function mediate(mc) { mc.setProperty('v', 1); }")
    [step] = harness.steps('<script language="js" key="conf:/s.js"/>')
    message = harness.message(ORDER)
    await step.mediate(message)
    harness.services.registry.put("conf:/s.js", b"function mediate(mc) { mc.setProperty('v', 2); }")
    await step.mediate(message)
    assert message.properties["v"] == 2


@pytest.mark.parametrize(
    ("result", "target", "expected"),
    [
        ("{a: n + 1}", 'target="variable" target-variable="v"', {"a": 3}),
        ("false", 'target="variable" target-variable="v"', False),
        ("[n, j.x]", 'target="variable" target-variable="v"', [2, 9007199254740993]),
    ],
)
async def test_targets_and_inputs(result: str, target: str, expected: Any) -> None:
    harness = Harness(f'<localEntry key="f">function f(mc, n, j) {{ return {result}; }}</localEntry>')
    message = harness.message(ORDER)
    xml = (
        f'<script language="js" key="f" function="f" {target}><inputs>'
        '<argument name="n" type="INTEGER" value="2"/>'
        '<argument name="j" type="JSON" expression="json-eval($)"/></inputs></script>'
    )
    message.payload.set_json({"x": 9007199254740993})
    assert await harness.run(xml, message) is True
    assert message.variables["v"] == expected


async def test_the_body_as_target() -> None:
    harness = Harness('<localEntry key="f">function mediate(mc) { return {a: 1}; }</localEntry>')
    message = harness.message(b"x", "text/plain")
    await harness.run('<script language="js" key="f" target="body"/>', message)
    assert (message.payload.json_text(), message.message_type) == ('{"a":1}', "application/json")


# -------------------------------------------------------------------- at load


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            '\n<script language="groovy">x</script>',
            "2:1: error[unsupported]: <script>: scripts in 'groovy'",
        ),
        ("\n<script>1</script>", "2:1: error[missing-attribute]: <script> needs the attribute 'language'."),
        ('\n<script language="js">\n  var a = 1;\n  b + = 2;\n</script>', "4:3: error[bad-script]: SyntaxError"),
        ('\n<script language="js"><![CDATA[\nvar a = <b>;]]></script>', "3:9: error[unsupported]: an XML literal is"),
        ('\n<script language="rhinoJs">p.item.(@a == 1) + p..b</script>', "2:34: error[unsupported]: the filter"),
        ('\n<script language="js" function="f">1</script>', "2:1: error[requires]"),
        ('\n<script language="js" key="{\'a\'}" target="variable"/>', "2:1: error[missing-attribute]"),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    problems = Harness().problems(xml)
    assert len(problems) == 1
    assert problems[0].startswith(problem), problems


@pytest.mark.parametrize("language", ["js", "javascript", "nashornJs", "rhinoJs", "graalJs"])
def test_the_names_of_javascript(language: str) -> None:
    assert Harness().problems(js("1", f'language="{language}"')) == []


# -------------------------------------------------------------------- Python


async def test_python_is_off_unless_the_configuration_allows_it() -> None:
    harness = Harness()
    xml = '<script language="py">mc.setProperty("a", 1)</script>'
    with pytest.raises(Fault, match=r"scripts\.python"):
        await harness.run(xml, harness.message(ORDER))
    allowed = _limited(ScriptLimits(python=True))
    message = allowed.message(ORDER)
    assert await allowed.run(xml, message) is True
    assert message.properties["a"] == 1


MARKS = [
    b'{"\\u0000n":"hello"}',
    b'{"\\u0000n":"1"}',
    b'{"a":{"\\u0000n":"hello"},"b":9007199254740993,"c":9007199254740992}',
]


@pytest.mark.parametrize("body", MARKS)
async def test_a_client_that_sends_the_mark_of_a_number_gets_its_object_back(body: bytes) -> None:
    message = await ran("mc.setPayloadJSON(mc.getPayloadJSON())", body)
    assert message.payload.json_text() == body.decode()


async def test_a_resource_has_no_name_of_the_language() -> None:
    assert (
        await ran("mc.setProperty('r', mc.getConfiguration().getRegistry().getResource('constructor') === null)")
    ).properties["r"] is True
