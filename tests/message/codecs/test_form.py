from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message.codecs import form, xml
from engine.message.codecs.errors import DecodeError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "<xformValues/>"),
        ("a=1&b=2&a=3", "<xformValues><a>1</a><b>2</b><a>3</a></xformValues>"),
        ("a=", "<xformValues><a></a></xformValues>"),
        ("a", "<xformValues><a></a></xformValues>"),
        ("a=x+y%26%C3%A9", "<xformValues><a>x y&amp;é</a></xformValues>"),
        ("a=é", "<xformValues><a>é</a></xformValues>"),
        (
            "1a=x&-b=y&.c=z",
            "<xformValues><_JsonReader_PD_1a>x</_JsonReader_PD_1a><_-b>y</_-b><_.c>z</_.c></xformValues>",
        ),
        ("a b=x&c%5B%5D=y&=z", "<xformValues><a_b>x</a_b><c__>y</c__><_>z</_></xformValues>"),
        ("p:a=x&²=y", "<xformValues><p_a>x</p_a><_>y</_></xformValues>"),
        ("a=%0D%0Ab", "<xformValues><a>&#13;\nb</a></xformValues>"),
    ],
)
def test_decode(text: str, expected: str) -> None:
    assert xml.text_of(form.decode(text)) == expected


def test_percent_encoded_bytes_are_in_the_forms_charset() -> None:
    assert xml.text_of(form.decode("a=%E9", "ISO-8859-1")) == "<xformValues><a>é</a></xformValues>"


@pytest.mark.parametrize(
    ("text", "charset", "message"),
    [
        ("a=%E9", "utf-8", "a form that is not utf-8: byte 0xe9"),
        ("a=%00", "utf-8", "a form with control characters in 'a'"),
        ("a=1&" * 1001, "utf-8", "a form of more than 1000 fields"),
    ],
    ids=["bytes", "control", "many"],
)
def test_errors(text: str, charset: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        form.decode(text, charset)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("root", "raw"),
    [
        ("<r/>", b""),
        ("<r><a>1</a><b/><a>x y&amp;é</a></r>", b"a=1&b=&a=x%20y%26%C3%A9"),
        ("<r><_JsonReader_PD_1a>x</_JsonReader_PD_1a><_JsonReader_PS_b>/</_JsonReader_PS_b></r>", b"1a=x&%24b=%2F"),
        ("<r xmlns:p='u'><p:a>1</p:a><!-- no --></r>", b"a=1"),
    ],
)
def test_encode(root: str, raw: bytes) -> None:
    assert form.encode(xml.decode(root.encode())) == raw


@given(st.text(max_size=30) | st.text("ab=&%+;0CF\0", max_size=30))
def test_no_text_raises_anything_but_decode_error(text: str) -> None:
    try:
        root = form.decode(text)
    except DecodeError:
        return
    assert xml.text_of(form.decode(form.encode(root).decode())) == xml.text_of(root)
