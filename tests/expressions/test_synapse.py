from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression
from engine.expressions.dynamic import parse_value
from engine.expressions.functions import SYNAPSE_FUNCTIONS
from engine.message.context import MessageContext

from .conftest import new_message


def test_values_keep_their_types(make_message: Any) -> None:
    message = make_message(b'{"a":{"b":[1,2.50,null]}}', "application/json")
    assert compile_expression("${payload.a.b}", {}).evaluate(message) == [1, 2.5, None]
    assert compile_expression("${payload.a.b[0] + 1}", {}).evaluate(message) == 2
    assert compile_expression("${payload.a.b[2]}", {}).evaluate(message) == ""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("true", True), ("'TRUE'", True), ("'yes'", False), ("1", False), ("vars.undefined", False), ("1 < 2", True)],
)
def test_trap_16_only_true_is_true(make_message: Any, expression: str, expected: bool) -> None:
    assert compile_expression(f"${{{expression}}}", {}).truth(make_message()) is expected


def test_an_error_is_logged_with_its_place_and_column(make_message: Any, caplog: pytest.LogCaptureFixture) -> None:
    expression = compile_expression("${length('a') + vars.x}", {}, "flows/a.xml:3:5")
    with caplog.at_level(logging.WARNING, "myelin.expressions"):
        assert expression.text(make_message()) == ""
        assert expression.evaluate(make_message()) == ""
    assert (
        caplog.messages
        == ["flows/a.xml:3:5: ${length('a') + vars.x} has no value: the variable 'x' is not defined (column 17 of it)"]
        * 2
    )


def test_the_log_shows_no_values_of_secrets(make_message: Any, caplog: pytest.LogCaptureFixture) -> None:
    message = make_message(headers=((b"authorization", b"Bearer abc"),))
    assert compile_expression("${headers.Authorization + 5}", {}).text(message) == ""
    assert "abc" not in caplog.text
    assert "column 25" in caplog.text


def test_an_argument_keeps_one_element(make_message: Any) -> None:
    message = make_message()
    message.variables["x"] = etree.fromstring("<a><b/></a>")
    element = parse_value("{${vars.x}}", {}).evaluate(message)
    assert element.tag == "a"
    assert parse_value("{${1 + 1}}", {}).evaluate(message) == "2"
    assert parse_value("{${vars.none}}", {}).evaluate(message) == ""


PIECES = st.sampled_from(
    [
        *("payload", "vars.x", "$.a", "headers.h", "props.synapse.p", "'t'", "5", "-2.5", "true", "null", "[1,2]"),
        *(" + ", " - ", " * ", " / ", " % ", " == ", " != ", " > ", " and ", " or ", " ? ", " : ", "(", ")", ","),
        *("[0]", "[?(@.b > 1)]", "..a", ".*", "[1:]", ".length()", ".sum()"),
        *("length(", "round(", "split(", "subString(", "formatDateTime(", "object(", "integer(", "pow(", "log("),
        *("replace(", "registry('x')", "exists(", "xpath('//a')"),
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=8,
)


def evaluated(text: str, message: MessageContext) -> str | None:
    try:
        return compile_expression(f"${{{text}}}", {}).text(message)
    except (ExpressionError, Fault):
        return None


@given(pieces=st.lists(PIECES, min_size=1, max_size=7), value=VALUES, header=st.text(max_size=5))
def test_nothing_raises_anything_but_a_fault(pieces: list[str], value: Any, header: str) -> None:
    message = new_message(b'{"a":{"b":[1,2,{"b":3}]}}', "application/json", p=value)
    message.variables["x"] = value
    message.headers.set("h", header)
    result = evaluated("".join(pieces), message)
    assert result is None or isinstance(result, str)


UNARY = [name for name, each in SYNAPSE_FUNCTIONS.items() if each.min_arguments <= 1 <= each.max_arguments]
BINARY = [name for name, each in SYNAPSE_FUNCTIONS.items() if each.min_arguments <= 2 <= each.max_arguments]
OPERATORS = [*"+-*/%<>", "==", "!=", "<=", ">=", "and", "or"]


@given(name=st.sampled_from(UNARY), value=VALUES)
def test_no_argument_breaks_a_function(name: str, value: Any) -> None:
    message = new_message()
    message.variables["x"] = value
    assert isinstance(evaluated(f"{name}(vars.x)", message), str)


@given(name=st.sampled_from(BINARY), value=VALUES, other=VALUES)
def test_no_arguments_break_a_function(name: str, value: Any, other: Any) -> None:
    message = new_message()
    message.variables.update(x=value, y=other)
    assert isinstance(evaluated(f"{name}(vars.x, vars.y)", message), str)


@given(operator=st.sampled_from(OPERATORS), value=VALUES, other=VALUES)
def test_no_operands_break_an_operator(operator: str, value: Any, other: Any) -> None:
    message = new_message()
    message.variables.update(x=value, y=other)
    assert isinstance(evaluated(f"vars.x {operator} vars.y", message), str)
