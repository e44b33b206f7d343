from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.message.codecs import xml
from engine.testing.harness import Harness
from tests.mediators.payload_factories import message_after


def _freemarker(media_type: str, template: str, *args: str) -> str:
    inside = "".join(f"<arg {arg}/>" for arg in args)
    start = f'<payloadFactory media-type="{media_type}" template-type="freemarker">'
    return f"{start}<format><![CDATA[{template}]]></format><args>{inside}</args></payloadFactory>"


async def test_freemarker_makes_json() -> None:
    harness = Harness()
    message = harness.message(b'{"firstname":"Ada","lastname":"L\\"L","n":1234567}', "application/json")
    message.variables["userID"] = 123
    template = """{
        "name": "${payload.firstname} ${payload.lastname?json_string}",
        "id": ${vars.userID}, "n": ${payload.n?c}, "x": "${args.arg1}",
        "list": [<#list 1..3 as i>${i}<#sep>, </#list>]
    }"""
    await harness.run(_freemarker("json", template, 'expression="json-eval($.lastname)"'), message)
    assert message.payload.json() == {"name": 'Ada L"L', "id": 123, "n": 1234567, "x": 'L"L', "list": [1, 2, 3]}
    assert message.axis2["messageType"] == "application/json"


async def test_freemarker_makes_xml_and_text() -> None:
    body = b"<user><name>A &amp; B</name><age>3</age></user>"
    template = '<o at="${payload.user.age}"><n>${payload.user.name?xml}</n></o>'
    message = await message_after(_freemarker("xml", template), body, "application/xml")
    content = message.payload.content()
    assert content is not None
    assert xml.text_of(content) == '<o at="3"><n>A &amp; B</n></o>'
    message = await message_after(_freemarker("text", "Hi ${payload.user.name}"), body, "application/xml")
    assert message.payload.text() == "Hi A & B"


async def test_a_freemarker_template_that_fails_is_a_fault() -> None:
    with pytest.raises(Fault, match="the FreeMarker template fails at line 2: there is no 'none'"):
        await message_after(_freemarker("json", '{\n"a": "${payload.none}"}'))
