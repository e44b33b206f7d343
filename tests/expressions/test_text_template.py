from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.text_template import parse_text, split_xml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain $1 {x} } ", "plain $1 {x} } "),
        ("a ${payload.a}-${vars.v} z", "a 1-text z"),
        ("${object('{\"b\":2}').b}", "2"),
        ("${vars.none}!", "!"),
        ("${ payload }", '{"a":1}'),
        ("${payload.a}${payload.a}", "11"),
    ],
)
def test_expressions_in_a_text(make_message: Any, text: str, expected: str) -> None:
    message = make_message(b'{"a":1}', "application/json")
    message.variables["v"] = "text"
    template = parse_text(text, {})
    assert template.text(message) == template.evaluate(message) == expected
    assert template.reads_body is ("payload" in text)


def test_truth(make_message: Any) -> None:
    assert parse_text("${'tr'}${'ue'}", {}).truth(make_message()) is True
    assert parse_text("x", {}).truth(make_message()) is False


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("a ${vars.a", 10, "the expression ends where an operator or '}'"),
        ("a ${} b", 4, "the expression is empty"),
        ("a ${vars.a b} b", 11, "'b' stands where an operator or '}'"),
    ],
)
def test_mistakes_have_their_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_text(text, {})
    assert message in caught.value.message
    assert caught.value.offset == offset


def test_entities_in_xml_text(make_message: Any) -> None:
    plain, expression, rest = split_xml("<a>${1 &lt; 2 and (&apos;&amp;&apos; == &quot;&amp;&quot;)}</a>", {})
    assert (plain, rest) == ("<a>", "</a>")
    assert not isinstance(expression, str)
    assert expression.source == "${1 < 2 and ('&' == \"&\")}"
    assert split_xml("no expression", {}) == ["no expression"]
