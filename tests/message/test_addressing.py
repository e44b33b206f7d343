from __future__ import annotations

import pytest
from lxml import etree

from engine.message import addressing

S11 = "http://schemas.xmlsoap.org/soap/envelope/"
S12 = "http://www.w3.org/2003/05/soap-envelope"


def envelope(header: str, soap: str = S11, wsa: str = addressing.FINAL) -> etree._Element:
    return etree.fromstring(
        f'<s:Envelope xmlns:s="{soap}" xmlns:a="{wsa}"><s:Header>{header}</s:Header><s:Body/></s:Envelope>'
    )


@pytest.mark.parametrize("soap", [S11, S12])
@pytest.mark.parametrize("wsa", [addressing.FINAL, addressing.SUBMISSION])
@pytest.mark.parametrize(
    ("header", "name", "expected"),
    [
        ("<a:To> http://b/x\n</a:To>", "To", "http://b/x"),
        ("<a:ReplyTo><a:Address>urn:r</a:Address></a:ReplyTo>", "ReplyTo", "urn:r"),
        ("<a:To/>", "To", ""),
        ("<To>urn:x</To>", "To", ""),
        ("", "To", ""),
    ],
)
def test_text_of_a_block(soap: str, wsa: str, header: str, name: str, expected: str) -> None:
    assert addressing.text(envelope(header, soap, wsa), name) == expected


def test_no_header_and_no_envelope_have_no_blocks() -> None:
    assert addressing.text(etree.fromstring(f'<s:Envelope xmlns:s="{S11}"><s:Body/></s:Envelope>'), "To") == ""
    assert addressing.text(etree.fromstring("<a/>"), "To") == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"{addressing.FINAL}/anonymous", True),
        (f"{addressing.FINAL}/none", True),
        (f"{addressing.SUBMISSION}/role/anonymous", True),
        ("http://b", False),
    ],
)
def test_anonymous(address: str, expected: bool) -> None:
    assert addressing.is_anonymous(address) is expected
