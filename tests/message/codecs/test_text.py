from __future__ import annotations

import pytest

from engine.message.codecs import text, xml
from engine.message.codecs.errors import DecodeError


@pytest.mark.parametrize(
    ("raw", "charset", "expected"),
    [
        (b"a\xc3\xa9", "utf-8", "aé"),
        (b"a\xe9", "ISO-8859-1", "aé"),
        (b"", "utf-8", ""),
        (b"\xff\xfea\0", "utf-16", "a"),
    ],
)
def test_decode(raw: bytes, charset: str, expected: str) -> None:
    assert text.decode(raw, charset) == expected


@pytest.mark.parametrize(
    ("raw", "charset", "message"),
    [
        (b"ab\xff", "utf-8", "not utf-8: byte 0xff at offset 2"),
        (b"ab", "x-none", "in the unknown charset 'x-none'"),
        (b"ab", "hex", "in the unknown charset 'hex'"),
        (b"ab", "undefined", "in the unknown charset 'undefined'"),
        (b"ab", "utf\0", "in the unknown charset 'utf\0'"),
    ],
)
def test_errors(raw: bytes, charset: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        text.decode(raw, charset)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "inside"),
    [("", ""), ("a < é\n", "a &lt; é\n"), ("a\0b\x1b\ufffe\x0c\tc", "a\ufffdb\ufffd\ufffd\ufffd\tc")],
)
def test_text_as_an_element(content: str, inside: str) -> None:
    assert xml.text_of(text.to_element(content)) == f'<text xmlns="{text.PAYLOAD_NAMESPACE}">{inside}</text>'


def test_binary_as_an_element() -> None:
    expected = f'<binary xmlns="{text.PAYLOAD_NAMESPACE}">AP8=</binary>'
    assert xml.text_of(text.binary_element(b"\x00\xff")) == expected
    assert text.binary_of(xml.decode(expected.encode())) == b"\x00\xff"


@pytest.mark.parametrize(("inside", "content"), [("", b""), (" AP\n8= ", b"\x00\xff")])
def test_binary_from_an_element(inside: str, content: bytes) -> None:
    assert text.binary_of(xml.decode(f"<binary>{inside}</binary>".encode())) == content


@pytest.mark.parametrize("inside", ["A", "é", "AP8=AP8=x", "a-b_"])
def test_what_is_no_base64(inside: str) -> None:
    with pytest.raises(DecodeError, match=r"^binary that is not base64$"):
        text.binary_of(xml.decode(f"<binary>{inside}</binary>".encode()))


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "Raw-Unicode-Escape", "undefined", "UTF7"])
def test_codecs_of_python_that_are_no_charsets(charset: str) -> None:
    with pytest.raises(DecodeError, match="unknown charset"):
        text.decode(b"abc", charset)
