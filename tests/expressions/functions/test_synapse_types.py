from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.compile import compile_expression


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("isString('34')", "true"),
        ("isString(34)", "false"),
        ("isString(null)", ""),
        ("isNumber(34.5)", "true"),
        ("isNumber(true)", "false"),
        ("isNumber(payload.long)", "true"),
        ("isArray([])", "true"),
        ('isArray("[1,{\\"a\\":5}]")', "true"),
        ('isArray("[1,")', "false"),
        ("isObject(payload)", "true"),
        ("isObject('[1]')", "false"),
        ("string(true)", "true"),
        ("string(payload)", '{"long":9007199254740993,"a":[1,2]}'),
        ("integer('-34')", "-34"),
        ("integer(34.5)", ""),
        ("integer('99999999999999999999')", ""),
        ("float('1e3')", "1000.0"),
        ("float(payload)", ""),
        ("boolean('True')", "true"),
        ("boolean('1')", "false"),
        ("boolean(payload)", "false"),
        ("object('{\"a\":1}').a", "1"),
        ("object(34)", ""),
        ("array(payload.a)[1]", "2"),
        ("array(payload)", ""),
        ("not('true')", ""),
    ],
)
def test_types(make_message: Any, expression: str, expected: str) -> None:
    message = make_message(b'{"long":9007199254740993,"a":[1,2]}', "application/json")
    assert compile_expression(f"${{{expression}}}", {}).text(message) == expected


def test_long_numbers_are_read_in_linear_time(make_message: Any) -> None:
    message = make_message(b'{"a":"' + b"1" * 1_000_000 + b'x"}', "application/json")
    assert compile_expression("${float(payload.a)}", {}).text(message) == ""
