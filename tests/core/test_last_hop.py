from __future__ import annotations

import pytest

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
    assert [names(each) for each in await sent(CHANGE)] == [KEPT, KEPT]


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
