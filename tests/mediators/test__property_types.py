from __future__ import annotations

import math
from typing import Any

import pytest

from engine.mediators._property_types import TypeName, from_constant, from_expression
from engine.message.codecs.json import JsonNumber

ACCEPTED: list[tuple[TypeName, str, Any]] = [
    ("STRING", "", ""),
    ("STRING", " 1 ", " 1 "),
    ("BOOLEAN", "true", True),
    ("BOOLEAN", "TRUE", True),
    ("BOOLEAN", "yes", True),
    ("BOOLEAN", "1", True),
    ("BOOLEAN", "false", False),
    ("BOOLEAN", "", False),
    ("BOOLEAN", "maybe", False),
    ("INTEGER", "-2147483648", -2147483648),
    ("INTEGER", "+2147483647", 2147483647),
    ("INTEGER", "007", 7),
    ("LONG", "9223372036854775807", 9223372036854775807),
    ("LONG", "-9223372036854775808", -9223372036854775808),
    ("SHORT", "32767", 32767),
    ("DOUBLE", "5", 5.0),
    ("DOUBLE", " 1.5e3 ", 1500.0),
    ("DOUBLE", ".5", 0.5),
    ("DOUBLE", "5.", 5.0),
    ("DOUBLE", "2d", 2.0),
    ("DOUBLE", "-Infinity", -math.inf),
    ("FLOAT", "0.1", 0.1),
    ("FLOAT", "1f", 1.0),
    ("JSON", '{"a": [1, null]}', {"a": [1, None]}),
    ("JSON", "123456789012345678901", JsonNumber("123456789012345678901")),
    ("JSON", "plain words", "plain words"),
    ("JSON", "null", "null"),
]

REFUSED: list[tuple[TypeName, str]] = [
    ("INTEGER", ""),
    ("INTEGER", " 5"),
    ("INTEGER", "5.0"),
    ("INTEGER", "1_000"),
    ("INTEGER", "2147483648"),
    ("INTEGER", "-2147483649"),
    ("INTEGER", "٣"),
    ("INTEGER", "1" * 5000),
    ("LONG", "9223372036854775808"),
    ("LONG", "5.0"),
    ("SHORT", "32768"),
    ("DOUBLE", ""),
    ("DOUBLE", "nan"),
    ("DOUBLE", "inf"),
    ("DOUBLE", "1_0"),
    ("DOUBLE", "1,5"),
    ("FLOAT", "one"),
    ("OM", "not xml"),
    ("OM", ""),
]


@pytest.mark.parametrize(("type_", "text", "value"), ACCEPTED)
def test_a_constant_is_converted(type_: TypeName, text: str, value: Any) -> None:
    converted = from_constant(type_, text)
    assert converted == value
    assert type(converted) is type(value)


def test_nan_is_a_double() -> None:
    assert math.isnan(from_constant("DOUBLE", "NaN"))


@pytest.mark.parametrize(("type_", "text"), REFUSED)
def test_a_constant_of_another_type_is_refused(type_: TypeName, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the contract is ValueError, its text is the caller's
        from_constant(type_, text)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("INTEGER", "5.0", 5),
        ("INTEGER", "-5.9", -5),
        ("INTEGER", "1.5E3", 1500),
        ("INTEGER", "1.0E10", 2147483647),
        ("INTEGER", "-1.0E400", -2147483648),
        ("SHORT", "7.9", 7),
        ("SHORT", "32768.0", -32768),
        ("LONG", "400000000000000001", 400000000000000001),
    ],
)
def test_trap_09_a_computed_number_loses_its_fraction(type_: TypeName, text: str, value: int) -> None:
    assert from_expression(type_, text) == value


@pytest.mark.parametrize("text", ["5.0", "1.0E10"])
def test_trap_09_a_computed_long_has_no_fraction_to_lose(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_expression("LONG", text)


@pytest.mark.parametrize(("type_", "value"), [("STRING", None), ("OM", None), ("BOOLEAN", False)])
def test_trap_05_null_is_a_value_of_some_types(type_: TypeName, value: Any) -> None:
    assert from_expression(type_, None) is value


@pytest.mark.parametrize("type_", ["INTEGER", "LONG", "SHORT", "FLOAT", "DOUBLE", "JSON"])
def test_trap_05_null_is_no_value_of_the_others(type_: TypeName) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_expression(type_, None)


def test_long_numbers_are_read_in_linear_time() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        from_expression("DOUBLE", "1" * 1_000_000 + "x")
