from __future__ import annotations

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.xpath_lexer import tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$ctx:uri.var.x-y", ["$ctx:uri.var.x-y"]),
        ("'a$ctx:b' = \"it's\"", ["'a$ctx:b'", "=", '"it\'s"']),
        ("child::a/p:b/p:*", ["child", "::", "a", "/", "p:b", "/", "p:*"]),
        ("1.5 + .5 - 2.", ["1.5", "+", ".5", "-", "2."]),
        ("//a[@b!='x']|..", ["//", "a", "[", "@", "b", "!=", "'x'", "]", "|", ".."]),
        ("fn:concat( a-b )", ["fn:concat", "(", "a-b", ")"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    tokens = tokenize(text)
    assert [token.text for token in tokens[:-1]] == expected
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert tokens[-1].kind == "end"


@pytest.mark.parametrize(("text", "end"), [("$ctx:a'", 6), ("$ctx:a ')", 7), ('a = "open', 4), ("'", 0)])
def test_a_quote_without_its_partner_ends_the_expression(text: str, end: int) -> None:
    token = tokenize(text)[-1]
    assert (token.kind, token.text, token.start) == ("end", "", end)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("a ~ b", 2, "'~' cannot stand here"),
        ("$ x", 0, "a variable name must follow"),
        ("a && b", 2, "'&' cannot stand here"),
        ("{x}", 0, "'{' cannot stand here"),
    ],
)
def test_errors_have_exact_offsets(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        tokenize(text)
    assert caught.value.offset == offset
    assert message in caught.value.message
