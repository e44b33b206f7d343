from __future__ import annotations

import pytest
from lxml import etree

from engine.core.last_hop import drop_addressing
from engine.message.codecs import xml
from engine.testing.harness import Harness, StubClient, response

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
OLD = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
BLOCKS = (
    f'<w:To xmlns:w="{WSA}">urn:a</w:To><w:MessageID xmlns:w="{OLD}">1</w:MessageID><m xmlns="urn:m">kept</m>'
    f'<n xmlns="{WSA}/other"/>'
)
RAW = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{BLOCKS}</s:Header><s:Body><a/></s:Body></s:Envelope>'.encode()
CHANGE = '<header name="h:x" value="1" xmlns:h="urn:h"/>'


def names(raw: bytes) -> list[str]:
    return [str(block.tag) for block in xml.decode(raw).iterfind("{*}Header/*")]


KEPT = ["{urn:m}m", f"{{{WSA}/other}}n", "{urn:h}x"]
ALL = [f"{{{WSA}}}To", f"{{{OLD}}}MessageID", *KEPT]


async def sent(steps: str, *, answer: bytes = RAW) -> tuple[bytes, bytes]:
    """What the back end gets, and what the client gets."""
    client = StubClient(lambda _: response(200, answer, "text/xml"))
    call = '<call><endpoint><address uri="http://b/s"/></endpoint></call>'
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}{call}{steps}<respond/></inSequence></target></proxy>',
        http=client,
    )
    got = await harness.request("POST", "/services/p", RAW, "text/xml", headers={"SOAPAction": "x"})
    body = client.requests[0].body
    assert isinstance(body, bytes)
    return body, got.body


async def test_a_changed_message_goes_without_the_blocks_of_its_last_hop() -> None:
    to_back_end, to_client = await sent(CHANGE)
    assert names(to_back_end) == KEPT
    assert names(to_client) == [*KEPT, f"{{{OLD}}}MessageID", f"{{{OLD}}}RelatesTo"]


def blocks(raw: bytes) -> dict[str, str]:
    """The blocks of WS-Addressing; a made-up name is shown as ``new``."""
    found = {}
    for block in xml.decode(raw).iterfind("{*}Header/*"):
        name, text = etree.QName(block), block.text or ""
        if name.namespace in (WSA, OLD):
            found[name.localname] = "new" if text.startswith("urn:uuid:") else text
    return found


def soap(header: str = "", inside: str = "<a/>", namespace: str = WSA) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:w="{namespace}"><s:Header>{header}</s:Header><s:Body>{inside}</s:Body>'
        "</s:Envelope>"
    ).encode()


NAMED = "<w:MessageID>urn:1</w:MessageID><w:Action>urn:go</w:Action><w:To>urn:to</w:To>"
ANSWERED = "<w:RelatesTo>urn:2</w:RelatesTo><w:Action>urn:done</w:Action>"
FAULT = "<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>"
CALL = '<call><endpoint><address uri="http://b/s"/></endpoint></call>'
LOOK = '<property name="x" expression="//a"/>'
JSON = '<payloadFactory media-type="json"><format>{"a": 1}</format><args/></payloadFactory>'
AS_SOAP = '<property name="messageType" value="text/xml" scope="axis2"/>'
REST = (
    LOOK + JSON + '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call>'
    f'<payloadFactory media-type="xml"><format>{soap().decode()}</format><args/></payloadFactory>' + AS_SOAP
)
THROW = LOOK + '<throwError xmlns="http://ws.apache.org/ns/synapse" type="1" errorMessage="m"/>'


@pytest.mark.parametrize(
    ("steps", "request_", "answer", "expected"),
    [
        (CHANGE, soap(NAMED), b"", {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"}),
        (
            LOOK + CALL + CHANGE,
            soap(NAMED),
            soap(ANSWERED),
            {"Action": "urn:done", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (
            CHANGE + CALL + CHANGE,
            soap(NAMED),
            soap(),
            {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (
            LOOK + CALL + CHANGE,
            soap(NAMED),
            soap("", FAULT),
            {"Action": f"{WSA}/fault", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (REST, soap(NAMED), b'{"b": 1}', {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"}),
        (
            REST.replace(soap().decode(), '<a xmlns="">1</a>'),
            soap(NAMED),
            b"{}",
            {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (
            LOOK + JSON + AS_SOAP,
            soap(NAMED),
            b"",
            {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (LOOK + AS_SOAP, soap(NAMED), b"", {"MessageID": "urn:1", "Action": "urn:go", "To": "urn:to"}),
        (THROW, soap(NAMED), b"", {"Action": f"{WSA}/fault", "MessageID": "new", "RelatesTo": "urn:1"}),
        (
            CHANGE,
            soap(NAMED, namespace=OLD),
            b"",
            {"Action": "urn:goResponse", "MessageID": "new", "RelatesTo": "urn:1"},
        ),
        (CHANGE, soap("<w:MessageID>1</w:MessageID>"), b"", {"MessageID": "new", "RelatesTo": "1"}),
        (CHANGE, soap("<w:Action>urn:go</w:Action>"), b"", {}),
        (CHANGE, soap(), b"", {}),
        (LOOK + CALL, soap(NAMED), soap(ANSWERED), {"RelatesTo": "urn:2", "Action": "urn:done"}),
    ],
)
async def test_a_changed_answer_tells_a_client_with_addressing_which_request_it_is_for(
    steps: str, request_: bytes, answer: bytes, expected: dict[str, str]
) -> None:
    media = "application/json" if answer.startswith(b"{") else "text/xml"
    client = StubClient(lambda _: response(200, answer, media))
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{steps}<respond/></inSequence></target></proxy>', http=client
    )
    got = await harness.request("POST", "/services/p", request_, "text/xml", headers={"SOAPAction": "x"})
    assert blocks(got.body) == expected


async def test_with_the_property_they_stay() -> None:
    preserve = '<property name="PRESERVE_WS_ADDRESSING" value="true"/>'
    assert [names(each) for each in await sent(preserve + CHANGE)] == [ALL, ALL]


@pytest.mark.parametrize("look", ["", '<log level="full"/>'])
async def test_what_was_not_changed_keeps_its_bytes(look: str) -> None:
    assert await sent(look) == (RAW, RAW)


def test_nothing_to_drop_changes_nothing() -> None:
    message = Harness().message(RAW.replace(WSA.encode(), b"urn:1").replace(OLD.encode(), b"urn:2"), "text/xml")
    message.payload.editable_envelope()
    payload = message.payload
    drop_addressing(message)
    assert message.payload is payload


def test_a_copy_that_waits_for_another_try_keeps_them() -> None:
    message = Harness().message(RAW, "text/xml")
    message.payload.editable_envelope()
    before = message.payload
    drop_addressing(message)
    assert len(before.envelope().findall("{*}Header/*")) == 4
    assert len(message.payload.envelope().findall("{*}Header/*")) == 2
