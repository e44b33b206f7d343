from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from engine.core.wire import body_of
from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.message.body import BodyStream
from engine.message.payload import Payload
from engine.testing.harness import Harness
from tests.mediators.payload_factories import content_of, factory_of, message_after

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"


# ------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    ("template", "arg", "body", "made"),
    [
        ('{"a": "$1"}', 'evaluator="json" expression="$.v"', b'{"v": "x"}', b'{"a": "x"}'),
        ('{"a": "$1"}', 'evaluator="json" expression="json-eval($.v)"', b'{"v": "x"}', b'{"a": "x"}'),
        ('{"a": "$1"}', 'expression="json-eval($.v)"', b'{"v": "x"}', b'{"a": "x"}'),
        ('{"a": "$1"}', 'evaluator="json" expression="$.v"', b'{"v": "say \\"hi\\"\\n"}', b'{"a": "say \\"hi\\"\\n"}'),
        ('{"a": $1}', 'evaluator="json" expression="$.v"', b'{"v": {"b": [1]}}', b'{"a": {"b":[1]}}'),
        ('{"a": $1}', 'evaluator="json" expression="$.v"', b'{"v": 400000000000000001}', b'{"a": 400000000000000001}'),
        ('{"a": $1}', 'evaluator="json" expression="$.v"', b'{"v": null}', b'{"a": null}'),
        ('{"a": "$1"}', 'evaluator="json" expression="$.v"', b"{}", b'{"a": ""}'),
        ('{"a": "$1"}', 'expression="$ctx:missing"', b"{}", b'{"a": ""}'),
        ('{"a": "$1"}', 'value="x"', b"{}", b'{"a": "x"}'),
        ('{"a": "$1"}', 'evaluator="json" expression="$.v"', b'{"v": "costs $1"}', b'{"a": "costs $1"}'),
        (
            '{"a": "$1"}',
            'literal="true" evaluator="json" expression="$.v"',
            b'{"v": "{\\"b\\": 1}"}',
            b'{"a": "{\\"b\\": 1}"}',
        ),
    ],
)
async def test_trap_19_json(template: str, arg: str, body: bytes, made: bytes) -> None:
    message = await message_after(factory_of("json", template, arg), body)
    assert message.payload.body() == made


async def test_the_text_of_the_author_goes_out_as_it_stands() -> None:
    message = await message_after(factory_of("json", '\n  { "b" : 1.50,\n    "a" : 2 }\n'))
    assert message.payload.body() == b'{ "b" : 1.50,\n    "a" : 2 }'
    assert str(message.payload.json()["b"]) == "1.50"


async def test_a_cdata_section_is_text() -> None:
    message = await message_after(factory_of("json", '<![CDATA[{"a": "<b>&"}]]>'))
    assert message.payload.body() == b'{"a": "<b>&"}'


BROKEN = "test.xml:2:1 <payloadFactory>"


@pytest.mark.parametrize("read", [lambda payload: payload.json(), lambda payload: payload.copy().render("xml")])
async def test_text_that_only_begins_as_json_is_a_fault_of_its_place_for_who_reads_it(
    read: Callable[[Payload], object],
) -> None:
    message = await message_after("\n" + factory_of("json", '{"a": $1}', 'value="two words"'))
    with pytest.raises(Fault) as caught:
        read(message.payload)
    assert caught.value.message == "the payload is not JSON: Expecting value at line 1 column 7"
    assert caught.value.status == 500
    assert caught.value.at() == BROKEN


@pytest.mark.parametrize(
    ("template", "argument", "sent"),
    [
        # ESBJAVA5030: XML becomes JSON, whatever stands around it.
        ('{"output": "$1"}', 'value="&lt;abc>sample&lt;/abc> "', b'{"output": "{"abc":"sample"}"}'),
        ("[$1", 'value="1"', b"[1"),
    ],
)
async def test_text_that_only_begins_as_json_is_sent_as_it_is(
    caplog: pytest.LogCaptureFixture, template: str, argument: str, sent: bytes
) -> None:
    with caplog.at_level(logging.WARNING, "myelin.payload"):
        message = await message_after("\n" + factory_of("json", template, argument))
    assert body_of(message, is_answer=True) == (sent, "application/json; charset=UTF-8")
    assert compile_expression("json-eval($)", {}).text(message) == sent.decode()
    [record] = caplog.records
    assert f"at {BROKEN}; it is sent as it is" in record.getMessage()


@pytest.mark.parametrize("text", ["two words", "}", "tru", "<a/>", "'a'"])
async def test_text_that_does_not_even_begin_as_json_is_a_fault(text: str) -> None:
    with pytest.raises(Fault, match="the payload is not JSON") as caught:
        await message_after(factory_of("json", f"<![CDATA[{text}]]>"))
    assert caught.value.status == 500


async def test_control_characters_in_strings_become_escapes_where_the_flow_asks_for_it() -> None:
    body = b'<text>{"chars" :\n "266/W, &#60; &#62; &#38;,&#xd;\nline \\"2\\",\t&#xd;"}</text>'
    factory = factory_of("json", "$1", 'evaluator="json" expression="$.text"')
    asking = factory.replace("<payloadFactory", '<payloadFactory escapeXmlChars="true"')
    message = await message_after(asking, body, "application/xml")
    assert message.payload.body() == b'{"chars" :\n "266/W, < > &,\\r\\nline \\"2\\",\\t\\r"}'
    assert message.payload.json() == {"chars": '266/W, < > &,\r\nline "2",\t\r'}
    with pytest.raises(Fault, match="Invalid control character"):
        (await message_after(factory, body, "application/xml")).payload.json()


async def test_trap_21_a_missing_argument_leaves_the_rest_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "myelin.expressions"):
        message = await message_after(factory_of("json", '["$1", "$3", "$1"]', 'value="a"', 'value="b"'))
    assert message.payload.body() == b'["a", "$3", "$1"]'
    assert caplog.messages == ["the payload format uses $3 but has 2 argument(s)"]


async def test_without_args_nothing_is_replaced() -> None:
    message = await message_after('<payloadFactory media-type="json"><format>{"a": 1}</format></payloadFactory>')
    assert message.payload.json() == {"a": 1}


# ------------------------------------------------------------------ XML


@pytest.mark.parametrize(
    ("template", "arg", "body", "made"),
    [
        ('<a xmlns="">$1</a>', 'evaluator="json" expression="$.v"', b'{"v": "1 < 2"}', "<a>1 &lt; 2</a>"),
        ('<a xmlns="">$1</a>', 'evaluator="json" expression="$.v"', b'{"v": {"b": 1}}', "<a><b>1</b></a>"),
        ('<a xmlns="">$1</a>', 'expression="//v"', b'{"v": {"b": 1}}', "<a><v><b>1</b></v></a>"),
        ('<a xmlns="">$1</a>', 'expression="$ctx:missing"', b"{}", "<a/>"),
        ('<a xmlns="" b="$1">1</a>', 'value="&quot;"', b"{}", '<a b="&quot;">1</a>'),
        ('<a xmlns="">\n  <b>$1</b>\n</a>', 'value=" "', b"{}", "<a><b> </b></a>"),
        ("&lt;a&gt;$1&lt;/a&gt;", 'value="1"', b"{}", "<a>1</a>"),
    ],
)
async def test_trap_20_xml(template: str, arg: str, body: bytes, made: str) -> None:
    message = await message_after(factory_of("xml", template, arg), body)
    assert content_of(message) == made


async def test_trap_22_elements_inherit_the_namespace_of_the_language() -> None:
    message = await message_after("<payloadFactory><format><a>1</a></format></payloadFactory>")
    assert content_of(message) == '<a xmlns="http://ws.apache.org/ns/synapse">1</a>'


@pytest.mark.parametrize("version", [SOAP11, SOAP12])
async def test_a_whole_envelope_replaces_the_one_that_is_there(version: str) -> None:
    envelope = f'<s:Envelope xmlns:s="{version}" xmlns=""><s:Header><h/></s:Header><s:Body><a/></s:Body></s:Envelope>'
    message = await message_after(factory_of("xml", envelope))
    assert message.payload.kind == ("soap11" if version == SOAP11 else "soap12")
    assert [each.tag for each in message.payload.envelope().iterfind("{*}*/*")] == ["h", "a"]
    assert message.payload.envelope().getparent() is None


@pytest.mark.parametrize(("version", "content_type"), [(SOAP11, "text/xml"), (SOAP12, "application/soap+xml")])
async def test_a_soap_message_keeps_version_and_header_blocks(version: str, content_type: str) -> None:
    body = (
        f'<s:Envelope xmlns:s="{version}"><s:Header><h>1</h></s:Header><s:Body><old/></s:Body></s:Envelope>'
    ).encode()
    message = await message_after(factory_of("xml", '<new xmlns="">1</new>'), body, content_type)
    envelope = message.payload.envelope()
    assert envelope.tag == f"{{{version}}}Envelope"
    assert [each.tag for each in envelope.iterfind("{*}*/*")] == ["h", "new"]
    assert message.message_type == content_type


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("just text", "the payload made here has no XML element"),
        ("", "the payload made here has no XML element"),
        ("&lt;a&gt;", "the payload made here is not XML: .*mismatch.*"),
    ],
)
async def test_text_that_is_no_xml_is_a_fault(template: str, text: str) -> None:
    with pytest.raises(Fault, match=text):
        await message_after(factory_of("xml", template))


# ------------------------------------------------------------------ text and types


async def test_text() -> None:
    message = await message_after(
        factory_of("text", " Dear $1,\n$2 ", 'value="A"', 'evaluator="json" expression="$.n"'), b'{"n": 5}'
    )
    assert message.payload.body() == b"Dear A,\n5"


@pytest.mark.parametrize(
    ("media_type", "template", "before", "after"),
    [
        ("json", "{}", "application/xml", "application/json"),
        ("json", "{}", "application/vnd.api+json", "application/json"),
        ("text", "x", "application/json", "text/plain"),
        ("xml", '<a xmlns="">1</a>', "application/json", "application/xml"),
        ("xml", '<a xmlns="">1</a>', "application/xml", "application/xml"),
        ("xml", '<a xmlns="">1</a>', "text/xml; charset=UTF-8", "text/xml; charset=UTF-8"),
        ("xml", '<a xmlns="">1</a>', "application/soap+xml", "application/soap+xml"),
    ],
)
async def test_trap_23_the_content_type_follows(media_type: str, template: str, before: str, after: str) -> None:
    body = b"{}" if "json" in before else b"<old/>"
    message = await message_after(factory_of(media_type, template), body, before)
    assert message.message_type == after
    assert message.headers.get("Content-Type") == after


async def test_trap_23_the_body_is_sent_again() -> None:
    message = await message_after(
        '<property name="NO_ENTITY_BODY" value="true" scope="axis2"/>' + factory_of("json", "{}")
    )
    assert "NO_ENTITY_BODY" not in message.axis2


class _Stream(BodyStream):
    def __init__(self) -> None:
        self.length = None
        self.closed = False

    async def read(self) -> bytes:
        raise AssertionError("nobody looks into this body")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("media_type", "template"), [("json", '{"a": 1}'), ("text", '{"a": 1}'), ("xml", '<a xmlns="">1</a>')]
)
async def test_a_body_that_is_replaced_is_not_read(media_type: str, template: str) -> None:
    harness = Harness()
    message = harness.message()
    stream = _Stream()
    message.payload = Payload(stream, "application/json")
    await harness.run(factory_of(media_type, template), message)
    assert stream.closed
    assert not message.payload.pending


@pytest.mark.parametrize("content_type", ["application/json", "text/xml", "application/xml"])
@pytest.mark.parametrize(("media_type", "template"), [("json", "{}"), ("text", "x"), ("xml", '<a xmlns="">1</a>')])
async def test_a_body_that_cannot_be_read_can_be_replaced(content_type: str, media_type: str, template: str) -> None:
    message = await message_after(factory_of(media_type, template), b"<broken", content_type)
    assert b"broken" not in message.payload.render(message.payload.kind)


@pytest.mark.parametrize(
    ("xml_text", "reads"),
    [
        (factory_of("json", "{}"), False),
        (factory_of("json", "{}", 'evaluator="json" expression="$"'), True),
        (factory_of("json", "{}", 'expression="$trp:a"'), False),
        (factory_of("xml", "x"), False),
        (factory_of("xml", "x", 'expression="//a"'), True),
    ],
)
def test_only_what_looks_into_the_body_reads_it(xml_text: str, reads: bool) -> None:
    assert Harness().steps(xml_text)[0].reads_body is reads


# ------------------------------------------------------------------ stored formats

ENTRIES = """
<localEntry key="as-text">{"a": "$1"}</localEntry>
<localEntry key="as-xml"><a xmlns="">
  <b>$1</b>
</a></localEntry>
"""


@pytest.mark.parametrize("key", ["as-text", "{$ctx:which}"])
async def test_the_format_of_a_local_entry(key: str) -> None:
    harness = Harness(ENTRIES)
    steps = harness.steps(
        f'<payloadFactory media-type="json"><format key="{key}"/><args><arg value="1"/></args></payloadFactory>'
    )
    for _ in range(2):
        message = harness.message()
        message.properties["which"] = "as-text"
        await steps[0].mediate(message)
        assert message.payload.body() == b'{"a": "1"}'


async def test_a_computed_key_takes_each_format_in_turn() -> None:
    harness = Harness('<localEntry key="one">[1]</localEntry><localEntry key="two">[2]</localEntry>')
    steps = harness.steps('<payloadFactory media-type="json"><format key="{$ctx:which}"/></payloadFactory>')
    made = []
    for which in ("one", "two", "one"):
        message = harness.message()
        message.properties["which"] = which
        await steps[0].mediate(message)
        made.append(message.payload.body())
    assert made == [b"[1]", b"[2]", b"[1]"]


async def test_the_format_of_an_xml_entry_has_no_indentation() -> None:
    harness = Harness(ENTRIES)
    message = harness.message()
    await harness.run('<payloadFactory><format key="as-xml"/><args><arg value="1"/></args></payloadFactory>', message)
    assert content_of(message) == "<a><b>1</b></a>"


@pytest.mark.parametrize(("key", "named"), [("nowhere", "nowhere"), ("{$ctx:missing}", r"\{\$ctx:missing\}")])
async def test_a_format_that_is_not_there_is_a_fault(key: str, named: str) -> None:
    with pytest.raises(Fault, match=f"there is no entry '{named}' with the format of the payload"):
        await message_after(f'<payloadFactory media-type="json"><format key="{key}"/></payloadFactory>')


# ------------------------------------------------------------------ problems


@pytest.mark.parametrize(
    ("xml_text", "problem"),
    [
        ("<payloadFactory/>", "2:1: error[missing-element]: <payloadFactory> needs <format>."),
        (
            '<payloadFactory media-type="json"><format><![CDATA[{"a": ${payload.}}]]></format></payloadFactory>',
            "2:68: error[bad-expression]: <payloadFactory>: '}' stands where a name must follow. "
            "Write ['a name'] for a name with other characters.",
        ),
        (
            '<payloadFactory template-type="freemarker" media-type="text"><format><![CDATA[a\n<#macro x>]]></format>'
            "</payloadFactory>",
            "3:1: error[bad-expression]: <payloadFactory>: <#macro> is not supported here.",
        ),
        (
            '<payloadFactory><format><a xmlns="">${payload.}</a></format></payloadFactory>',
            "2:1: error[bad-expression]: <payloadFactory>: the expression ends where a name must follow. "
            "Write ['a name'] for a name with other characters.",
        ),
        (
            '<payloadFactory media-type="jsn"><format>x</format></payloadFactory>',
            "2:29: error[bad-choice]: 'jsn' is not one of xml, json, text. Did you mean 'json'?",
        ),
        (
            factory_of("json", "x", 'evaluator="json"'),
            "2:59: error[one-of]: <arg> needs exactly one of the attribute 'value', the attribute 'expression'.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml_text: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml_text}") == [problem]


@pytest.mark.parametrize("path", ["$.a[", "$..["])
def test_a_wrong_json_path_is_a_problem_at_its_place(path: str) -> None:
    line = f'<arg evaluator="json" expression="{path}"/>'
    [problem] = Harness().problems(
        f'<payloadFactory media-type="json"><format>x</format><args>\n{line}</args></payloadFactory>'
    )
    where, _, text = problem.partition(": ")
    assert text.startswith("error[bad-expression]: ")
    row, column = map(int, where.split(":"))
    start = line.index(path) + 1
    assert row == 2
    assert start <= column <= start + len(path)
