from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

SCHEMA = """<localEntry key="s"><![CDATA[{"type": "object", "properties": {"id": {"type": "string"},
"tags": {"type": "array", "items": {"type": "integer"}}}}]]></localEntry>"""


SCHEMA_IN_XML = '<localEntry key="s"><a/></localEntry>'


async def transformed(xml: str, body: str, content_type: str, artifacts: str = SCHEMA) -> bytes:
    harness = Harness(artifacts)
    message = harness.message(body.encode(), content_type)
    assert await harness.run(xml, message) is True
    return bytes(message.payload.render("json"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"id": 7, "tags": "5", "x": null}', "application/json"),
        ("<jsonObject><id>7</id><tags>5</tags><x/></jsonObject>", "application/xml"),
    ],
)
async def test_the_schema_gives_the_types(body: str, content_type: str) -> None:
    result = await transformed('<jsontransform schema="s"/>', body, content_type)
    assert result == b'{"id":"7","tags":[5],"x":null}'


async def test_properties_are_settings_of_the_conversion() -> None:
    inside = (
        '<property name="synapse.commons.json.output.autoPrimitive" value="false"/>'
        '<property name="synapse.commons.enableXmlNullForEmptyElement" value="false"/>'
    )
    xml = f"<jsontransform>{inside}</jsontransform>"
    body = "<r><a>1</a><b>true</b><c/></r>"
    assert await transformed(xml, body, "application/xml") == b'{"r":{"a":"1","b":"true","c":""}}'


async def test_faults() -> None:
    with pytest.raises(Fault, match="is no object"):
        await transformed('<jsontransform schema="s"/>', "[1]", "application/json")
    with pytest.raises(Fault, match="there is no entry 'none'"):
        await transformed('<jsontransform schema="none"/>', "{}", "application/json")
    with pytest.raises(Fault, match="the schema is not JSON"):
        await transformed('<jsontransform schema="s"/>', "{}", "application/json", '<localEntry key="s">{</localEntry>')
    wrong = """<localEntry key="s">{"type": "string", "maxLength": {"a":1}}</localEntry>"""
    with pytest.raises(Fault, match=r"the schema cannot be used: .* has no meaning at /maxLength"):
        await transformed('<jsontransform schema="s"/>', "{}", "application/json", wrong)
    with pytest.raises(Fault, match="the schema is XML"):
        await transformed(
            '<jsontransform schema="s"/>', "{}", "application/json", '<localEntry key="s"><a/></localEntry>'
        )


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<jsontransform/>", "a schema or properties are needed"),
        (
            '<jsontransform><property name="synapse.commons.json.output.autoPrimitive" value="x"/></jsontransform>',
            "expected true or false, found 'x'",
        ),
    ],
)
def test_mistakes_at_load(xml: str, problem: str) -> None:
    assert problem in "\n".join(Harness().problems(xml))


def test_an_unknown_setting_is_left_out_as_the_reference_does_it() -> None:
    xml = '<jsontransform><property name="synapse.commons.json.output.autoPrimitiv" value="true"/></jsontransform>'
    [problem] = Harness().problems(xml)
    assert "warning[no-effect]" in problem
    assert "Did you mean 'synapse.commons.json.output.autoPrimitive'?" in problem
