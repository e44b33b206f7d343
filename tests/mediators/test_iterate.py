from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.payload import Payload
from engine.testing.harness import Harness, StubClient, response

SEND = '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call><drop/>'
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def _iterate(attributes: str, target: str = SEND) -> str:
    return f"<iterate {attributes}><target><sequence>{target}</sequence></target></iterate>"


async def _parts(xml: str, body: bytes, content_type: str = "application/json") -> tuple[bool, list[str]]:
    """What it says, and the bodies of the parts as a back end gets them."""
    bodies: list[str] = []

    def back_end(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.body, bytes)
        bodies.append(request.body.decode())
        return response()

    harness = Harness(http=StubClient(back_end), namespaces='xmlns:m="urn:m"')
    goes_on = await harness.run(xml, harness.message(body, content_type))
    await harness.services.drain(5)
    return goes_on, bodies


JSON = {
    "objects": ('{"i": [{"a": 1}, {"a": 2}]}', "$.i", ['{"a":1}', '{"a":2}']),
    "64-bit integers, digits, texts, null": (
        '{"i": [9223372036854775807, 25.0000, "5", "ü", null, true]}',
        "$.i",
        ["9223372036854775807", "25.0000", '"5"', '"ü"', "null", "true"],
    ),
    "nested arrays": ('{"i": [[1, 2], []]}', "$.i", ["[1,2]", "[]"]),
    "empty": ('{"i": []}', "$.i", []),
    "the whole payload": ("[1, 2]", "$", ["1", "2"]),
    "several matches": ('{"i": [{"a": 1}, {"a": 2}]}', "$.i[*].a", ["1", "2"]),
}


@pytest.mark.parametrize(("body", "path", "parts"), JSON.values(), ids=JSON)
async def test_json_array(body: str, path: str, parts: list[str]) -> None:
    assert await _parts(_iterate(f'expression="json-eval({path})"'), body.encode()) == (False, parts)


@pytest.mark.parametrize("body", ['{"i": {"a": 1}}', '{"i": null}', '{"i": "text"}', "{}"])
async def test_trap_26_json_that_is_no_array_is_a_fault(body: str) -> None:
    with pytest.raises(Fault, match="finds no JSON array"):
        await _parts(_iterate('expression="json-eval($.i)"'), body.encode())


PRESERVED = {
    "in place of the array": (
        "$.o.i",
        ' attachPath="json-eval($.o.i)"',
        ['{"k":1,"o":{"i":"a"}}', '{"k":1,"o":{"i":"b"}}'],
    ),
    "elsewhere, the array is emptied": (
        "$.o.i",
        ' attachPath="json-eval($.k)"',
        ['{"k":"a","o":{"i":[]}}', '{"k":"b","o":{"i":[]}}'],
    ),
    "without a path the element is all": ("$.o.i", "", ['"a"', '"b"']),
}


@pytest.mark.parametrize(("path", "attach", "parts"), PRESERVED.values(), ids=PRESERVED)
async def test_json_with_the_payload_around_it(path: str, attach: str, parts: list[str]) -> None:
    xml = _iterate(f'expression="json-eval({path})" preservePayload="true"{attach}')
    assert await _parts(xml, b'{"k": 1, "o": {"i": ["a", "b"]}}') == (False, parts)


XML = {
    "plain": ("<r><x>1</x><x>2</x></r>", "//x", ["<x>1</x>", "<x>2</x>"]),
    "namespaces": ('<r xmlns="urn:m"><x/><x a="1"/></r>', "//m:x", ['<x xmlns="urn:m"/>', '<x xmlns="urn:m" a="1"/>']),
    "mixed content": ("<r>a<x>b<i>c</i>d</x>e</r>", "//x", ["<x>b<i>c</i>d</x>"]),
    "one": ("<r><x/></r>", "/r/x | //x", ["<x/>"]),
    "none": ("<r/>", "//x", []),
    "not elements": ("<r a='1'/>", "string(//@a)", []),
    "chosen with a property": ("<r><x n='1'/><x n='2'/></r>", "//x[@n != get-property('none')]", []),
}


@pytest.mark.parametrize(("body", "path", "parts"), XML.values(), ids=XML)
async def test_xml_elements(body: str, path: str, parts: list[str]) -> None:
    assert await _parts(_iterate(f'expression="{path}"'), body.encode(), "application/xml") == (False, parts)


async def test_trap_26_with_the_payload_around_it_the_other_elements_are_taken_out() -> None:
    xml = _iterate('expression="//x" preservePayload="true" attachPath="//l"')
    _, parts = await _parts(xml, b"<r><k>1</k><l><x>1</x><x>2</x></l></r>", "application/xml")
    assert parts == ["<r><k>1</k><l><x>1</x></l></r>", "<r><k>1</k><l><x>2</x></l></r>"]


async def test_a_preserved_payload_without_a_path_gets_the_element_in_its_body() -> None:
    xml = _iterate('expression="//x" preservePayload="true"', "<respond/>")
    harness = Harness()
    message = harness.message(
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><x>1</x></e:Body></e:Envelope>'.encode(), "text/xml"
    )
    await harness.run(xml.replace("<iterate", '<iterate sequential="true"'), message)
    [answer] = message.exchange.answers  # type: ignore[attr-defined]
    assert answer.body.decode() == f'<e:Envelope xmlns:e="{SOAP}"><e:Body><x>1</x></e:Body></e:Envelope>'


async def test_an_attach_path_that_finds_nothing_is_a_fault_of_that_part(caplog: pytest.LogCaptureFixture) -> None:
    xml = _iterate('expression="//x" preservePayload="true" attachPath="//nothing"')
    assert await _parts(xml, b"<r><x/><x/></r>", "application/xml") == (False, [])
    assert sum("attachPath //nothing finds no element" in record.getMessage() for record in caplog.records) == 2


async def test_soap_parts_keep_the_header_blocks() -> None:
    body = (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Header><h xmlns="urn:h">1</h></e:Header>'
        "<e:Body><r><x>1</x><x>2</x></r></e:Body></e:Envelope>"
    )
    _, parts = await _parts(_iterate('expression="//x"'), body.encode(), "text/xml")
    assert len(parts) == 2
    for number, part in enumerate(parts, start=1):
        payload = Payload(part.encode(), "text/xml")
        assert [block.text for block in payload.envelope().findall("{*}Header/*")] == ["1"]
        content = payload.content()
        assert content is not None
        assert (content.tag, content.text) == ("x", str(number))


async def test_xpath_over_json_gives_elements_that_leave_as_json() -> None:
    _, parts = await _parts(_iterate('expression="//i"'), b'{"i": [{"a": 1}, {"a": 2}]}')
    assert [json.loads(part) for part in parts] == [{"i": {"a": 1}}, {"i": {"a": 2}}]


@pytest.mark.parametrize("more", ["", 'preservePayload="true"'])
async def test_the_payload_of_the_parent_stays(more: str) -> None:
    harness = Harness()
    for body, type_, path in (
        (b"<r><x/></r>", "application/xml", "//x"),
        (b'{"i":[1]}', "application/json", "json-eval($.i)"),
    ):
        message = harness.message(body, type_)
        assert await harness.run(_iterate(f'expression="{path}" continueParent="true" {more}', "<log/>"), message)
        await harness.services.drain(5)
        assert message.payload.render(message.payload.kind) == body


PROBLEMS: dict[str, Any] = {
    "no expression": (
        "<iterate><target/></iterate>",
        "2:1: error[missing-attribute]: <iterate> needs the attribute 'expression'.",
    ),
    "no target": ('<iterate expression="//x"/>', "2:1: error[missing-element]: <iterate> needs <target>."),
    "path without payload": (
        '<iterate expression="//x" attachPath="//y"><target/></iterate>',
        "2:1: error[requires]: <iterate> with the attribute 'attachPath' also needs the attribute 'preservePayload'.",
    ),
    "two languages": (
        '<iterate expression="//x" preservePayload="true" attachPath="json-eval($)"><target/></iterate>',
        "2:1: error[bad-value]: <iterate>: expression and attachPath must both be JSON paths, or both XPath.",
    ),
    "payload not preserved": (
        '<iterate expression="//x" preservePayload="false" attachPath="//y"><target/></iterate>',
        "2:1: error[requires]: <iterate>: 'attachPath' has a meaning with preservePayload=\"true\" only.",
    ),
    "a path nothing can be written at": (
        '<iterate expression="json-eval($..x)" preservePayload="true"><target/></iterate>',
        "2:1: error[unsupported]: <iterate>: nothing can be written back at the path $..x. "
        "Use a path of names and indexes, like $.orders[0].items.",
    ),
}


@pytest.mark.parametrize(("xml", "problem"), PROBLEMS.values(), ids=PROBLEMS)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("<a><b>1</b><b>2</b></a>", ["<a><b>1</b></a>", "<a><b>2</b></a>"]),
        ("<a><b>1</b></a>", ["<a><b>1</b></a>"]),
        ("<a/>", []),
    ],
)
async def test_trap_07_a_template_may_be_given_the_paths(body: str, parts: list[str]) -> None:
    bodies: list[str] = []

    def back_end(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.body, bytes)
        bodies.append(request.body.decode())
        return response()

    iterate = _iterate('preservePayload="true" expression="$func:parts" attachPath="$func:place"')
    harness = Harness(
        f"""<template name="t"><parameter name="parts"/><parameter name="place"/>
        <sequence>{iterate}</sequence></template>""",
        http=StubClient(back_end),
    )
    call = '<with-param name="parts" value="{{//b}}"/><with-param name="place" value="{{//a}}"/>'
    message = harness.message(body.encode(), "application/xml")
    await harness.run(f'<call-template target="t">{call}</call-template>', message)
    await harness.services.drain(5)
    assert sorted(bodies) == parts
