from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators._mapping_input import from_csv, from_xml
from engine.mediators._mapping_schema import XSI, Schema, schema_from
from engine.message.codecs import json

STRING = {"type": "string"}


def schema(properties: dict[str, Any], title: str = "r", **namespaces: str) -> Schema:
    listed = [{"prefix": prefix, "url": url} for prefix, url in namespaces.items()]
    return schema_from({"title": title, "type": "object", "properties": properties, "namespaces": listed})


def read(xml: str, given: Schema, *, doubles: bool = False) -> str:
    return json.encode(from_xml(etree.fromstring(xml), given, doubles=doubles)).decode()


def objects(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def arrays(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": [items]}


@pytest.mark.parametrize(
    ("properties", "xml", "expected"),
    [
        ({"a": STRING}, "<r><a> x </a><b>y</b></r>", '{"a":" x "}'),  # what the schema does not name is left out
        ({"a": STRING}, "<r/>", "{}"),
        ({"a": STRING}, "<r><a/></r>", '{"a":""}'),
        ({"a": STRING}, "<r><a>é<![CDATA[<&]]></a></r>", '{"a":"é<&"}'),
        ({"a": {"type": "boolean"}}, "<r><a> TRUE </a></r>", '{"a":true}'),
        ({"a": {"type": "boolean"}}, "<r><a>yes</a></r>", '{"a":false}'),
        ({"a": {"type": "integer"}}, "<r><a>9007199254740993</a></r>", '{"a":9007199254740993}'),
        ({"a": {"type": "integer"}}, "<r><a> -07 </a></r>", '{"a":-7}'),
        ({"a": {"type": "number"}}, "<r><a>900</a></r>", '{"a":900}'),
        ({"a": {"type": "number"}}, "<r><a>+1.50</a></r>", '{"a":1.50}'),
        ({"a": {"type": "null"}}, "<r><a>x</a></r>", "{}"),
        ({"a": objects({"b": STRING})}, "<r><a><b>x</b></a></r>", '{"a":{"b":"x"}}'),
        ({"a": objects({})}, "<r><a>x</a></r>", '{"a":{}}'),
        ({"a": objects({}, value=STRING)}, "<r><a>x<z/>y</a></r>", '{"a":{"_ELEMVAL":"xy"}}'),
        ({"a": arrays(STRING)}, "<r><a>1</a><a>2</a></r>", '{"a":["1","2"]}'),
        ({"a": arrays(objects({"b": STRING}))}, "<r><a><b>x</b></a><a/></r>", '{"a":[{"b":"x"},{}]}'),
        ({"a": {"type": "array", "items": STRING}}, "<r><a>1</a></r>", '{"a":["1"]}'),
        ({"a": STRING}, "<r><a>1</a><a>2</a></r>", '{"a":"2"}'),  # no array: the last
        ({"a": arrays(STRING), "b": STRING}, "<r><a>1</a><b>x</b><a>2</a></r>", '{"a":["2"],"b":"x"}'),
        ({"a-b": STRING}, "<r><a-b>x</a-b></r>", '{"a_EnC0DeCHaRHyPh3n_b":"x"}'),
    ],
)
def test_elements(properties: dict[str, Any], xml: str, expected: str) -> None:
    assert read(xml, schema(properties)) == expected


def test_numbers_as_java_prints_them() -> None:
    properties = {"a": {"type": "number"}, "b": {"type": "number"}, "c": {"type": "integer"}}
    xml = "<r><a>900</a><b>2.5</b><c>7</c></r>"
    assert read(xml, schema(properties), doubles=True) == '{"a":900.0,"b":2.5,"c":7}'


def test_attributes() -> None:
    properties = {"a": objects({"b": STRING}, attributes={"n": {"type": "integer"}, "x:k": STRING})}
    xml = '<r id="1"><a n="5" xmlns:q="urn:x" q:k="v" other="o"><b ignored="1">t</b></a></r>'
    expected = '{"attr_id":"1","a":{"attr_n":5,"attr_x_k":"v","attr_other":"o","b":"t"}}'
    assert read(xml, schema(properties, x="urn:x")) == expected


def test_namespaces_are_told_by_their_uri() -> None:
    properties = {"p:a": STRING, "q:b": STRING, "c": STRING}
    given = schema(properties, "p:r", p="urn:x", q="urn:x")
    xml = '<z:r xmlns:z="urn:x"><z:a>1</z:a><z:b>2</z:b><c>3</c></z:r>'
    assert read(xml, given) == '{"p_a":"1","q_b":"2","c":"3"}'
    # A namespace that the schema does not know is none.
    assert read('<z:r xmlns:z="urn:x"><c xmlns="urn:y">3</c></z:r>', given) == '{"c":"3"}'


def test_types_tell_elements_apart() -> None:
    properties = {
        "rec,xsi:type=s:Account": objects({"id": STRING}, attributes={"xsi:type": STRING}),
        "rec,xsi:type=Plain": objects({"id": STRING}),
        "rec": objects({"id": STRING}),
    }
    given = schema(properties, xsi=XSI, s="urn:s")
    xml = (
        f'<r xmlns:i="{XSI}"><rec i:type="t:Account" xmlns:t="urn:s"><id>1</id></rec>'
        '<rec i:type="Plain"><id>2</id></rec><rec i:type="Other"><id>3</id></rec></r>'
    )
    assert from_xml(etree.fromstring(xml), given, doubles=False) == {
        "rec_Separat0r_xsi_type_s_Account": {"attr_xsi_type": "t:Account", "id": "1"},
        "rec_Separat0r_xsi_type_Plain": {"attr_xsi_type": "Plain", "id": "2"},
        "rec": {"attr_xsi_type": "Other", "id": "3"},
    }


def test_nil_leaves_out() -> None:
    properties = {
        "a": STRING,
        "b": objects({"c": STRING}),
        "d": arrays({"type": "number"}),
        "e": arrays(objects({"c": STRING})),
    }
    nil = 'i:nil="true"'
    xml = f'<r xmlns:i="{XSI}"><a {nil}/><b {nil}><c>x</c></b><d {nil}/><d>1</d><e {nil}/></r>'
    assert read(xml, schema(properties, xsi=XSI)) == '{"b":{},"d":[1],"e":[{}]}'


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<other/>", "the body is <other>, and the input schema is for 'r'"),
        ('<r xmlns="urn:x"><a/></r>', "'' of 'a' is no number"),
        ("<r><a>1e</a></r>", "'1e' of 'a' is no number"),
        ("<r><a>1e9999</a></r>", "'1e9999' of 'a' is no number"),
    ],
)
def test_faults(xml: str, problem: str) -> None:
    with pytest.raises(Fault) as caught:
        read(xml, schema({"a": {"type": "number"}}))
    assert (caught.value.message, caught.value.code) == (problem, 601000)


CSV = schema_from(
    {"title": "root", "type": "array", "items": [objects({"id": {"type": "integer"}, "name": STRING, "ok": STRING})]}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ('1,"a, ""b""",x\r\n2,c\n\n', [{"id": 1, "name": 'a, "b"', "ok": "x"}, {"id": 2, "name": "c"}]),
    ],
)
def test_records(text: str, expected: Any) -> None:
    assert from_csv(text, CSV) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1,a,b,c", "record 1 has 4 fields, and the input schema has 3"),
        ("1,a\nx,b", "'x' of 'id' is no integer"),
    ],
)
def test_faults_of_records(text: str, problem: str) -> None:
    with pytest.raises(Fault, match=problem):
        from_csv(text, CSV)


def test_long_numbers_are_read_in_linear_time() -> None:
    with pytest.raises(Fault, match=f"^'{'1' * 100}' of 'a' is no number$"):
        read(f"<r><a>{'1' * 1_000_000}x</a></r>", schema({"a": {"type": "number"}}))
