from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.expressions.functions.encoding import base64_decode, base64_encode, url_encode

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NO_MESSAGE: Any = None


@given(TEXT)
def test_url_encoding_round_trip(text: str) -> None:
    encoded = url_encode(NO_MESSAGE, text)
    assert unquote(encoded) == text
    assert encoded.isascii()


@given(TEXT)
def test_base64_round_trip(text: str) -> None:
    assert base64_decode(NO_MESSAGE, base64_encode(NO_MESSAGE, text)) == text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a%20b"),
        ("a&b=c", "a&b=c"),
        ("100%", "100%25"),
        ("<ü>", "%3C%C3%BC%3E"),
        ("", ""),
        ("a+b", "a%2Bb"),
        ("/a+b?c+d?", "/a%2Bb?c+d?"),
    ],
)
def test_url_encode(text: str, expected: str) -> None:
    assert url_encode(NO_MESSAGE, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("dXNl\ncg==", "user"), ("dXNlcg", "user"), ("_-8", "\ufffd\ufffd"), ("A", ""), ("", "")]
)
def test_base64_decode_is_lenient(text: str, expected: str) -> None:
    assert base64_decode(NO_MESSAGE, text) == expected


@pytest.mark.parametrize(
    "call", ["base64Encode('a', 'x-none')", "base64Decode('YQ==', 'x-none')", "url-encode('a', 'x-none')"]
)
def test_an_unknown_charset_is_a_fault(make_message: Any, call: str) -> None:
    with pytest.raises(Fault, match="does not know the charset 'x-none'"):
        compile_expression(call, {}).text(make_message())
