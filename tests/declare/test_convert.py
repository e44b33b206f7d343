from __future__ import annotations

from typing import Any

import pytest

from engine.declare.convert import CONVERTERS, TYPE_NAMES, Duration, PathExpression, QName, Regex, Unacceptable
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.uri_template import UriTemplate
from engine.source import Element, Source

ELEMENT = Source("f.xml", b'<a xmlns="urn:default" xmlns:p="urn:p"/>').parse()


def convert(type_: Any, text: str, element: Element = ELEMENT) -> Any:
    return CONVERTERS[type_](text, element)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (str, " as it stands ", " as it stands "),
        (str, "", ""),
        (bool, "true", True),
        (bool, "False", False),
        (bool, " TRUE ", True),
        (int, "42", 42),
        (int, " -7 ", -7),
        (int, "+1", 1),
        (int, "007", 7),
        (float, "1.5", 1.5),
        (float, "-2", -2.0),
        (float, "1e3", 1000.0),
        (Duration, "1500", 1.5),
        (Duration, "0", 0.0),
        (QName, "local", QName("", "local")),
        (QName, "p:local", QName("urn:p", "local", "p")),
    ],
)
def test_values(type_: Any, text: str, value: Any) -> None:
    converted = convert(type_, text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("type_", "text", "message"),
    [
        (bool, "yes", "'yes' is neither true nor false."),
        (bool, "", "'' is neither true nor false."),
        (int, "4.0", "'4.0' is not a whole number."),
        (int, "1_000", "'1_000' is not a whole number."),
        (int, "٣", "'٣' is not a whole number."),
        (int, "", "'' is not a whole number."),
        (int, "9" * 19, f"'{'9' * 19}' is not a whole number."),
        (float, "a", "'a' is not a number."),
        (float, "nan", "'nan' is not a number."),
        (float, "1e999", "'1e999' is not a number."),
        (float, "1_0.5", "'1_0.5' is not a number."),
        (Duration, "10s", "'10s' is not a number of milliseconds."),
        (Duration, "1.5", "'1.5' is not a number of milliseconds."),
        (Duration, "-2", "A duration cannot be negative."),
        (QName, "q:local", "The prefix 'q' is not declared here."),
    ],
)
def test_unacceptable_values(type_: Any, text: str, message: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        convert(type_, text)
    assert (caught.value.message, caught.value.code, caught.value.offset) == (message, "bad-value", 0)


def test_an_undeclared_prefix_says_what_to_add() -> None:
    with pytest.raises(Unacceptable) as caught:
        convert(QName, "q:local")
    assert caught.value.hint == 'Add xmlns:q="…".'


@pytest.mark.parametrize(
    ("text", "subject", "matches"),
    [("a.c", "abc", True), ("a.c", "a\nc", False), (r"\d+", "12", True), (r"\d+", "٣", False), ("a|b", "b", True)],
)
def test_regular_expressions_are_javas(text: str, subject: str, matches: bool) -> None:
    assert (convert(Regex, text).fullmatch(subject) is not None) == matches


@pytest.mark.parametrize(("text", "offset"), [("a(b", 1), ("*", 0), ("[z-a]", 1)])
def test_a_bad_regular_expression_says_where(text: str, offset: int) -> None:
    with pytest.raises(Unacceptable, match=r"^Not a regular expression: .*\.$") as caught:
        convert(Regex, text)
    assert caught.value.offset == offset


def test_expressions_compile() -> None:
    expression = convert(Expression, "json-eval($.a)")
    assert isinstance(expression, Expression)
    assert (expression.source, expression.reads_body) == ("json-eval($.a)", True)
    assert not convert(Expression, "$ctx:a").reads_body


def test_expressions_see_the_prefixes_but_not_the_default_namespace() -> None:
    # Synapse trap 11.
    assert isinstance(convert(Expression, "//p:a/b"), Expression)
    with pytest.raises(Unacceptable) as caught:
        convert(Expression, "//q:a")
    assert caught.value.code == "bad-expression"


@pytest.mark.parametrize(
    ("type_", "text", "offset"),
    [(Expression, "", 0), (Expression, "  ", 2), (Expression, "json-eval($.a", 13), (Value, "{json-eval($.a}", 14)],
)
def test_a_bad_expression_says_where(type_: Any, text: str, offset: int) -> None:
    with pytest.raises(Unacceptable) as caught:
        convert(type_, text)
    assert (caught.value.code, caught.value.offset) == ("bad-expression", offset)


@pytest.mark.parametrize(
    ("text", "static", "lazy"),
    [("plain", True, False), ("{$ctx:a}", False, False), ("{{$ctx:a}}", False, True), (" {$ctx:a}", True, False)],
)
def test_values_are_dynamic_in_braces_only(text: str, static: bool, lazy: bool) -> None:
    # Synapse trap 8.
    value = convert(Value, text)
    assert (value.source, value.is_static, value.is_lazy) == (text, static, lazy)


def test_uri_templates_compile() -> None:
    assert isinstance(convert(UriTemplate, "http://127.0.0.1/{uri.var.id}"), UriTemplate)


def test_a_path_is_json_when_the_evaluator_says_so() -> None:
    json_element = Source("f.xml", b'<arg evaluator="json"/>').parse()
    assert convert(PathExpression, "$.a", json_element).source == "json-eval($.a)"
    assert convert(PathExpression, "json-eval($.a)", json_element).source == "json-eval($.a)"
    assert convert(PathExpression, "$ctx:a").source == "$ctx:a"


def test_a_bad_json_path_says_where_in_what_was_written() -> None:
    json_element = Source("f.xml", b'<arg evaluator="json"/>').parse()
    with pytest.raises(Unacceptable) as caught:
        convert(PathExpression, "$.a[", json_element)
    assert caught.value.code == "bad-expression"
    assert 0 <= caught.value.offset <= 4


def test_the_reference_has_a_name_for_every_type() -> None:
    assert TYPE_NAMES.keys() == CONVERTERS.keys()
