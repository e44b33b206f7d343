from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.compile import compile_expression


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("length('')", "0"),
        ("length('[1]')", "3"),
        ("length(34)", ""),
        ("toUpper(34)", ""),
        ("toLower('ÄÖ')", "äö"),
        ("trim(' \\t a b ')", "\\t a b"),
        ("subString('Hello', 5)", ""),
        ("subString('Hello', 2)", "llo"),
        ("subString('Hello', 2, 4)", "ll"),
        ("subString('Hello', -2)", ""),
        ("subString('Hello', 20)", ""),
        ("subString('Hello', 4, 2)", ""),
        ("subString('Hello', 2.0)", ""),
        ("startsWith('abc', '')", "true"),
        ("startsWith('abc', 5)", ""),
        ("endsWith('abc', 'bc')", "true"),
        ("contains(5, '5')", ""),
        ("replace('a.b.c', '.', '$1')", "a$1b$1c"),
        ("indexOf('abab', 'b', -5)", "1"),
        ("indexOf('abab', 'x')", "-1"),
        ("charAt('abc', 3)", ""),
        ("charAt('abc', -1)", ""),
        ("split('a b,c', '[, ]')", '["a","b","c"]'),
        ("split('a,b,,', ',')", '["a","b"]'),
        ("split(',a', ',')", '["","a"]'),
        ("split('abc', '')", '["a","b","c"]'),
        ("split('abc', 'x')", '["abc"]'),
        ("split('', ',')", '[""]'),
        ("split('a1b', '([0-9])')", '["a","b"]'),
        ("split('abc', '(')", ""),
        ("base64encode(34)", ""),
        ("base64encode('a', 'UTF-99')", ""),
        ("base64decode('YWRtaW46YWRtaW4=')", "admin:admin"),
        ("base64decode('YQ')", "a"),
        ("base64decode('*')", ""),
        ("base64decode('Y')", ""),
        ("urlEncode(' *~/?')", "%20%2A%7E%2F%3F"),
        ("urlEncode('a b*é', 'ISO-8859-1')", "a+b*%E9"),
        ("urlEncode('a', 'UTF-99')", ""),
        ("urlDecode('%zz')", ""),
        ("urlDecode('a%20b+c%C3%BC')", "a b cü"),
    ],
)
def test_functions_on_text(make_message: Any, expression: str, expected: str) -> None:
    assert compile_expression(f"${{{expression}}}", {}).text(make_message()) == expected
