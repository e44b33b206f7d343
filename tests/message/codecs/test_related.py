from __future__ import annotations

import base64
from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.related import Attachment, Packaging, attachments, decode, encode

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


def restored(root: bytes, files: list[Message]) -> list[str | None]:
    """The texts of the envelope after XOP processing."""
    by_name = {str(each["Content-ID"]).strip("<>"): content(each) for each in files}
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
    _, (root, *others) = parts(envelope(*texts))
    assert restored(content(root), others) == [text or None for text in texts]


def test_what_is_no_envelope() -> None:
    assert encode(b"<a/>", "mtom") is None
    with pytest.raises(DecodeError):
        encode(b"<a", "mtom")


@given(st.lists(st.binary(min_size=0, max_size=3000), max_size=4), st.sampled_from(["mtom", "swa"]))
def test_what_was_packaged_is_unpacked(files: list[bytes], packaging: Packaging) -> None:
    original = envelope(*(base64.b64encode(each).decode() for each in files))
    encoded = encode(original, packaging)
    assert encoded is not None
    assert etree.tostring(decode(encoded[0]), method="c14n") == etree.tostring(
        etree.fromstring(original), method="c14n"
    )


def package(*parts: str) -> bytes:
    return "".join(f"--b\r\n{part}\r\n" for part in parts).encode() + b"--b--\r\n"


ROOT = (
    'Content-Type: application/xop+xml; type="text/xml"\r\n\r\n'
    f'<s:Envelope xmlns:s="{NAMESPACES["text/xml"]}"><s:Body><f>'
    '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:a%40b"/></f></s:Body></s:Envelope>'
)


@pytest.mark.parametrize(
    ("head", "content"),
    [
        ("Content-ID: <a@b>", "data"),
        ("Content-ID: a@b\r\nContent-Transfer-Encoding: base64", "ZGF0YQ=="),
        ("content-id: <a@b>\r\nContent-Transfer-Encoding: quoted-printable", "d=61ta"),
    ],
)
def test_parts_as_others_write_them(head: str, content: str) -> None:
    found = decode(package(f"{head}\r\n\r\n{content}", ROOT))
    assert found.findtext(".//f") == base64.b64encode(b"data").decode()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (package(ROOT), "refers to 'a@b', which is not there"),
        (package("Content-Type: text/plain\r\n\r\nx"), "without a SOAP message"),
        (package("Content-Type: text/xml\r\n\r\n<a/>"), "without a SOAP message"),
        (b"<a/>", "no part begins"),
        (package(ROOT)[:-8], "without an end"),
    ],
)
def test_what_cannot_be_unpacked(raw: bytes, text: str) -> None:
    with pytest.raises(DecodeError, match=text.replace("(", "[(]")):
        decode(raw)


ATTACHMENTS = st.builds(
    Attachment,
    st.from_regex(r"[a-z0-9.]{1,8}@[a-z]{1,4}", fullmatch=True),
    st.sampled_from(["image/png", 'text/plain; charset="utf-8"']),
    st.binary(max_size=60),
)


@given(st.lists(ATTACHMENTS, max_size=3, unique_by=lambda each: each.name), st.sampled_from(["mtom", "swa"]))
def test_attachments_come_back(files: list[Attachment], packaging: Packaging) -> None:
    encoded = encode(envelope(base64.b64encode(bytes(2000)).decode()), packaging, files)
    assert encoded is not None
    assert attachments(encoded[0]) == files


def test_attachments_as_others_write_them() -> None:
    raw = package(
        ROOT, "Content-ID: <a@b>\r\n\r\nin it", "Content-Type: a/b;\r\n c=d\r\n\r\nx", "Content-ID: <é>\r\n\r\n"
    )
    assert [each[1:] for each in attachments(raw)] == [("a/b; c=d", b"x"), ("application/octet-stream", b"")]


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_bytes_raise_anything_but_a_decode_error(raw: bytes, name: str) -> None:
    for body in (raw, b"--b\r\n" + raw + b"\r\n--b--", package(f"Content-ID: {name}\r\n\r\n{raw!r}", ROOT)):
        for read in (decode, attachments):
            try:
                read(body)
            except DecodeError:
                continue


@pytest.mark.parametrize(("times", "grows"), [(1, False), (2, False), (1000, True)])
def test_parts_that_are_referred_to_again_and_again_do_not_grow_without_bound(times: int, grows: bool) -> None:
    namespace = NAMESPACES["text/xml"]
    include = '<f><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:x"/></f>' * times
    root = f'<e:Envelope xmlns:e="{namespace}"><e:Body>{include}</e:Body></e:Envelope>'
    raw = package(f"Content-Type: text/xml\r\n\r\n{root}", f"Content-ID: <x>\r\n\r\n{'z' * 300}")
    if grows:
        with pytest.raises(DecodeError, match="outgrow"):
            decode(raw)
    else:
        texts = [each.text for each in decode(raw).iter("f")]
        assert texts == [base64.b64encode(b"z" * 300).decode()] * times
