from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.codecs import xml as xml_codec
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, response

ENDPOINT = '<endpoint><http method="post" uri-template="http://b/"/></endpoint>'
ANSWER = response(201, b'{"answer": 9223372036854775807}', headers=[(b"x-answer", b"1")])


async def _call(
    inside: str,
    body: bytes = b'{"a": {"b": 1}, "t": "\xc3\xbc"}',
    type_: str = "application/json",
    *,
    answer: HttpResponse = ANSWER,
    more: str = "",
) -> tuple[str, MessageContext]:
    """What the back end got (with its content type), and the message."""
    seen: list[str] = []

    def back_end(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.body, bytes)
        seen.append(f"{dict(request.headers).get(b'content-type', b'').decode()} {request.body.decode()}")
        return HttpResponse(answer.status, "", list(answer.headers), answer.body)

    harness = Harness(http=StubClient(back_end))
    message = harness.message(body, type_, headers={"X-Request": "1"})
    message.properties.update(
        element=etree.fromstring("<p>1</p>"), json='{"from": "property"}', text="plain", value={"v": 1}
    )
    assert await harness.run(f"<call {more}>{inside}{ENDPOINT}</call>", message) is True
    return seen[0], message


SOURCES: dict[str, Any] = {
    "json path": ("<source>json-eval($.a)</source>", 'application/json {"b":1}'),
    "json text": ("<source>json-eval($.t)</source>", 'application/json "ü"'),
    "body": ('<source type="body"/>', 'application/json {"a": {"b": 1}, "t": "ü"}'),
    "property with JSON text": ('<source type="property">json</source>', 'application/json {"from":"property"}'),
    "property with text": ('<source type="property">text</source>', 'application/json "plain"'),
    "property with a value": ('<source type="property"> value </source>', 'application/json {"v":1}'),
    "inline JSON": ('<source type="inline">{"in": "line"}</source>', 'application/json {"in":"line"}'),
    "inline XML as XML": (
        '<source type="inline" contentType="application/xml"><i xmlns="">1</i></source>',
        "application/xml <i>1</i>",
    ),
    "property with XML as XML": (
        '<source type="property" contentType="application/xml">element</source>',
        "application/xml <p>1</p>",
    ),
    "text as text": (
        '<source type="property" contentType="text/plain">text</source>',
        "text/plain plain",
    ),
    "XML text as XML": (
        '<source type="inline" contentType="application/xml"><![CDATA[ <c>1</c> ]]></source>',
        "application/xml <c>1</c>",
    ),
    "XPath over JSON": ("<source>//b</source>", 'application/json {"b":1}'),
}


@pytest.mark.parametrize(("source", "sent"), SOURCES.values(), ids=SOURCES)
async def test_the_source_is_sent_and_the_answer_is_the_payload(source: str, sent: str) -> None:
    got, message = await _call(source)
    assert (got, message.payload.json()) == (sent, {"answer": 9223372036854775807})


@pytest.mark.parametrize(
    "source", ["json-eval($.missing)", "//missing", "$ctx:missing"], ids=["json path", "XPath", "property"]
)
async def test_nothing_to_send_is_a_fault(source: str) -> None:
    with pytest.raises(Fault, match="gives nothing to send"):
        await _call(f"<source>{source}</source>")


async def test_a_property_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(Fault, match="gives nothing to send: property missing"):
        await _call('<source type="property">missing</source>')


async def test_text_that_is_no_xml_is_a_fault() -> None:
    with pytest.raises(Fault, match="the source of the call is not XML"):
        await _call('<source type="inline" contentType="application/xml">text</source>')


@pytest.mark.parametrize("more", ["", 'blocking="true"'])
async def test_the_answer_goes_to_a_property_and_the_message_is_as_before(more: str) -> None:
    sent, message = await _call(
        '<source>json-eval($.a)</source><target type="property">{concat("ans", "wer")}</target>', more=more
    )
    assert sent == 'application/json {"b":1}'
    assert message.properties["answer"] == '{"answer": 9223372036854775807}'
    assert message.payload.raw() == b'{"a": {"b": 1}, "t": "\xc3\xbc"}'
    assert (message.headers.get("X-Request"), message.headers.get("X-Answer")) == ("1", None)
    assert str(message.axis2["HTTP_SC"]) == "201"


async def test_a_target_alone_sends_the_payload() -> None:
    sent, message = await _call('<target type="variable">v</target>')
    assert sent == 'application/json {"a": {"b": 1}, "t": "ü"}'
    assert message.variables["v"] == {"answer": 9223372036854775807}
    assert message.payload.json()["a"] == {"b": 1}


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (response(200, b"<r>1</r>", "application/xml"), "<r>1</r>"),
        (response(200, b"text", "text/plain"), "text"),
        (response(204, b""), ""),
        (response(200, b"[1]"), "[1]"),
    ],
)
async def test_what_a_property_gets(answer: HttpResponse, value: str) -> None:
    _, message = await _call('<target type="property">v</target>', answer=answer)
    got = message.properties["v"]
    assert (xml_codec.text_of(got) if isinstance(got, etree._Element) else got) == value


async def test_the_content_type_is_that_of_before() -> None:
    inside = (
        '<source type="inline" contentType="application/xml"><i xmlns=""/></source><target type="property">v</target>'
    )
    _, message = await _call(inside, answer=response(200, b"<r/>", "application/xml"))
    assert message.message_type == "application/json"
    assert json.loads(message.payload.render("json"))["a"] == {"b": 1}


async def test_a_target_of_type_body_is_the_payload() -> None:
    _, message = await _call('<target type="body"/>')
    assert message.payload.json() == {"answer": 9223372036854775807}


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<source/>", "1:7: error[missing-text]: <source>: a source of the type custom is empty."),
        ('<source type="inline"/>', "1:7: error[missing-text]: <source>: a source of the type inline is empty."),
        (
            '<target type="property"/>',
            "1:7: error[missing-text]: <target>: a target of the type property needs a name.",
        ),
        ('<target type="x"/>', "1:21: error[bad-choice]: 'x' is not one of body, property, variable."),
    ],
)
def test_mistakes_are_problems_at_load(inside: str, problem: str) -> None:
    [found] = [text for text in Harness().problems(f"\n<call>{inside}</call>") if "error" in text]
    assert found.partition(":")[2] == problem.partition(":")[2]


def test_a_wrong_expression_is_a_problem_at_its_place() -> None:
    [found] = Harness().problems("\n<call><source>//a[</source></call>")
    assert found.startswith("2:")
    assert "bad-expression" in found
