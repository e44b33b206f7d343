from __future__ import annotations

import pytest

from engine.mediators._envelope import header_blocks, wrap
from engine.message.codecs import xml
from engine.message.payload import Payload
from engine.testing.harness import Harness

SOAP = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><a>1</a><b/></s:Header>'
    b"<s:Body><old/></s:Body></s:Envelope>"
)


class _Stream:
    length = None

    def __init__(self) -> None:
        self.pieces = [SOAP[:60], SOAP[60:]]

    async def read(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self) -> None:
        self.pieces.clear()


@pytest.mark.parametrize(
    ("body", "content_type", "tags"),
    [
        (SOAP, "text/xml", ["a", "b"]),
        (
            SOAP.replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
            "text/xml",
            ["a", "b"],
        ),
        (b"<a/>", "text/xml", []),
        (b"<broken", "text/xml", []),
        (b"", "text/xml", []),
        (b"{}", "application/json", []),
    ],
)
async def test_header_blocks(body: bytes, content_type: str, tags: list[str]) -> None:
    message = Harness().message(body, content_type)
    assert [block.tag for block in await header_blocks(message)] == tags


async def test_a_stream_is_read_for_them() -> None:
    message = Harness().message()
    message.payload = Payload(_Stream(), "text/xml")
    assert [block.tag for block in await header_blocks(message)] == ["a", "b"]


async def test_they_are_put_around_the_new_content() -> None:
    message = Harness().message(SOAP, "text/xml")
    envelope = wrap(xml.decode(b"<new/>"), "soap12", await header_blocks(message))
    assert [each.tag for each in envelope.iterfind("{*}*/*")] == ["a", "b", "new"]
    assert envelope.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert wrap(xml.decode(b"<new/>"), "soap11", []).find("{*}Header") is None


async def test_the_message_keeps_its_own() -> None:
    message = Harness().message(SOAP, "text/xml")
    wrap(xml.decode(b"<new/>"), "soap11", await header_blocks(message))
    assert len(message.payload.envelope().findall("{*}Header/*")) == 2
