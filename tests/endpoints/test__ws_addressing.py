from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.core.http import HttpRequest
from engine.testing.harness import Harness, StubClient

FINAL = "http://www.w3.org/2005/08/addressing"
SUBMISSION = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OLD = f'<w:MessageID xmlns:w="{FINAL}">old</w:MessageID><x:Mine xmlns:x="urn:x">kept</x:Mine>'


async def sent(addressing: str, attributes: str = "", properties: Any = None, body: bytes | None = None) -> HttpRequest:
    client = StubClient()
    xml = f'<endpoint name="e"><address uri="http://b/s" {attributes}>{addressing}</address></endpoint>'
    harness = Harness(xml, http=client)
    envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{OLD}</s:Header><s:Body><a/></s:Body></s:Envelope>'.encode()
    message = harness.message(body or envelope, "text/xml" if body is None else "application/json")
    message.headers.set("SOAPAction", '"urn:go"')
    message.properties |= properties or {}
    await harness.snapshot.endpoint("e").send(message)
    return client.requests[0]


def headers(request: HttpRequest) -> dict[str, str]:
    assert isinstance(request.body, bytes)
    found = etree.fromstring(request.body).find("{*}Header")
    return {str(each.tag): "".join(map(str, each.itertext())) for each in found} if found is not None else {}


@pytest.mark.parametrize(
    ("addressing", "namespace", "anonymous"),
    [
        ("<enableAddressing/>", FINAL, f"{FINAL}/anonymous"),
        ('<enableAddressing version="final" separateListener="true"/>', FINAL, f"{FINAL}/anonymous"),
        ('<enableAddressing version="submission"/>', SUBMISSION, f"{SUBMISSION}/role/anonymous"),
    ],
)
async def test_headers(addressing: str, namespace: str, anonymous: str) -> None:
    found = headers(await sent(addressing))
    assert found.pop(f"{{{namespace}}}MessageID").startswith("urn:uuid:")
    assert found == {
        "{urn:x}Mine": "kept",
        f"{{{namespace}}}To": "http://b/s",
        f"{{{namespace}}}Action": "urn:go",
        f"{{{namespace}}}ReplyTo": anonymous,
    }


async def test_headers_are_kept_when_asked_for_and_the_missing_come_to_them() -> None:
    found = headers(await sent("<enableAddressing/>", properties={"PRESERVE_WS_ADDRESSING": "true"}))
    assert list(found.items()) == [
        (f"{{{FINAL}}}MessageID", "old"),
        ("{urn:x}Mine", "kept"),
        (f"{{{FINAL}}}To", "http://b/s"),
        (f"{{{FINAL}}}Action", "urn:go"),
    ]


async def test_it_makes_soap_of_what_the_endpoint_sends_as_soap() -> None:
    request = await sent("<enableAddressing/>", 'format="soap11"', body=b'{"a": 1}')
    assert f"{{{FINAL}}}To" in headers(request)


@pytest.mark.parametrize("attributes", ["", 'format="pox"', 'format="rest"'])
async def test_what_is_no_soap_stays_as_it_is(attributes: str) -> None:
    request = await sent("<enableAddressing/>", attributes, body=b'{"a": 1}')
    assert b"addressing" not in bytes(request.body)  # type: ignore[arg-type]  # the stub gets bytes


async def test_without_it_nothing_is_added() -> None:
    assert f"{{{FINAL}}}To" not in headers(await sent(""))
