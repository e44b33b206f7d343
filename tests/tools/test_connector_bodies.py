from __future__ import annotations

import pytest

from engine.core.http import HttpRequest
from engine.declare.spec import SYNAPSE
from engine.message.codecs import xml
from tools.connector_bodies import NOTHING, Body, body_of

JSON = '<payloadFactory media-type="json"><format>{}</format></payloadFactory>'
XML = '<payloadFactory media-type="xml"><format>{}</format></payloadFactory>'
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NO_BODY = '<property name="FORCE_POST_PUT_NOBODY" value="true" scope="axis2"/>'


def body(steps: str, method: str = "POST") -> Body | None:
    root = xml.decode(f'<sequence xmlns="{SYNAPSE}">{steps}<call/></sequence>'.encode())
    return body_of(root[-1], method)


@pytest.mark.parametrize(
    ("steps", "method"),
    [
        ("", "POST"),
        (JSON.format('{"a": 1}'), "GET"),
        (JSON.format('{"a": 1}') + "<script/>", "POST"),
        (JSON.format('{"a": 1}') + "<filter><then><payloadFactory/></then></filter>", "POST"),
        (JSON.format("{ $1 }"), "POST"),
        (JSON.format('"$1"').replace('"$1"', '""'), "POST"),
        (JSON.format('{"a": ${vars.a}}'), "POST"),
        ('<payloadFactory media-type="xml"><format key="f"/></payloadFactory>', "POST"),
        ('<payloadFactory media-type="text"><format>a</format></payloadFactory>', "POST"),
    ],
)
def test_an_open_body(steps: str, method: str) -> None:
    assert body(steps, method) is None


@pytest.mark.parametrize(
    ("template", "content", "difference"),
    [
        ('{"a": "$1", "b": $2, "c": [true, null]}', '{"a":"x","b":{"y":1},"c":[true,null]}', ""),
        ('{"a": "$1"}', '{"a":"x","b":1}', "at $"),
        ('{"a": {"b": "urn:$1:$2"}}', '{"a":{"b":"urn:x:"}}', ""),
        ('{"a": {"b": "urn:$1"}}', '{"a":{"b":"x"}}', "at $.a.b"),
        ('{"a": [1]}', '{"a":[2]}', "at $.a[]"),
        ('{"a": [1]}', '{"a":[1,1]}', "at $.a"),
        ('{"$1": {"a": 1}}', '{"x":{"a":1}}', ""),
        ("{ }", "", "it is not JSON: Expecting value at line 1 column 1"),
    ],
)
def test_json(template: str, content: str, difference: str) -> None:
    found = body(JSON.format(template) + '<property name="p"/><filter><then><log/></then></filter>')
    assert found is not None
    assert found.difference(HttpRequest("POST", "", [(b"content-type", b"application/json")], content.encode())) == (
        difference
    )


@pytest.mark.parametrize(
    ("template", "content", "difference"),
    [
        ('<a xmlns="" k="x$1"><b>$1</b><c>one</c></a>', '<a k="xy"><b><z/></b><c>one</c></a>', ""),
        ('<a xmlns=""><c>one</c></a>', "<a><c>two</c></a>", "in <c>"),
        ('<a xmlns=""><c/></a>', "<a/>", "in <a>"),
        ('<a xmlns="" k="$1"/>', "<a/>", "at <a>"),
        ('<a xmlns="" k="x$1"/>', '<a k="y"/>', "in an attribute of <a>"),
        ('<a xmlns="urn:a"/>', "<a/>", "at <a>"),
        ('<a xmlns=""/>', f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a/></e:Body></e:Envelope>', ""),
        (f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a xmlns=""/></e:Body></e:Envelope>', "<a/>", ""),
        ('<a xmlns=""/>', "", "it is not XML: Document is empty, line 1, column 1"),
    ],
)
def test_xml(template: str, content: str, difference: str) -> None:
    found = body(XML.format(template))
    assert found is not None
    request = HttpRequest("POST", "", [(b"content-type", b"text/xml; charset=utf-8")], content.encode())
    assert found.difference(request) == difference


@pytest.mark.parametrize(
    ("content", "difference"), [("b=1&c=", ""), ("b=1", "it has the fields b"), ("", "it has the fields none")]
)
def test_a_form(content: str, difference: str) -> None:
    found = body(XML.format('<a xmlns=""><b>$1</b><c>$2</c></a>'))
    assert found is not None
    request = HttpRequest("POST", "", [(b"content-type", b"application/x-www-form-urlencoded")], content.encode())
    assert found.difference(request) == difference


def test_no_body_at_all() -> None:
    found = body(JSON.format("{}") + NO_BODY)
    assert found == NOTHING
    assert found.difference(HttpRequest("POST", "", [], b"")) == ""
    assert found.difference(HttpRequest("POST", "", [], b"{}")) == "there is one"


def test_another_format_is_not_compared() -> None:
    found = body(JSON.format("{}"))
    assert found is not None
    assert found.difference(HttpRequest("POST", "", [(b"content-type", b"text/plain")], b"{}")) is None
