from __future__ import annotations

from typing import Any

import pytest

from engine.message.codecs import related, xml
from engine.message.codecs.soap import NAMESPACES
from engine.testing.harness import Harness, StubClient, response

S11, S12 = NAMESPACES["soap11"], NAMESPACES["soap12"]
TYPES = {S11: "text/xml", S12: "application/soap+xml"}
FAULTS = {
    S11: "<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>",
    S12: (
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>"
        '<s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason></s:Fault>'
    ),
}
ACTION = {"SOAPAction": '"urn:go"'}
CALL = '<call><endpoint><address uri="http://b/s"/></endpoint></call>'


def envelope(namespace: str, inside: str = "<a/>") -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


def renamed(raw: bytes) -> bytes:
    """With the prefix of the reader's own envelopes, whatever prefix was written."""
    return raw.replace(b"soapenv", b"s")


async def answered(steps: str, client: str, body: bytes, content_type: str, headers: Any = None) -> tuple[bytes, str]:
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}<respond/></inSequence></target></proxy>',
        http=StubClient(lambda _: response(200, body, content_type)),
    )
    answer = await harness.request(
        "POST", "/services/p", envelope(client), TYPES[client], headers=ACTION if headers is None else headers
    )
    return answer.body, str(answer.headers.get("content-type"))


@pytest.mark.parametrize(("client", "back_end"), [(S11, S12), (S12, S11)])
@pytest.mark.parametrize("look", ["", '<log level="full"/>'])
async def test_the_answer_has_the_version_of_the_client(client: str, back_end: str, look: str) -> None:
    body, content_type = await answered(CALL + look, client, envelope(back_end), TYPES[back_end])
    assert renamed(body) == envelope(client)
    assert content_type == f"{TYPES[client]}; charset=UTF-8"


@pytest.mark.parametrize(("client", "back_end"), [(S11, S12), (S12, S11)])
async def test_so_have_faults(client: str, back_end: str) -> None:
    body, _ = await answered(CALL, client, envelope(back_end, FAULTS[back_end]), TYPES[back_end])
    assert renamed(body) == envelope(client, FAULTS[client])


@pytest.mark.parametrize("version", [S11, S12])
async def test_the_same_version_passes_byte_for_byte(version: str) -> None:
    raw = envelope(version, "<a   />")
    assert await answered(CALL, version, raw, TYPES[version]) == (raw, TYPES[version])


@pytest.mark.parametrize(
    ("client", "headers", "body", "content_type"),
    [
        (S11, {}, envelope(S12), TYPES[S12]),
        (S12, None, b"<a  />", "text/xml"),
        (S12, None, b"<a  />", "application/xml"),
        (S11, None, b'{"a": 1}', "application/json"),
    ],
    ids=["text/xml without SOAPAction", "plain XML as text/xml", "plain XML", "JSON"],
)
async def test_what_is_not_soap_on_both_sides_stays(client: str, headers: Any, body: bytes, content_type: str) -> None:
    assert await answered(CALL, client, body, content_type, headers) == (body, content_type)


async def test_what_the_flow_made_is_converted_too() -> None:
    made = '<payloadFactory media-type="xml"><format><b xmlns=""/></format><args/></payloadFactory>'
    body, content_type = await answered(CALL + made, S11, envelope(S12), TYPES[S12])
    assert content_type == "text/xml; charset=UTF-8"
    assert S11.encode() in body
    assert b"<b" in body


@pytest.mark.parametrize(("name", "type_"), [("enableMTOM", "application/xop+xml"), ("enableSwA", "text/xml")])
async def test_an_answer_leaves_as_multipart_when_the_flow_says_so(name: str, type_: str) -> None:
    steps = f'{CALL}<property name="{name}" value="true" scope="axis2"/>'
    body, content_type = await answered(steps, S11, envelope(S11), TYPES[S11])
    assert content_type.startswith("multipart/related; boundary=")
    assert f'type="{type_}"' in content_type
    assert xml.text_of(related.decode(body)) == envelope(S11).decode()


@pytest.mark.parametrize(("name", "type_"), [("enableMTOM", "application/xop+xml"), ("enableSwA", "text/xml")])
@pytest.mark.parametrize(
    ("back_end", "content_type", "inside"),
    [
        (b"<a>1</a>", "application/xml", "<a>1</a>"),
        (b'{"a": 1}', "application/json", "<jsonObject><a>1</a></jsonObject>"),
    ],
)
async def test_so_does_an_answer_of_plain_xml_and_of_json(
    name: str, type_: str, back_end: bytes, content_type: str, inside: str
) -> None:
    steps = f'{CALL}<property name="{name}" value="true" scope="axis2"/>'
    body, got = await answered(steps, S11, back_end, content_type)
    assert f'type="{type_}"' in got
    content = related.decode(body).find("{*}Body/*")
    assert content is not None
    assert xml.text_of(content) == inside


@pytest.mark.parametrize(("back_end", "content_type"), [(b"<a", "application/xml"), (b"x", "text/plain")])
async def test_what_cannot_be_soap_leaves_as_it_came(back_end: bytes, content_type: str) -> None:
    steps = f'{CALL}<property name="enableMTOM" value="true" scope="axis2"/>'
    assert await answered(steps, S11, back_end, content_type) == (back_end, content_type)


PAYLOAD = '<payloadFactory media-type="xml"><format>{}</format><args/></payloadFactory>'
AS_TEXT_XML = '<property name="messageType" value="text/xml" scope="axis2"/>'
MADE = PAYLOAD.format('<b xmlns="">1</b>') + AS_TEXT_XML
JSON = b"<jsonObject><b>1</b></jsonObject>"


@pytest.mark.parametrize(
    ("steps", "back_end", "expected"),
    [
        (MADE, b"", b"<b>1</b>"),
        (CALL + PAYLOAD.format('<b xmlns="">1</b>'), b"<a/>", b"<b>1</b>"),
        (
            '<payloadFactory media-type="json"><format>{"b": 1}</format><args/></payloadFactory>' + AS_TEXT_XML,
            b"",
            JSON,
        ),
        (CALL, b"<a  />", b"<a  />"),
        (CALL, envelope(S11), envelope(S11)),
        (PAYLOAD.format(envelope(S11, '<b xmlns=""/>').decode()), b"", envelope(S11, "<b/>")),
    ],
)
@pytest.mark.parametrize(("method", "content_type"), [("POST", "application/xml"), ("GET", "")])
async def test_a_client_without_soap_gets_plain_xml(
    steps: str, back_end: bytes, expected: bytes, method: str, content_type: str
) -> None:
    to_soap = AS_TEXT_XML if b"Envelope" in expected else ""
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}{to_soap}<respond/></inSequence></target></proxy>',
        http=StubClient(lambda _: response(200, back_end, "text/xml")),
    )
    answer = await harness.request(method, "/services/p", b"<q/>" if content_type else b"", content_type)
    assert renamed(answer.body) == expected
    assert str(answer.headers.get("content-type")).startswith("text/xml")


MAKEFAULT = (
    '<makefault version="{}" xmlns:e="{}"><code value="e:{}"/><reason value="no"/><detail>{}</detail></makefault>'
)
FAULT11 = MAKEFAULT.format("soap11", S11, "Server", "")
FAULT12 = MAKEFAULT.format("soap12", S12, "Receiver", "")
OTHER_STATUS = '<property name="HTTP_SC" value="418" scope="axis2"/>'
WITH_200 = '<property name="FAULTS_AS_HTTP_200" value="true" scope="axis2"/>'


@pytest.mark.parametrize(
    ("steps", "content_type", "status", "expected"),
    [
        (FAULT11, "application/xml", 500, "<Exception>no</Exception>"),
        (FAULT12, "application/xml", 500, "<Exception>no</Exception>"),
        (MAKEFAULT.format("soap11", S11, "Server", "more"), "application/xml", 500, "<Exception>more</Exception>"),
        (MAKEFAULT.format("soap12", S12, "Sender", "more"), "application/xml", 500, "<Exception>more</Exception>"),
        (
            MAKEFAULT.format("soap11", S11, "Server", "&lt;a&gt;1&lt;/a&gt;"),
            "application/xml",
            500,
            "<Exception><a>1</a></Exception>",
        ),
        (FAULT11, "application/json", 500, '{"Exception":"no"}'),
        (FAULT11, "", 500, "<Exception>no</Exception>"),
        (FAULT11 + OTHER_STATUS, "application/json", 418, '{"Exception":"no"}'),
        (FAULT11 + WITH_200, "application/json", 200, '{"Exception":"no"}'),
        (CALL + FAULT11, "application/json", 200, '{"Exception":"no"}'),
    ],
)
async def test_a_fault_that_a_flow_makes_is_an_exception_to_a_client_without_soap(
    steps: str, content_type: str, status: int, expected: str
) -> None:
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}<respond/></inSequence></target></proxy>', http=StubClient()
    )
    body = b"" if not content_type else b"{}" if content_type.endswith("json") else b"<q/>"
    answer = await harness.request("POST" if body else "GET", "/services/p", body, content_type)
    assert (answer.status, answer.body.decode()) == (status, expected)


@pytest.mark.parametrize("look", ["", '<log level="full"/>'])
async def test_a_fault_of_a_soap_back_end_stays_what_it_is(look: str) -> None:
    raw = envelope(S11, FAULTS[S11])
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{CALL}{look}<respond/></inSequence></target></proxy>',
        http=StubClient(lambda _: response(500, raw, "text/xml")),
    )
    answer = await harness.request("POST", "/services/p", b"<q/>", "application/xml")
    assert (answer.status, answer.body) == (500, raw)
