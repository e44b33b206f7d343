from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression, compile_json_path
from engine.expressions.jsonpath import JsonPath
from engine.expressions.synapse import SynapseExpression
from engine.expressions.xpath import XPath
from engine.expressions.xpath_atoms import Simple

from .conftest import new_message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("json-eval($.a)", JsonPath),
        (" json-eval( $.a ) ", JsonPath),
        ("$ctx:a", Simple),
        ("//json-eval", XPath),
        ("${payload.a}", SynapseExpression),
    ],
)
def test_the_beginning_tells_the_language(text: str, kind: type) -> None:
    assert type(compile_expression(text, {})) is kind


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "the expression is empty"),
        ("  ", 2, "the expression is empty"),
        ("${vars.}", 7, "the expression ends where the name of a variable must follow"),
        (" ${vars.x", 9, "the expression has no closing brace"),
        ("  $ctx:a = ", 10, "the expression ends"),
        ("json-eval($.a", 13, "json-eval( has no closing parenthesis"),
        ("json-eval()", 10, "the JSON path is empty"),
        ("json-eval('$')", 10, "the JSON path stands in quotes"),
        ('json-eval("$.a")', 10, "the JSON path stands in quotes"),
        ("json-eval( $.a[)", 15, "not a JSON path"),
        ("json-eval($.a.[~b])", 15, "not a JSON path"),
    ],
)
def test_errors_have_exact_offsets(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, {})
    assert message in caught.value.message
    assert caught.value.offset == offset


def test_a_json_evaluator_takes_a_bare_path() -> None:
    assert compile_json_path("$.a").source == "json-eval($.a)"
    assert compile_json_path("json-eval($.a)").source == "json-eval($.a)"


WORDS = [
    *("$ctx:a", "'x'", "concat", "get-property", "json-eval(", "a", "p:", "..", "//", "::", " and ", "1"),
    *("${", "vars.a", "payload", "[?(@.", "length("),
]
PIECES = st.one_of(st.sampled_from(WORDS), st.sampled_from([*"()[]{}/@,=$.*?:-\"'|&<>~`#\\!+\x00é"]))


def failure_of(text: str) -> ExpressionError | None:
    try:
        compile_expression(text, {})
    except ExpressionError as error:
        return error
    return None


@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join)))
@example("json-eval($[?(@.a==)])")
@example("json-eval($.`sub(/a)`)")
@example("json-eval($[?(@.a =~ /(/)])")
def test_no_text_raises_anything_but_expression_errors(text: str) -> None:
    error = failure_of(text)
    assert error is None or (error.message and 0 <= error.offset <= len(text))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.decimals()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=8,
)
EXPRESSIONS = [
    "$ctx:p",
    "$var:p",
    "$ctx:p = 1",
    "$var:p + 1 > 2",
    "concat($ctx:p, $var:p)",
    "string-length($var:p)",
    "not($ctx:p)",
    "sum($var:p)",
    "count($ctx:p)",
    "$ctx:p/a",
    "get-property('p')",
    "get-property($ctx:p)",
    "base64Encode($ctx:p)",
    "base64Decode($ctx:p)",
    "url-encode($var:p)",
    "hmac-generate('a', $ctx:p)",
    "substring($ctx:p, $var:p)",
    "json-eval($ctx:p)",
    "json-eval($ctx:p.a[0])",
    "json-eval($ctx:p..a)",
    "json-eval($.{$ctx:p})",
    "json-eval($.a[{$ctx:p}])",
    "json-eval($ctx:p[?(@.a > 1 && @.b in ['x'])])",
    "json-eval($ctx:p.sum())",
    "json-eval($ctx:p[?(@ =~ /a/)])",
    "//a[. = $var:p]",
    "number($ctx:p)",
    "$p:a",
    "wso2:vault-lookup($ctx:p)",
    "tokenize($ctx:p, 'a')",
    "upper-case($var:p)",
]


@given(expression=st.sampled_from(EXPRESSIONS), value=VALUES)
def test_no_value_raises_anything_but_a_fault(expression: str, value: Any) -> None:
    message = new_message(b'{"a":[1,2]}', "application/json")
    message.properties["p"] = message.variables["p"] = value
    compiled = compile_expression(expression, {})
    with contextlib.suppress(Fault):
        text = compiled.text(message)
        assert text is None or isinstance(text, str)
    with contextlib.suppress(Fault):
        assert isinstance(compiled.truth(message), bool)
    with contextlib.suppress(Fault):
        compiled.argument(message)
