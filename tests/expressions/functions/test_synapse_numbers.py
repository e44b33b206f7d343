from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.compile import compile_expression


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("abs(-5)", "5"),
        ("abs(-5.0)", "5.0"),
        ("abs('5')", ""),
        ("floor(-5.4)", "-6.0"),
        ("floor(5)", "5"),
        ("ceil(-5.4)", "-5.0"),
        ("ceil(vars.infinite)", "Infinity"),
        ("round(5.4)", "5"),
        ("round(-2.5)", "-2"),
        ("round(0.49999999999999994)", "0"),
        ("round(7, 2)", "7"),
        ("round(8.89 + 0.12, 1)", "9.0"),
        ("round(0.115, 2)", "0.12"),
        ("round(0.111, 4)", "0.111"),
        ("round(0.111, 0)", ""),
        ("round(0.111, 'a')", ""),
        ("round(0.111, 999999999)", "0.111"),
        ("round(vars.infinite)", ""),
        ("sqrt(25)", "5.0"),
        ("sqrt(-25.0)", "NaN"),
        ("log(100)", "2.0"),
        ("log(0)", "-Infinity"),
        ("log(10, -2.5)", "NaN"),
        ("log(2, 1)", "Infinity"),
        ("pow(2, 3)", "8.0"),
        ("pow(-2.5, -2)", "0.16"),
        ("pow(-8, 0.5)", "NaN"),
        ("pow(0, -1)", "Infinity"),
        ("pow(10, 400)", "Infinity"),
        ("pow(-10, 401)", "-Infinity"),
    ],
)
def test_functions_on_numbers(make_message: Any, expression: str, expected: str) -> None:
    message = make_message()
    message.variables["infinite"] = float("inf")
    assert compile_expression(f"${{{expression}}}", {}).text(message) == expected
