"""Formats on a real socket."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

import pytest

from engine.core.wire import body_of
from engine.message.codecs import related
from engine.message.payload import Payload

XML = b"<q:getQuote xmlns:q='urn:q'><q:symbol>A &amp; B</q:symbol><q:n>1</q:n></q:getQuote>"


def line(head: str, name: str) -> str | None:
    found = [value for key, _, value in (x.partition(": ") for x in head.split("\r\n")) if key.lower() == name]
    return found[0] if found else None


async def sent(back_ends: Any, caller: Any, attributes: str, prepare: Any = None) -> tuple[str, bytes]:
    [server] = await back_ends(1)

    def with_xml(message: Any) -> None:
        message.payload = Payload(XML, "application/xml", origin="client")
        message.headers.set("Content-Type", "application/xml")
        if prepare is not None:
            prepare(message)

    e = caller(f'<endpoint name="e"><address uri="{server.url}/s" {attributes}/></endpoint>')
    await e.call(prepare=with_xml)
    return server.heads[0], server.bodies[0]


async def test_get_puts_the_payload_into_the_query(back_ends: Any, caller: Any) -> None:
    head, body = await sent(back_ends, caller, 'format="get"')
    assert head.startswith("GET /s/getQuote?symbol=A+%26+B&n=1 HTTP/1.1\r\n")
    assert body == b""


@pytest.mark.parametrize(
    ("attributes", "content_type", "start"),
    [
        ('format="pox"', "application/xml", b"<q:getQuote"),
        ('format="soap11"', "text/xml", b"<soapenv:Envelope"),
        ('format="soap12"', 'application/soap+xml; action="urn:go"', b"<soapenv:Envelope"),
        ('format="soap11" encoding="utf-16"', "text/xml; charset=utf-16", b"\xff\xfe"),
        ("", "application/xml", b"<q:getQuote"),
    ],
)
async def test_soap_is_posted_with_its_content_type(
    back_ends: Any, caller: Any, attributes: str, content_type: str, start: bytes
) -> None:
    def prepare(message: Any) -> None:
        message.axis2["HTTP_METHOD"] = "PUT"
        message.axis2["REST_URL_POSTFIX"] = "/rest"
        message.headers.set("SOAPAction", '"urn:go"')

    head, body = await sent(back_ends, caller, attributes, prepare)
    is_soap = "soap" in attributes
    assert head.startswith("POST /s HTTP" if is_soap else "PUT /s/rest HTTP")
    assert line(head, "content-type") == content_type
    assert body.startswith(start)


@pytest.mark.parametrize(
    ("attributes", "start"),
    [
        ('format="soap11" optimize="mtom"', 'multipart/related; boundary="'),
        ('format="soap12" optimize="swa"', 'multipart/related; boundary="'),
        ('optimize="mtom"', "application/xml"),  # no SOAP
        ('format="pox" optimize="mtom"', "application/xml"),
    ],
)
async def test_optimize_makes_soap_multipart(back_ends: Any, caller: Any, attributes: str, start: str) -> None:
    head, body = await sent(back_ends, caller, attributes)
    content_type = line(head, "content-type") or ""
    assert content_type.startswith(start)
    assert body.startswith(b"--MIMEBoundary_") == content_type.startswith("multipart")
    if "mtom" in attributes and "soap" in attributes:
        assert 'type="application/xop+xml"' in content_type
        assert 'start-info="text/xml"' in content_type


async def test_an_answer_in_mtom_is_read_as_soap_and_passed_on_as_it_came(back_ends: Any, caller: Any) -> None:
    [server] = await back_ends(1)
    text = base64.b64encode(bytes(2000)).decode()
    namespace = "http://schemas.xmlsoap.org/soap/envelope/"
    envelope = f'<s:Envelope xmlns:s="{namespace}"><s:Body><f>{text}</f></s:Body></s:Envelope>'
    packaged = related.encode(envelope.encode(), "mtom")
    assert packaged is not None
    body, content_type = packaged
    head = f"HTTP/1.1 200 X\r\nContent-Length: {len(body)}\r\nContent-Type: {content_type}\r\n\r\n"
    server.answer = head.encode() + body
    e = caller(f'<endpoint name="e"><address uri="{server.url}" format="soap11"/></endpoint>')
    message = await e.call()
    assert message.payload.envelope().findtext(".//f") == text
    assert body_of(message) == (body, None)
    assert message.headers.get("content-type") == content_type
    # Another type is what it holds, and so is what was changed.
    message.set_axis2("messageType", "text/xml")
    unpacked, _ = body_of(message)
    assert text.encode() in bytes(unpacked)
    message = await e.call()
    message.payload.set_envelope(message.payload.envelope())
    changed, changed_type = body_of(message)
    assert text.encode() in bytes(changed)
    assert changed_type == "text/xml"


async def test_what_came_packaged_is_not_packaged_again(back_ends: Any, caller: Any) -> None:
    packaged = related.encode(
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>', "mtom"
    )
    assert packaged is not None
    body, content_type = packaged

    def prepare(message: Any) -> None:
        message.payload = Payload(body, content_type, origin="client")
        message.headers.set("Content-Type", content_type)

    head, sent_body = await sent(back_ends, caller, 'optimize="mtom" format="soap11"', prepare)
    assert sent_body == body
    assert line(head, "content-type") == content_type


@pytest.mark.parametrize("how", ['optimize="mtom"', ""])
async def test_a_body_that_is_still_arriving_is_packaged_too(back_ends: Any, caller: Any, how: str) -> None:
    class Stream:
        length: int | None = None
        pieces: ClassVar[list[bytes]] = [
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">',
            b"<s:Body/></s:Envelope>",
            b"",
        ]

        def __init__(self) -> None:
            self.left = list(self.pieces)

        async def read(self) -> bytes:
            return self.left.pop(0)

        def close(self) -> None:
            self.left = [b""]

    def prepare(message: Any) -> None:
        message.payload = Payload(Stream(), "text/xml", origin="client")
        message.headers.set("Content-Type", "text/xml")
        if not how:
            message.axis2["enableMTOM"] = "true"

    _, body = await sent(back_ends, caller, how, prepare)
    assert body.startswith(b"--MIMEBoundary_")
