from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
XML, JSON = "application/xml", "application/json"
ORDER = f"""<xs:schema {XS}><xs:element name="order"><xs:complexType><xs:sequence>
<xs:element name="id" type="xs:int"/><xs:element name="note" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
PERSON = """{"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
"name": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
"age": {"type": "integer", "minimum": 0},
"size": {"enum": ["s", "m"]}, "tags": {"type": "array", "maxItems": 2, "uniqueItems": true},
"n": {"multipleOf": 0.5}}}"""


def entry(key: str, content: str) -> str:
    inside = content if content.startswith("<") else f"<![CDATA[{content}]]>"
    return f'<localEntry key="{key}">{inside}</localEntry>'


async def validated(
    body: str, schema: str, content_type: str = XML, attributes: str = "", inside: str = "", artifacts: str = ""
) -> MessageContext:
    harness = Harness(entry("s", schema) + artifacts)
    message = harness.message(body.encode(), content_type)
    on_fail = '<on-fail><property name="failed" value="yes"/></on-fail>'
    xml = f'<validate {attributes}><schema key="s"/>{inside}{on_fail}</validate>'
    assert await harness.run(xml, message) is True
    return message


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ("<order><id>1</id></order>", True),
        ("<order><id>1</id><note>é</note></order>", True),
        ("<order><id>x</id></order>", False),
        ("<order/>", False),
        ("<other/>", False),
    ],
)
async def test_xml(body: str, fits: bool) -> None:
    message = await validated(body, ORDER)
    assert ("failed" not in message.properties) is fits
    assert ("ERROR_MESSAGE" not in message.properties) is fits
    assert message.payload.untouched


async def test_the_error_message_has_all_mistakes_one_a_line() -> None:
    message = await validated("<order>\n<id>x</id><extra/></order>", ORDER)
    lines = message.properties["ERROR_MESSAGE"].splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Element 'id'", "Element 'extra'"]
    assert message.properties["ERROR_DETAIL"].startswith("line ")


@pytest.mark.parametrize(
    ("source", "fits"),
    [("//order", True), ("//other", False), ("//none", False)],
)
async def test_a_part_of_the_message(source: str, fits: bool) -> None:
    message = await validated("<a><order><id>1</id></order>tail<other/></a>", ORDER, XML, f'source="{source}"')
    assert ("failed" not in message.properties) is fits
    if source == "//none":
        assert message.properties["ERROR_MESSAGE"] == "Error occurred while accessing source element: //none"


async def test_an_empty_body_does_not_fit() -> None:
    assert "failed" in (await validated("", ORDER)).properties


async def test_schemas_together_and_what_they_include() -> None:
    first = f"""<xs:schema {XS} targetNamespace="urn:a" xmlns:t="urn:t" elementFormDefault="qualified">
      <xs:import namespace="urn:t" schemaLocation="types.xsd"/><xs:element name="a" type="t:small"/></xs:schema>"""
    second = f'<xs:schema {XS} targetNamespace="urn:b"><xs:element name="b" type="xs:int"/></xs:schema>'
    types = f"""<xs:schema {XS} targetNamespace="urn:t"><xs:simpleType name="small">
      <xs:restriction base="xs:int"><xs:maxInclusive value="9"/></xs:restriction></xs:simpleType></xs:schema>"""
    inside = '<schema key="second"/><resource location="types.xsd" key="types"/>'
    artifacts = entry("second", second) + entry("types", types)
    results = []
    for body in (
        '<a xmlns="urn:a">9</a>',
        '<a xmlns="urn:a">10</a>',
        '<b xmlns="urn:b">10</b>',
        '<b xmlns="urn:b">x</b>',
    ):
        message = await validated(body, first, XML, "", inside, artifacts)
        results.append("failed" not in message.properties)
    assert results == [True, False, True, False]


async def test_schemas_reach_no_file(tmp_path: Path) -> None:
    (tmp_path / "t.xsd").write_text(f"<xs:schema {XS}/>")
    schema = f'<xs:schema {XS}><xs:include schemaLocation="{tmp_path}/t.xsd"/></xs:schema>'
    with pytest.raises(Fault, match="validate with 's': the schema cannot be used"):
        await validated("<a/>", schema)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"name": "ada", "age": 5, "size": "m", "tags": [1, 2], "n": 1.50}', None),
        ('{"name": "ada", "age": 9007199254740993}', None),
        ("{}", 'object has missing required properties (["name"])'),
        ('{"name": 1}', 'instance type (integer) does not match any allowed primitive type (allowed: ["string"])'),
        ('{"name": null}', 'instance type (null) does not match any allowed primitive type (allowed: ["string"])'),
        ('{"name": "a"}', 'string "a" is too short (length: 1, required minimum: 2)'),
        ('{"name": "abcdef"}', 'string "abcdef" is too long (length: 6, maximum allowed: 5)'),
        ('{"name": "ABC"}', 'ECMA 262 regex "^[a-z]+$" does not match input string "ABC"'),
        ('{"name": "ab", "age": -1}', "numeric instance is lower than the required minimum (minimum: 0, found: -1)"),
        ('{"name": "ab", "age": 1.5}',
         'instance type (number) does not match any allowed primitive type (allowed: ["integer"])'),
        ('{"name": "ab", "size": "l"}', 'instance value ("l") not found in enum (possible values: ["s","m"])'),
        ('{"name": "ab", "x": 1}', 'object instance has properties which are not allowed by the schema: ["x"]'),
        ('{"name": "ab", "tags": [1, 1]}', "array must not contain duplicate elements"),
        ('{"name": "ab", "tags": [1, 2, 3]}',
         "array is too long: must have at most 2 elements but instance has 3 elements"),
        ('{"name": "ab", "n": 1.25}', "1.25 is not a multiple of 0.5"),
    ],
)  # fmt: skip
async def test_json(body: str, message: str | None) -> None:
    found = await validated(body, PERSON, JSON)
    assert found.properties.get("ERROR_MESSAGE") == message
    assert ("failed" in found.properties) is (message is not None)
    if message is not None:
        assert found.properties["ERROR_DETAIL"].startswith("Error while validating Json message /")


async def test_a_part_of_json() -> None:
    message = await validated('{"p": {"name": "ada"}}', PERSON, JSON, 'source="json-eval($.p)"')
    assert "failed" not in message.properties
    message = await validated('{"p": {"name": "ada"}}', PERSON, JSON, 'source="json-eval($.none)"')
    assert message.properties["ERROR_MESSAGE"] == 'object has missing required properties (["name"])'


async def test_xml_taken_as_json() -> None:
    message = await validated("<jsonObject><name>ada</name></jsonObject>", PERSON, XML, 'json-source="true"')
    assert "failed" not in message.properties


async def test_references_of_json_schemas_are_resources() -> None:
    schema = '{"properties": {"a": {"$ref": "types.json#/definitions/small"}}}'
    inside = '<resource location="types.json" key="t"/>'
    artifacts = entry("t", '{"definitions": {"small": {"maximum": 9}}}')
    assert "failed" in (await validated('{"a": 10}', schema, JSON, "", inside, artifacts)).properties
    assert "failed" not in (await validated('{"a": 9}', schema, JSON, "", inside, artifacts)).properties
    with pytest.raises(Fault, match="the schema cannot be used"):
        await validated('{"a": 9}', schema.replace("types", "file:///etc/x"), JSON)


async def test_a_later_draft() -> None:
    schema = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"const": 1}}}'
    assert "failed" in (await validated('{"a": 2}', schema, JSON)).properties


async def test_a_flow_that_on_fail_ends_is_over() -> None:
    harness = Harness(entry("s", ORDER))
    xml = '<validate><schema key="s"/><on-fail><drop/></on-fail></validate>'
    assert await harness.run(xml, harness.message(b"<x/>", XML)) is False


@pytest.mark.parametrize(
    ("schema", "body", "content_type", "message"),
    [
        ("<x/>", "<a/>", XML, "the schema cannot be used"),
        ("no xml", "<a/>", XML, "the schema cannot be used"),
        ("{", "{}", JSON, "the schema is not JSON"),
        ('{"type": 5}', "{}", JSON, "the schema cannot be used"),
        (ORDER, "{}", JSON, "the schema is XML, and the payload is JSON"),
    ],
)
async def test_schemas_that_are_none(schema: str, body: str, content_type: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        await validated(body, schema, content_type)


async def test_an_xpath_source_of_json_is_a_fault() -> None:
    with pytest.raises(Fault, match="no json-eval"):
        await validated("{}", PERSON, JSON, 'source="//a"')


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<on-fail><drop/></on-fail>", "there is no <schema>"),
        ('<schema key="s"/>', "a non-empty <on-fail> is needed"),
        ('<schema key="s"/><on-fail/>', "a non-empty <on-fail> is needed"),
        ("<schema/><on-fail><drop/></on-fail>", "<schema> needs the attribute 'key'"),
    ],
)
def test_mistakes_at_load(inside: str, problem: str) -> None:
    assert problem in "\n".join(Harness().problems(f"<validate>{inside}</validate>"))
