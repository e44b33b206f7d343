from __future__ import annotations

import base64
from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.related import Packaging, encode

NAMESPACES = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    "application/soap+xml": "http://www.w3.org/2003/05/soap-envelope",
}
XOP = "{http://www.w3.org/2004/08/xop/include}Include"


def envelope(*texts: str, namespace: str = NAMESPACES["text/xml"]) -> bytes:
    root = etree.Element(f"{{{namespace}}}Envelope")
    body = etree.SubElement(root, f"{{{namespace}}}Body")
    for text in texts:
        etree.SubElement(body, "file").text = text
    return etree.tostring(root)


def parts(envelope_bytes: bytes, packaging: Packaging = "mtom") -> tuple[Message, list[Message]]:
    """Read by a MIME parser that is not ours."""
    encoded = encode(envelope_bytes, packaging)
    assert encoded is not None
    body, content_type = encoded
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    assert message.is_multipart()
    payload = message.get_payload()
    assert isinstance(payload, list)
    return message, [each for each in payload if isinstance(each, Message)]


def content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


def restored(root: bytes, attachments: list[Message]) -> list[str | None]:
    """The texts of the envelope after XOP processing."""
    by_name = {str(each["Content-ID"]).strip("<>"): content(each) for each in attachments}
    texts = []
    for each in etree.fromstring(root).iter("file"):
        include = each.find(XOP)
        name = (include.get("href") or "").removeprefix("cid:") if include is not None else ""
        texts.append(base64.b64encode(by_name[name]).decode() if include is not None else each.text)
    return texts


@pytest.mark.parametrize("type_", NAMESPACES)
def test_mtom(type_: str) -> None:
    binary = bytes(range(256)) * 8
    text = base64.b64encode(binary).decode()
    message, (root, attachment) = parts(envelope(text, "short", namespace=NAMESPACES[type_]))
    assert message.get_param("type") == "application/xop+xml"
    assert message.get_param("start-info") == type_
    assert message.get_param("start") == root["Content-ID"]
    assert root.get_content_type() == "application/xop+xml"
    assert root.get_param("type") == type_
    assert content(attachment) == binary
    assert text.encode() not in content(root)
    assert restored(content(root), [attachment]) == [text, "short"]


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1023,  # too short
        "word " * 400,  # no base64
        "QUJD\n" * 400,  # another base64 than the canonical one
        "=" * 1100,
    ],
)
def test_what_stays_in_the_envelope(text: str) -> None:
    _, found = parts(envelope(text))
    assert len(found) == 1
    assert restored(content(found[0]), []) == [text]


def test_swa_wraps_the_envelope_only() -> None:
    original = envelope(base64.b64encode(b"x" * 2000).decode())
    message, [root] = parts(original, "swa")
    assert (message.get_param("type"), root.get_content_type()) == ("text/xml", "text/xml")
    assert etree.fromstring(content(root)).findtext(".//file") == etree.fromstring(original).findtext(".//file")


@given(st.lists(st.binary(min_size=0, max_size=3000), max_size=4))
def test_the_other_end_sees_the_same_envelope(files: list[bytes]) -> None:
    texts = [base64.b64encode(each).decode() for each in files]
    _, (root, *attachments) = parts(envelope(*texts))
    assert restored(content(root), attachments) == [text or None for text in texts]


def test_what_is_no_envelope() -> None:
    assert encode(b"<a/>", "mtom") is None
    with pytest.raises(DecodeError):
        encode(b"<a", "mtom")
