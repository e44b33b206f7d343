from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.core.env import ScriptLimits
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import Harness, StubClient

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
STRING = {"type": "string"}
NUMBER = {"type": "number"}

ORDER_IN = {
    "title": "o:order",
    "type": "object",
    "properties": {
        "o:id": {"type": "integer"},
        "o:line": {
            "type": "array",
            "items": [
                {
                    "type": "object",
                    "value": STRING,
                    "properties": {},
                    "attributes": {"price": NUMBER, "count": NUMBER},
                }
            ],
        },
    },
    "namespaces": [{"prefix": "o", "url": "urn:order"}],
}
BILL_OUT = {"title": "b:bill", "namespaces": [{"prefix": "b", "url": "urn:bill"}]}
ORDER = (
    '<x:order xmlns:x="urn:order"><x:id>9007199254740993</x:id><x:line price="2.50" count="2">Tea</x:line>'
    '<x:line price="900" count="1">Crème</x:line></x:order>'
)
BILL_MAP = """map_S_order_S_bill = function(){
var outputb_bill={};

var count_i_o_line = 0;
outputb_bill =  {};
outputb_bill.attr_number = inputo_order.o_id;
outputb_bill.b_item =  [];
outputb_bill.b_user_EnC0DeCHaRHyPh3n_name = DM_PROPERTIES.DEFAULT['user'];

for(i_o_line in inputo_order.o_line){
outputb_bill.b_item[count_i_o_line] =  {};
outputb_bill.b_item[count_i_o_line]._ELEMVAL = inputo_order.o_line[i_o_line]._ELEMVAL.toString().toUpperCase();
outputb_bill.b_item[count_i_o_line].attr_price = inputo_order.o_line[i_o_line].attr_price;
outputb_bill.b_item[count_i_o_line].attr_sum = total(inputo_order.o_line[i_o_line]);

count_i_o_line++;
}
return outputb_bill;
};
total = function(line){ return line.attr_price * line.attr_count; };
"""
BUNDLED_MAP = (
    'var DataMapper;(()=>{"use strict";DataMapper={mapFunction:t=>({name:t.name.toUpperCase(),'
    'tags:t.tags.map((t=>({"tag-name":t})))})}})();\n'
    "function mapFunction(input) {\n    return DataMapper.mapFunction(input);\n}\n"
    "function map_S_person_S_root() {\n    return mapFunction(inputperson);\n}\n"
)


def entries(mapping: str, given: Any, wanted: Any) -> str:
    texts = {"m": mapping, "i": json.encode(given).decode(), "o": json.encode(wanted).decode()}
    return "".join(f'<localEntry key="{key}"><![CDATA[{text}]]></localEntry>' for key, text in texts.items())


def mapper(attributes: str) -> str:
    return f'<datamapper config="m" inputSchema="i" outputSchema="o" {attributes}/>'


async def mapped(
    attributes: str,
    body: str,
    content_type: str,
    artifacts: str,
    properties: Mapping[str, Any] | None = None,
) -> MessageContext:
    harness = Harness(artifacts)
    message = harness.message(body.encode(), content_type)
    message.properties.update(properties or {})
    assert await harness.run(mapper(attributes), message) is True
    return message


XML_TO_XML = 'inputType="XML" outputType="XML"'
BILL = (
    '<b:bill xmlns:b="urn:bill" number="9007199254740993"><b:item sum="5" price="2.50">TEA</b:item>'
    '<b:item sum="900.0" price="900.0">CRÈME</b:item><b:user-name>ann</b:user-name></b:bill>'
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ORDER, "application/xml"),
        (
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{ORDER}</s:Body></s:Envelope>',
            "text/xml",
        ),
    ],
)
async def test_xml_to_xml(body: str, content_type: str) -> None:
    message = await mapped(XML_TO_XML, body, content_type, entries(BILL_MAP, ORDER_IN, BILL_OUT), {"user": "ann"})
    assert message.payload.render("xml").decode() == BILL
    assert message.message_type == "application/xml"


async def test_xml_to_json() -> None:
    artifacts = entries(BILL_MAP, {**ORDER_IN, "inputType": "XML"}, {**BILL_OUT, "outputType": "JSON"})
    message = await mapped("", ORDER, "application/xml", artifacts)
    assert message.payload.render("json").decode() == (
        '{"attr_number":9007199254740993,"b_item":[{"_ELEMVAL":"TEA","attr_price":2.50,"attr_sum":5},'
        '{"_ELEMVAL":"CRÈME","attr_price":900,"attr_sum":900}],"b_user-name":""}'
    )
    assert message.message_type == "application/json"


async def test_xml_to_csv_is_text() -> None:
    wanted = {"title": "root"}
    source = (
        "map_S_order_S_root = function(){ return inputo_order.o_line.map(function (each) {"
        " return {name: each._ELEMVAL + ', x', price: each.attr_price}; }); };"
    )
    message = await mapped(
        'inputType="XML" outputType="CSV"', ORDER, "application/xml", entries(source, ORDER_IN, wanted)
    )
    assert message.payload.text() == '"Tea, x",2.50\n"Crème, x",900.0'
    assert message.message_type == "text/xml"
    message.set_axis2("messageType", "text/csv")
    assert message.payload.render("text").decode() == '"Tea, x",2.50\n"Crème, x",900.0'


async def test_csv_to_json() -> None:
    given = {"title": "root", "type": "array", "items": [{"properties": {"id": {"type": "integer"}, "name": STRING}}]}
    source = "map_S_root_S_root = function(){ return {all: inputroot, first: inputroot[0].name}; };"
    message = await mapped(
        'inputType="CSV" outputType="JSON"', '1,"a, b"\n2,c\n', "text/csv", entries(source, given, {"title": "root"})
    )
    assert message.payload.json() == {"all": [{"id": 1, "name": "a, b"}, {"id": 2, "name": "c"}], "first": "a, b"}


PERSON = '{"name": "ann", "tags": ["x", "y"]}'


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("JSON", '{"name":"ANN","tags":[{"tag-name":"x"},{"tag-name":"y"}]}'),
        (
            "XML",
            "<root><name>ANN</name><tags><tag-name>x</tag-name></tags><tags><tag-name>y</tag-name></tags></root>",
        ),
    ],
)
async def test_mappings_bundled_from_typescript(kind: str, expected: str) -> None:
    artifacts = entries(BUNDLED_MAP, {"title": "person"}, {"title": "root"})
    message = await mapped(f'inputType="JSON" outputType="{kind}"', PERSON, "application/json", artifacts)
    assert message.payload.render("json" if kind == "JSON" else "xml").decode() == expected


async def test_a_whole_soap_message() -> None:
    given = {
        "title": "soapenv:Envelope",
        "properties": {"soapenv:Body": {"type": "object", "properties": {"a": STRING}}},
        "namespaces": [{"prefix": "soapenv", "url": SOAP}],
    }
    source = """map_S_Envelope_S_Envelope = function(){
      return {soapenv_Header: {h: 'x'}, soapenv_Body: {b: inputsoapenv_Envelope.soapenv_Body.a}};
    };"""
    body = f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a>1</a></e:Body></e:Envelope>'
    message = await mapped(XML_TO_XML, body, "text/xml", entries(source, given, given))
    expected = (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header><h>x</h></soapenv:Header>'
        "<soapenv:Body><b>1</b></soapenv:Body></soapenv:Envelope>"
    )
    assert message.payload.render("soap11").decode() == expected


XSLT = """<localEntry key="x"><xsl:stylesheet version="1.0" xmlns="" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:notXSLTCompatible="false" xmlns:runTimeProperties="user,DEFAULT" exclude-result-prefixes="notXSLTCompatible
  runTimeProperties"><xsl:param name="DEFAULT_user"/><xsl:template match="/"><r><xsl:value-of select="a/b"/>
  <xsl:value-of select="$DEFAULT_user"/></r></xsl:template></xsl:stylesheet></localEntry>"""


async def test_the_stylesheet_where_there_is_no_function() -> None:
    harness = Harness(XSLT + entries("unused", {"title": "a"}, {"title": "r"}))
    harness.services.registry.put("gov:empty.dmc", b"")
    message = harness.message(b"<a><b>1</b></a>", "application/xml")
    message.properties["user"] = "ann"
    step = mapper(f'{XML_TO_XML} xsltStyleSheet="x"').replace('"m"', '"gov:empty.dmc"')
    assert await harness.run(step, message) is True
    assert message.payload.render("xml") == b"<r>1ann</r>"


FUNCTION = "(function (input, vars) { return JSON.stringify({a: input.n + vars.more, big: input.big}); })"


@pytest.mark.parametrize(
    ("attributes", "kind", "variable", "body"),
    [
        ('target="body"', "JSON", None, '{"a":3,"big":9007199254740993}'),
        ('target="body"', "XML", None, "<a>3</a>"),
        ('target="variable" variable="v"', "JSON", {"a": 3, "big": 9007199254740993}, '{"n":1,"big":9007199254740993}'),
    ],
)
async def test_without_schemas(attributes: str, kind: str, variable: Any, body: str) -> None:
    harness = Harness(entries(FUNCTION, {"title": "a"}, {"title": "b"}))
    message = harness.message(b'{"n":1,"big":9007199254740993}')
    message.variables["more"] = 2
    await harness.run(mapper(f'inputType="JSON" outputType="{kind}" {attributes}'), message)
    assert message.variables.get("v") == variable
    assert message.payload.render("json" if body.startswith("{") else "xml").decode() == body


@pytest.mark.parametrize(
    ("mapping", "attributes", "body", "problem"),
    [
        (
            "map_S_a_S_b = function(){\nvar n = null;\nreturn n.x;};",
            XML_TO_XML,
            "<a/>",
            "the mapping failed at line 3: TypeError",
        ),
        ("map_S_a_S_b = function(){};", XML_TO_XML, "<a/>", "the mapping gave nothing"),
        ("map_S_a_S_b = function(){};", XML_TO_XML, "", "there is no body to map"),
        ("map_S_a_S_b = function(){};", XML_TO_XML, "<c/>", "the body is <c>, and the input schema is for 'a'"),
        ("map_S_a_S_b = function(){};", "", "<a/>", "neither inputType nor the schema says whether it is XML"),
        ("var none = 1;", XML_TO_XML, "<a/>", "the .dmc file has no mapping function"),
        ("map_S_a_S_b = function(){ while (true); };", XML_TO_XML, "<a/>", "it ran longer than 0.05 seconds"),
    ],
)
async def test_faults(mapping: str, attributes: str, body: str, problem: str) -> None:
    harness = Harness(entries(mapping, {"title": "a"}, {"title": "b"}))
    harness.snapshot.scripts = ProcessServices(Config(scripts=ScriptLimits(time=0.05)), StubClient()).scripts
    with pytest.raises(Fault) as caught:
        await harness.run(mapper(attributes), harness.message(body.encode(), "application/xml"))
    assert caught.value.message.startswith("datamapper 'm': ")
    assert problem in caught.value.message


async def test_an_entry_that_is_not_there() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="datamapper 'm': there is no entry 'm'"):
        await harness.run(mapper(XML_TO_XML), harness.message(b"<a/>", "application/xml"))


async def test_nothing_of_one_message_is_left_for_the_next() -> None:
    source = "map_S_a_S_b = function(){ var was = typeof left; left = 1; return {was: was}; };"
    harness = Harness(entries(source, {"title": "a"}, {"title": "b"}))
    steps = harness.steps(mapper(XML_TO_XML))
    for _ in range(2):
        message = harness.message(b"<a/>", "application/xml")
        await steps[0].mediate(message)
        assert message.payload.render("xml") == b"<b><was>undefined</was></b>"


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ('inputType="XSD"', "XML, JSON, CSV"),
        ('target="variable"', "target='variable' and variable= need each other"),
        ('variable="v"', "target='variable' and variable= need each other"),
    ],
)
def test_mistakes_at_load(attributes: str, problem: str) -> None:
    assert problem in "\n".join(Harness().problems(mapper(attributes)))
