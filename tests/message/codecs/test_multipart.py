from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.core.wire import body_of
from engine.message.codecs import multipart, xml
from engine.message.codecs.errors import DecodeError
from engine.message.payload import Payload
from engine.testing.harness import Harness

BODY = (
    b'--b"o\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\xc3\xa9\r\n'
    b'--b"o\r\nContent-Disposition: form-data; name="f f"; filename="p.bin"\r\nContent-Type: image/png\r\n\r\n'
    b'\x00\r\n--b\r\n\r\n--b"o\r\nContent-Disposition: form-data; name="e"\r\n\r\n\r\n--b"o--\r\nepilogue'
)


def test_decode() -> None:
    assert xml.text_of(multipart.decode(BODY)) == (
        '<mediate><a>xé</a><f_f filename="p.bin" content-type="image/png">AA0KLS1iDQo=</f_f><e></e></mediate>'
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no part begins"),
        (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "without an end"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", "no name"),
        (b"--b\r\nno head\r\n--b--", "no empty line"),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--', "cannot be text"),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00\r\n--b--', "cannot be text"),
    ],
)
def test_errors(raw: bytes, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        multipart.decode(raw)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    for body in (raw, b"--b\r\n" + raw + b"\r\n--b--", BODY.replace(b"image", raw)):
        try:
            multipart.decode(body)
        except DecodeError:
            continue


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_files_come_back_byte_for_byte(files: list[bytes]) -> None:
    root = etree.Element("mediate")
    for content in files:
        field = etree.SubElement(root, "f", {"filename": 'a"b', "content-type": "x/y"})
        field.text = multipart.base64.b64encode(content).decode()
    again = multipart.decode(multipart.encode(root)) if files else root
    assert [field.text or "" for field in again] == [field.text or "" for field in root]


def test_the_boundary_is_in_no_part() -> None:
    root = etree.fromstring("<r><a>--multipart-boundary</a></r>")
    raw = multipart.encode(root)
    assert re.fullmatch("multipart-boundary-[0-9a-f]{32}", multipart.boundary_of(raw))
    assert multipart.decode(raw)[0].text == "--multipart-boundary"


@pytest.mark.parametrize(
    ("line", "boundary"), [("--b \t \r\n", "b"), ("--b c\n", "b c"), ("--" + "b" * 70 + "\n", "b" * 70)]
)
def test_the_boundary_is_the_first_line(line: str, boundary: str) -> None:
    assert multipart.boundary_of(b"preamble\n" + line.encode()) == boundary


@pytest.mark.parametrize(
    "raw", [b"--" + b" " * 5_000_000, b"--b" + b" " * 5_000_000 + b"x", b"\n--" * 2_000_000], ids=[1, 2, 3]
)
def test_the_boundary_is_looked_for_in_linear_time(raw: bytes) -> None:
    with pytest.raises(DecodeError, match="no part begins"):
        multipart.boundary_of(raw)


def test_a_file_that_is_not_base64() -> None:
    with pytest.raises(DecodeError, match="not base64"):
        multipart.encode(etree.fromstring('<r><f filename="x">é</f></r>'))


def test_an_untouched_body_leaves_as_it_came() -> None:
    message = Harness().message(BODY, 'multipart/form-data; boundary="b\\"o"')
    assert message.payload.json()["mediate"]["a"] == "xé"
    assert body_of(message) == (BODY, None)
    message.set_axis2("messageType", "multipart/form-data")
    assert body_of(message) == (BODY, 'multipart/form-data; boundary="b\\"o"')


def test_other_payloads_become_parts() -> None:
    message = Harness().message(b'{"a": 1, "b": "x"}')
    message.set_axis2("messageType", "multipart/form-data")
    body, content_type = body_of(message)
    assert isinstance(body, bytes)
    assert content_type == 'multipart/form-data; charset=UTF-8; boundary="multipart-boundary"'
    assert Payload(body, content_type).json() == {"mediate": {"a": 1, "b": "x"}}


def test_the_head_of_a_part_is_bounded() -> None:
    head = b"--b\r\nContent-Disposition: form-data; name=a" + b"; a*0=x" * 100_000
    with pytest.raises(DecodeError, match="head has more than"):
        multipart.decode(head + b"\r\n\r\nx\r\n--b--\r\n")


@pytest.mark.parametrize("charset", ["punycode", "zip", "nonsense"])
def test_a_part_in_what_is_no_charset(charset: str) -> None:
    raw = f"--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset={charset}\r\n\r\nx"
    with pytest.raises(DecodeError, match="cannot be text"):
        multipart.decode(raw.encode() + b"\r\n--b--\r\n")
