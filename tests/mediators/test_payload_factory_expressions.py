"""`${…}` in the templates of ``<payloadFactory>``."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.errors import Fault
from engine.testing.harness import Harness
from tests.mediators.payload_factories import content_of, factory_of, message_after

PET = b'{"path":true,"customer_name":"Ada \\"L\\"","n":null,"price":2.50,"pet":{"id":1,"tags":["a"]},"spelled":"[1]"}'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"a": ${vars.id}}', '{"a": 123}'),
        ('{"a": "${vars.id}"}', '{"a": "123"}'),
        ('{"a": "${payload.customer_name}"}', '{"a": "Ada \\"L\\""}'),
        ('{"a": "Hello ${payload.path}!"}', '{"a": "Hello true!"}'),
        ('{"a": "Hello ${payload.customer_name}!"}', '{"a": "Hello Ada \\"L\\"!"}'),
        ('{"a": "${vars.id}-${payload.customer_name}", "b": ${vars.id}}', '{"a": "123-Ada \\"L\\"", "b": 123}'),
        (
            '{"a\\\\\\"": "of ${payload.pet} ${vars.xml}"}',
            '{"a\\\\\\"": "of {\\"id\\":1,\\"tags\\":[\\"a\\"]} <f>x</f>"}',
        ),
        ('{"${vars.id}x": "${vars.none} "}', '{"123x": " "}'),
        ('{"a": ${payload.path}, "b": "${payload.path}"}', '{"a": true, "b": "true"}'),
        ('{"a": ${payload.pet}}', '{"a": {"id":1,"tags":["a"]}}'),
        ('{"a": "${payload.pet}"}', '{"a": "{\\"id\\":1,\\"tags\\":[\\"a\\"]}"}'),
        ('{"a": ${payload.price}}', '{"a": 2.50}'),
        ('{"a": "${payload.n}"}', '{"a": ""}'),
        ('{"a": ${payload.spelled}}', '{"a": [1]}'),
        ('{"a": ${vars.xml}}', '{"a": {"f":"x"}}'),
        ('{"a": "${vars.xml}"}', '{"a": "<f>x</f>"}'),
        ('{"a": "${vars.dollar}"}', '{"a": "$1 \\\\"}'),
        ('{"a": ${payload.path ? 1 : 2}}', '{"a": 1}'),
        ('{"a": "$1", "b": ${vars.id}}', '{"a": "arg", "b": 123}'),
    ],
)
async def test_trap_19_expressions_in_json(template: str, expected: str) -> None:
    harness = Harness()
    message = harness.message(PET, "application/json")
    message.variables.update(id=123, xml=etree.fromstring("<f>x</f>"), dollar="$1 \\")
    await harness.run(factory_of("json", f"<![CDATA[{template}]]>", 'value="arg"'), message)
    assert message.payload.json_text() == expected


@pytest.mark.parametrize("text", ["C:\\temp", 'say "hi"', "line\nline", "\u2028é", "$1 \\1"])
async def test_a_text_stays_the_text_it_is(text: str) -> None:
    harness = Harness()
    message = harness.message(b"{}", "application/json")
    message.variables["v"] = text
    await harness.run(factory_of("json", '{"a": "${vars.v}"}'), message)
    assert message.payload.json() == {"a": text}
    await harness.run(factory_of("xml", '<a xmlns="">${vars.v}</a>'), message)
    content = message.payload.content()
    assert content is not None
    assert content.text == text


@pytest.mark.parametrize("text", ["apple", "red apple", '1, "admin": true', "x}", "\u00e9\\n"])
async def test_a_text_without_quotes_in_the_template_is_one_json_string(text: str) -> None:
    harness = Harness()
    message = harness.message(b"{}", "application/json")
    message.variables["v"] = text
    await harness.run(factory_of("json", '{"a": ${vars.v}}'), message)
    assert message.payload.json() == {"a": text}


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("true", True), ('{"b": [1]}', {"b": [1]}), ('"q"', "q")])
async def test_a_text_that_is_json_stays_json(text: str, value: object) -> None:
    harness = Harness()
    message = harness.message(b"{}", "application/json")
    message.variables["v"] = text
    await harness.run(factory_of("json", '{"a": ${vars.v}}'), message)
    assert message.payload.json() == {"a": value}


async def test_nothing_may_stand_between_members() -> None:
    harness = Harness()
    message = harness.message(b"{}", "application/json")
    message.variables["v"] = ""
    await harness.run(factory_of("json", '{${vars.v} "a": 1}'), message)
    assert message.payload.json() == {"a": 1}


async def test_text_that_is_no_json_disturbs_nobody_who_does_not_look() -> None:
    message = await message_after(factory_of("json", "{"))
    message.payload.set_json({})
    assert message.payload.body() == b"{}"


async def test_trap_20_expressions_in_xml() -> None:
    harness = Harness()
    message = harness.message(PET, "application/json")
    message.variables.update(user="1<2", xml=etree.fromstring("<f>x</f>"))
    template = """
        <o xmlns="" at="${vars.user}">
            <u>${vars.user}</u><n>${payload.pet.id}</n><x>${vars.xml}</x><p>${payload.pet}</p>
            <c>${1 &lt; 2 ? 'yes' : 'no'}</c><e>${vars.none}</e>
        </o>"""
    await harness.run(factory_of("xml", template), message)
    assert content_of(message) == (
        '<o at="1&lt;2"><u>1&lt;2</u><n>1</n><x><f>x</f></x><p><id>1</id><tags>a</tags></p><c>yes</c><e/></o>'
    )


async def test_expressions_on_xml_in_json() -> None:
    body = b"<root><name>Ada</name><pet><id>1</id></pet></root>"
    template = """{"s": "${xpath('//name/text()')}", "q": "${xpath('//pet')}", "o": ${xpath('//pet')}}"""
    message = await message_after(factory_of("json", template), body, "application/xml")
    assert message.payload.json() == {"s": "Ada", "q": "<pet><id>1</id></pet>", "o": {"pet": {"id": 1}}}


async def test_expressions_in_text() -> None:
    message = await message_after(factory_of("text", "Hi ${payload.pet}, &lt;${payload.path}>"), PET)
    assert message.payload.text() == 'Hi {"id":1,"tags":["a"]}, <true>'


async def test_expressions_in_a_stored_format() -> None:
    harness = Harness(
        '<localEntry key="good">{"x": ${payload.a.b[1]}}</localEntry><localEntry key="bad">{"x": ${a}}</localEntry>'
    )
    message = harness.message(b'{"a":{"b":[1,2]}}', "application/json")
    await harness.run('<payloadFactory media-type="json"><format key="good"/></payloadFactory>', message)
    assert message.payload.json() == {"x": 2}
    with pytest.raises(Fault, match="the format 'bad' has a mistake at character 8: 'a' is no value"):
        await harness.run('<payloadFactory media-type="json"><format key="bad"/></payloadFactory>', message)


@pytest.mark.parametrize(
    ("steps", "reads"),
    [
        (factory_of("json", "{}"), False),
        (factory_of("json", '{"a": "$1"}', 'expression="$ctx:a"'), False),
        (factory_of("json", '{"a": "$1"}', 'expression="json-eval($.a)"'), True),
        (factory_of("json", '{"a": ${vars.a}}'), False),
        (factory_of("json", '{"a": ${payload.a}}'), True),
        ('<payloadFactory media-type="json"><format key="stored"/></payloadFactory>', True),
    ],
)
def test_only_some_formats_read_the_body(steps: str, reads: bool) -> None:
    [factory] = Harness('<localEntry key="stored">{}</localEntry>').steps(steps)
    assert factory.reads_body is reads
