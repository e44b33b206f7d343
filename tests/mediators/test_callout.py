from __future__ import annotations

import pytest
from lxml import etree

from engine.core.http import HttpRequest, HttpResponse
from engine.core.wire import body_of
from engine.errors import Fault, TransportError
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def _envelope(body: str) -> str:
    return f'<e:Envelope xmlns:e="{SOAP}"><e:Header><h/></e:Header><e:Body>{body}</e:Body></e:Envelope>'


REQUEST = _envelope("<r><x>1</x><y>2</y></r>")
ANSWER = response(500, _envelope("<a>ü</a>").encode(), "text/xml; charset=utf-8", [(b"x-answer", b"1")])


async def _callout(
    inside: str = "",
    attributes: str = 'serviceURL="http://s/quotes"',
    *,
    answer: HttpResponse = ANSWER,
    body: str = REQUEST,
    type_: str = "text/xml",
) -> tuple[HttpRequest, MessageContext]:
    http = StubClient(lambda request: answer)
    harness = Harness(
        '<localEntry key="entry"><l xmlns="">1</l></localEntry>'
        '<endpoint name="named"><address uri="http://named/"/></endpoint>',
        http=http,
    )
    message = harness.message(body.encode(), type_)
    message.to = "http://to/x"
    message.properties["element"] = etree.fromstring("<p>1</p>")
    assert await harness.run(f"<callout {attributes}>{inside}</callout>", message) is True
    return http.requests[0], message


def _sent(request: HttpRequest) -> list[str]:
    assert isinstance(request.body, bytes)
    body = etree.fromstring(request.body).find("{*}Body")
    assert body is not None
    return [child.tag for child in body]


SOURCES = {
    "whole message": ("", ["r"]),
    "envelope": ('<source type="envelope"/>', ["r"]),
    "path": ('<source xpath="//x"/>', ["x"]),
    "property": ('<source key="element"/>', ["p"]),
    "local entry": ('<source key="entry"/>', ["l"]),
}


@pytest.mark.parametrize(("source", "sent"), SOURCES.values(), ids=SOURCES)
async def test_what_is_sent(source: str, sent: list[str]) -> None:
    request, _ = await _callout(source)
    assert (request.url, _sent(request)) == ("http://s/quotes", sent)
    assert isinstance(request.body, bytes)
    assert b"<h/>" in request.body


@pytest.mark.parametrize(("source", "text"), [('xpath="//n"', "finds no element"), ('key="n"', "holds no XML element")])
async def test_nothing_to_send_is_a_fault(source: str, text: str) -> None:
    with pytest.raises(Fault, match=text):
        await _callout(f"<source {source}/>")


async def test_a_json_payload_is_sent_whole_and_a_json_answer_replaces_it() -> None:
    request, message = await _callout(
        '<source xpath="//a"/><target key="k"/>',
        answer=response(200, b'{"b": 2}'),
        body='{"a": 1}',
        type_="application/json",
    )
    assert (request.body, message.payload.json(), "k" in message.properties) == (b'{"a": 1}', {"b": 2}, False)


ADDRESSES = {
    "service": ('serviceURL="http://s/quotes" action="urn:a"', "", "http://s/quotes"),
    "named endpoint": ('endpointKey="named"', "", "http://named/"),
    "endpoint": ("", '<endpoint><address uri="http://in/"/></endpoint>', "http://in/"),
    "the message's own": ("", "", "http://to/x"),
}


@pytest.mark.parametrize(("attributes", "inside", "url"), ADDRESSES.values(), ids=ADDRESSES)
async def test_where_it_is_sent(attributes: str, inside: str, url: str) -> None:
    request, message = await _callout(inside, attributes)
    assert request.url == url
    assert dict(request.headers).get(b"soapaction") == (b'"urn:a"' if "action" in attributes else None)
    assert (message.to, message.headers.get("SOAPAction")) == ("http://to/x", None)


async def test_trap_40_the_answer_replaces_the_message_and_the_request_headers_stay() -> None:
    _, message = await _callout()
    content = message.payload.content()
    assert content is not None
    assert (content.tag, content.text, message.axis2["HTTP_SC"]) == ("a", "ü", "500")
    assert (message.headers.get("X-Answer"), message.resumed) == (None, False)


JSON, XML = "application/json", "application/xml"


@pytest.mark.parametrize("step", ["<callout>{}</callout>", '<call blocking="true">{}</call>'])
@pytest.mark.parametrize("keeps_headers", [True, False])
@pytest.mark.parametrize(
    ("request_type", "answer", "answer_type", "sent", "sent_type"),
    [
        (f"{JSON}; charset=utf-8", b"<a><b>1</b></a>", XML, b'{"a":{"b":1}}', JSON),
        (XML, b'{"b": [1]}', JSON, b"<jsonObject><b>1</b></jsonObject>", XML),
        (XML, b"<a  />", XML, b"<a  />", XML),
        ("text/xml", b"<a/>", XML, f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a/></e:Body></e:Envelope>'.encode(), ""),
        (None, b'{"b": 1}', JSON, b'{"b": 1}', JSON),
    ],
)
async def test_an_answer_leaves_in_the_format_of_the_request(
    step: str,
    keeps_headers: bool,
    request_type: str | None,
    answer: bytes,
    answer_type: str,
    sent: bytes,
    sent_type: str,
) -> None:
    http = StubClient(lambda request: response(200, answer, answer_type))
    harness = Harness(http=http)
    message = harness.message(b"<r/>" if request_type in (XML, "text/xml") else b"{}", request_type or JSON)
    if request_type is None:
        message.payload.clear()
        message.headers.remove("Content-Type")
    if not keeps_headers:
        message.properties["BLOCKING_SENDER_PRESERVE_REQ_HEADERS"] = "false"
    await harness.run(step.format('<endpoint><address uri="http://s/"/></endpoint>'), message)
    body, content_type = body_of(message)
    assert isinstance(body, bytes)
    if request_type == "text/xml":
        body, sent = canonical(body), canonical(sent)
    assert body == sent
    header = content_type or message.headers.get("content-type") or ""
    assert header.startswith(sent_type or "text/xml")


def canonical(text: bytes) -> bytes:
    return etree.tostring(etree.fromstring(text), method="c14n").replace(b"soapenv", b"e")


async def test_a_property_gets_the_answer() -> None:
    _, message = await _callout('<target key="k"/>')
    assert message.properties["k"].tag == "a"
    content = message.payload.content()
    assert content is not None
    assert content.tag == "r"


async def test_the_answer_takes_the_place_of_an_element() -> None:
    _, message = await _callout('<source xpath="//x"/><target xpath="//x"/>')
    content = message.payload.content()
    assert content is not None
    assert [child.tag for child in content] == ["a", "y"]
    assert b"<a>" in message.payload.render("soap11")


async def test_a_place_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(Fault, match="//n finds no element"):
        await _callout('<target xpath="//n"/>')


async def test_trap_40_a_failure_is_a_fault() -> None:
    def refused(request: HttpRequest) -> HttpResponse:
        raise TransportError("refused", code=101503)

    harness = Harness(http=StubClient(refused))
    message = harness.message(REQUEST.encode(), "text/xml")
    with pytest.raises(Fault, match="refused") as caught:
        await harness.run('<callout serviceURL="http://s/"/>', message)
    assert caught.value.code == 401002
    assert (message.properties, "HTTP_SC" in message.axis2) == ({"blocking.sender.error": "true"}, False)


async def test_an_error_status_is_a_failure_that_the_flow_s_message_tells() -> None:
    harness = Harness(http=StubClient(lambda request: response(503)))
    message = harness.message(REQUEST.encode(), "text/xml")
    with pytest.raises(Fault) as caught:
        await harness.run('<callout serviceURL="http://s/"/>', message)
    assert (caught.value.code, message.axis2["HTTP_SC"]) == (503, 503)
    assert message.properties == {"blocking.sender.error": "true", "HTTP_SC": 503}


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<callout serviceURL="http://s/" endpointKey="e"/>', "one-of"),
        ("<callout><source/></callout>", "one-of"),
        ("<callout><target/></callout>", "one-of"),
        ('<callout><enableSec policy="p"/></callout>', "unsupported"),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, code: str) -> None:
    [problem] = Harness().problems(xml)
    assert f"error[{code}]" in problem


def test_what_only_axis2_needs_is_accepted() -> None:
    xml = '<callout initAxis2ClientOptions="false"><configuration axis2xml="a" repository="b"/></callout>'
    assert Harness().problems(xml) == []
