from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions.xpath import XPath, compile_xpath
from engine.expressions.xpath_atoms import Simple
from engine.expressions.xpath_grammar import analyse

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-8000, 8000).map(lambda eighths: eighths / 8),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=8),
    st.lists(st.integers(0, 9), max_size=3),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=VALUES, second=VALUES)
def test_concat_gives_what_libxml2_gives(make_message: Any, first: Any, second: Any) -> None:
    text = "concat($ctx:a, '-', $ctx:b)"
    simple = compile_xpath(text, {})
    general = XPath(text, {}, analyse(text, {}))
    message = make_message(a=first, b=second)
    assert isinstance(simple, Simple)
    assert simple.text(message) == general.text(message)
    assert simple.truth(message) == general.truth(message)


@pytest.mark.parametrize(
    ("value", "text", "truth"),
    [
        (None, None, False),
        ("", "", False),
        ("false", "false", True),
        (5, "5", True),
        (0, "0", False),
        (5.0, "5.0", True),
        (True, "true", True),
        ({"k": 1}, '{"k":1}', True),
    ],
)
def test_a_bare_variable_keeps_its_type(make_message: Any, value: Any, text: str | None, truth: bool) -> None:
    message = make_message(x=value)
    expression = compile_xpath("$ctx:x", {})
    assert expression.evaluate(message) is value
    assert expression.text(message) == text
    assert expression.truth(message) is truth
    assert expression.argument(message) == text


def test_simple_expressions_leave_the_payload_alone(make_message: Any) -> None:
    message = make_message(b"<not xml", "application/xml", a="x")
    assert compile_xpath("fn:concat($ctx:a, get-property('b'), 'z')", {}).text(message) == "xz"
