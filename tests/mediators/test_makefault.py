from __future__ import annotations

import copy
from typing import cast

import pytest

from engine.message.codecs import xml
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubExchange

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
NAMESPACES = f'xmlns:s11="{SOAP11}" xmlns:s12="{SOAP12}"'


async def _made(steps: str, body: bytes = b"{}", content_type: str = "application/json") -> MessageContext:
    harness = Harness(namespaces=NAMESPACES)
    message = harness.message(body, content_type)
    message.to = "http://a.example"
    message.properties.update(code="soapenv:Server", reason="a < b")
    assert await harness.run(steps, message) is True
    return message


def _content(message: MessageContext) -> str:
    content = message.payload.content()
    assert content is not None
    return xml.text_of(copy.deepcopy(content))


@pytest.mark.parametrize(
    ("inside", "made"),
    [
        (
            '<code value="s11:Client"/><reason value="no"/>',
            "<faultcode>soapenv:Client</faultcode><faultstring>no</faultstring>",
        ),
        (
            '<code expression="$ctx:code"/><reason expression="$ctx:reason"/>',
            "<faultcode>soapenv:Server</faultcode><faultstring>a &lt; b</faultstring>",
        ),
        (
            '<code expression="\'Server\'"/><reason expression="$ctx:missing"/>',
            "<faultcode>soapenv:Server</faultcode><faultstring></faultstring>",
        ),
        (
            '<code value="s11:Server"/><reason value="no"/><node>urn:n</node><role>urn:r</role><detail>more</detail>',
            "<faultcode>soapenv:Server</faultcode><faultstring>no</faultstring><faultactor>urn:r</faultactor>"
            "<detail>more</detail>",
        ),
        (
            '<code value="s11:Server"/><reason value="no"/><detail><a xmlns="">1</a><b xmlns="">2</b></detail>',
            "<faultcode>soapenv:Server</faultcode><faultstring>no</faultstring><detail><a>1</a><b>2</b></detail>",
        ),
        (
            '<code value="s11:Server"/><reason value="no"/><detail expression="$ctx:reason"/>',
            "<faultcode>soapenv:Server</faultcode><faultstring>no</faultstring><detail>a &lt; b</detail>",
        ),
        (
            '<code value="s11:Server"/><reason value="no"/><detail/>',
            "<faultcode>soapenv:Server</faultcode><faultstring>no</faultstring><detail></detail>",
        ),
    ],
)
async def test_soap11(inside: str, made: str) -> None:
    message = await _made(f"<makefault>{inside}</makefault>")
    assert _content(message) == f'<soapenv:Fault xmlns:soapenv="{SOAP11}">{made}</soapenv:Fault>'
    assert message.payload.kind == "soap11"
    assert (message.to, message.is_response) == (None, True)


async def test_soap12() -> None:
    inside = '<code value="s12:Sender"/><reason value="no"/><node>urn:n</node><role>urn:r</role><detail>more</detail>'
    message = await _made(f'<makefault version="soap12" response="true">{inside}</makefault>')
    assert _content(message) == (
        f'<soapenv:Fault xmlns:soapenv="{SOAP12}"><soapenv:Code><soapenv:Value>soapenv:Sender</soapenv:Value>'
        '</soapenv:Code><soapenv:Reason><soapenv:Text xml:lang="en">no</soapenv:Text></soapenv:Reason>'
        "<soapenv:Node>urn:n</soapenv:Node><soapenv:Role>urn:r</soapenv:Role><soapenv:Detail>more</soapenv:Detail>"
        "</soapenv:Fault>"
    )
    assert message.payload.kind == "soap12"
    assert (message.to, message.is_response) == (None, True)


@pytest.mark.parametrize(
    ("inside", "made"),
    [
        ("<detail>more</detail><reason value='no'/>", "<Exception>more</Exception>"),
        ('<detail expression="$ctx:reason"/>', "<Exception>a &lt; b</Exception>"),
        ('<reason expression="$ctx:reason"/>', "<Exception>a &lt; b</Exception>"),
        ('<reason value="no"/>', "<Exception>no</Exception>"),
        ("", "<Exception></Exception>"),
    ],
)
async def test_pox(inside: str, made: str) -> None:
    message = await _made(f'<makefault version="pox">{inside}</makefault>')
    assert _content(message) == made
    assert message.axis2["HTTP_SC"] == 500
    assert (message.to, message.is_response) == (None, True)


async def test_a_fault_that_goes_on_as_a_request() -> None:
    message = await _made('<makefault version="pox" response="false"/>')
    assert (message.to, message.is_response) == ("http://a.example", False)


async def test_a_pox_fault_has_no_address_but_one_the_flow_has_set() -> None:
    harness = Harness()
    message = harness.message(b"<a/>", "application/xml")
    message.to = message.requested
    assert await harness.run('<makefault version="pox"><reason value="no"/></makefault><send/>', message) is False
    [answer] = cast(StubExchange, message.exchange).answers
    assert answer.body == b"<Exception>no</Exception>"


@pytest.mark.parametrize(("name", "value"), [("HTTP_SC", "404"), ("FAULTS_AS_HTTP_200", "true")])
async def test_a_pox_fault_leaves_the_status_of_the_flow(name: str, value: str) -> None:
    xml_text = f'<property name="{name}" value="{value}" scope="axis2"/><makefault version="pox"/>'
    message = await _made(xml_text)
    assert message.axis2 == {name: value}


@pytest.mark.parametrize("version", ["s11", "s12"])
async def test_the_header_blocks_stay(version: str) -> None:
    namespace = SOAP11 if version == "s11" else SOAP12
    body = f'<s:Envelope xmlns:s="{namespace}"><s:Header><h>1</h></s:Header><s:Body><q/></s:Body></s:Envelope>'.encode()
    steps = '<makefault version="soap11"><code value="s11:Server"/><reason value="no"/></makefault>'
    message = await _made(steps, body, "text/xml")
    assert [each.tag for each in message.payload.envelope().iterfind("{*}*/*")] == ["h", f"{{{SOAP11}}}Fault"]


@pytest.mark.parametrize(
    ("body", "content_type", "content"),
    [
        (b"<a/>", "application/xml", "<Exception>no</Exception>"),
        (b"<a/>", "text/xml", "<Exception>no</Exception>"),
        (b"{}", "application/json", "<faultcode>soapenv:Server</faultcode>"),
        (b"", "", "<faultcode>soapenv:Server</faultcode>"),
        (b"<broken", "application/xml", "<faultcode>soapenv:Server</faultcode>"),
        (f'<e:Envelope xmlns:e="{SOAP11}"><e:Body/></e:Envelope>'.encode(), "text/xml", "soapenv:Server</faultcode>"),
        (
            f'<e:Envelope xmlns:e="{SOAP12}"><e:Body/></e:Envelope>'.encode(),
            "application/soap+xml",
            "<soapenv:Value>soapenv:Receiver</soapenv:Value>",
        ),
    ],
)
@pytest.mark.parametrize("code", ["s11:Server", "s12:Receiver"])
async def test_without_a_version_it_is_what_the_message_is(
    body: bytes, content_type: str, content: str, code: str
) -> None:
    steps = f'<makefault><code value="{code}"/><reason value="no"/></makefault>'
    assert content in _content(await _made(steps, body, content_type))


@pytest.mark.parametrize("content_type", ["application/json", "text/xml", "application/xml"])
@pytest.mark.parametrize("version", ["pox", "soap11"])
async def test_a_body_that_cannot_be_read_is_no_obstacle(version: str, content_type: str) -> None:
    steps = f'<makefault version="{version}"><code value="s11:Client"/><reason value="no"/></makefault>'
    message = await _made(steps, b"<broken", content_type)
    assert "no" in _content(message)


async def test_the_detail_may_be_nodes_of_the_message() -> None:
    inside = '<code value="s11:Server"/><reason value="no"/><detail expression="//b"/>'
    steps = f'<makefault version="soap11">{inside}</makefault>'
    message = await _made(steps, b"<a><b>1</b><b>2</b></a>", "application/xml")
    assert [each.text for each in message.payload.envelope().iterfind(".//detail/b")] == ["1", "2"]


@pytest.mark.parametrize(
    ("xml_text", "problem"),
    [
        ("<makefault/>", "2:1: error[missing-element]: <makefault>: a SOAP fault needs <code>."),
        (
            '<makefault><code value="s11:Server"/></makefault>',
            "2:1: error[missing-element]: <makefault>: a SOAP fault needs <reason>.",
        ),
        (
            '<makefault><code value="Server"/><reason value="no"/></makefault>',
            "2:1: error[bad-value]: <makefault>: the code 'Server' is not in the namespace of soap11. "
            f'Write soapenv:Server with xmlns:soapenv="{SOAP11}".',
        ),
        (
            '<makefault version="soap12"><code value="s11:Server"/><reason value="no"/></makefault>',
            "2:1: error[bad-value]: <makefault>: the code 'Server' is not in the namespace of soap12. "
            f'Write soapenv:Server with xmlns:soapenv="{SOAP12}".',
        ),
        (
            '<makefault><code value="s11:Sender"/><reason value="no"/></makefault>',
            "2:1: error[bad-value]: <makefault>: 'Sender' is no fault code of soap11. "
            "Known: VersionMismatch, MustUnderstand, Client, Server.",
        ),
        (
            '<makefault response="maybe" version="pox"/>',
            "2:22: error[bad-value]: 'maybe' is neither true nor false.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml_text: str, problem: str) -> None:
    assert Harness(namespaces=NAMESPACES).problems(f"\n{xml_text}") == [problem]
