from __future__ import annotations

import datetime
import typing
from decimal import Decimal
from typing import Any

import pytest

from engine.mediators._sql_types import TypeName, parameter, text_of


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("VARCHAR", "x", "x"),
        ("CHAR", " ", " "),
        ("LONGVARCHAR", "ä\n", "ä\n"),
        ("NUMERIC", "1.50", Decimal("1.50")),
        ("DECIMAL", " -1e3 ", Decimal("-1e3")),
        ("BIT", "TRUE", True),
        ("BIT", "1", False),
        ("TINYINT", "-128", -128),
        ("SMALLINT", "32767", 32767),
        ("INTEGER", "+7", 7),
        ("BIGINT", "9223372036854775807", 2**63 - 1),
        ("REAL", "1.5", 1.5),
        ("FLOAT", "1", 1.0),
        ("DOUBLE", ".5e-3", 0.0005),
        ("DATE", "2024-2-9", datetime.date(2024, 2, 9)),
        ("TIME", "1:02:03", datetime.time(1, 2, 3)),
        ("TIMESTAMP", "2024-02-29 23:59:59", datetime.datetime(2024, 2, 29, 23, 59, 59)),
        ("TIMESTAMP", "2024-02-29T23:59:59.1234567", datetime.datetime(2024, 2, 29, 23, 59, 59, 123456)),
    ],
)
def test_text_becomes_a_value_of_the_type(type_: TypeName, text: str, value: Any) -> None:
    found = parameter(type_, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("type_", typing.get_args(TypeName))
@pytest.mark.parametrize("text", [None, ""])
def test_null_and_empty_text_are_null(type_: TypeName, text: str | None) -> None:
    assert parameter(type_, text) is None


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("INTEGER", "2147483648"),
        ("INTEGER", "1.0"),
        ("INTEGER", "1_0"),
        ("INTEGER", "٣"),
        ("INTEGER", "x"),
        ("TINYINT", "128"),
        ("BIGINT", "9223372036854775808"),
        ("BIGINT", "9" * 5000),
        ("DECIMAL", "NaN"),
        ("DECIMAL", "1e99999"),
        pytest.param("DECIMAL", "1" * 1_000_000 + "x", id="in linear time"),
        ("DOUBLE", "inf"),
        ("DOUBLE", "1,5"),
        ("DATE", "2023-02-29"),
        ("DATE", "29.2.2024"),
        ("TIME", "25:00:00"),
        ("TIMESTAMP", "2024-01-01"),
    ],
)
def test_other_text_is_refused(type_: TypeName, text: str) -> None:
    with pytest.raises(ValueError, match=f"^no value of the type {type_}$"):
        parameter(type_, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (7, "7"),
        (2**62, str(2**62)),
        (True, "true"),
        (3.0, "3.0"),
        (1e10, "1.0E10"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (datetime.date(2024, 2, 9), "2024-02-09"),
        (datetime.time(1, 2, 3), "01:02:03"),
        (datetime.datetime(2024, 2, 9, 1, 2, 3), "2024-02-09 01:02:03.0"),
        (datetime.datetime(2024, 2, 9, 1, 2, 3, 120000), "2024-02-09 01:02:03.12"),
        (b"\x00\xff", "AP8="),
        ({"a": [1]}, '{"a":[1]}'),
    ],
)
def test_a_value_becomes_text_as_java_prints_it(value: Any, text: str) -> None:
    assert text_of(value) == text
