from __future__ import annotations

import math
from typing import Any

import pytest
from lxml import etree

from engine.expressions.synapse_values import (
    OPERATORS,
    EvaluationError,
    as_array,
    as_object,
    from_text,
    shown,
    text_of,
    whole,
)
from engine.message.codecs.json import JsonNumber


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (5, "5"),
        (5.0, "5.0"),
        (1e10, "1.0E10"),
        (JsonNumber("25.0000"), "25.0000"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        (etree.fromstring("<a>x</a>"), "<a>x</a>"),
        ([etree.fromstring("<a>x</a>"), etree.fromstring("<b/>")], "<a>x</a><b/>"),
    ],
)
def test_text(value: Any, expected: str) -> None:
    assert text_of(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("400", 400),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("-0", "-0"),
        ("1.10", JsonNumber("1.10")),
        ("1e3", JsonNumber("1e3")),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", 9223372036854775808.0),
        ("12345678901234567890123", JsonNumber("12345678901234567890123")),
        ("", ""),
        ("NaN", "NaN"),
        ("+5", "+5"),
        ("1_0", "1_0"),
        ("5 ", "5 "),
    ],
)
def test_a_text_that_is_a_number_is_one(text: str, expected: Any) -> None:
    found = from_text(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (2147483647, "+", 1, 2147483648),
        (9223372036854775807, "+", 1, 9223372036854775808.0),
        (8.95, "+", 8.99, 17.94),
        (5.5, "+", 3, 8.5),
        (JsonNumber("0.10"), "+", JsonNumber("0.20"), 0.3),
        ("a", "+", "b", "ab"),
        (5, "-", 8, -3),
        (8.9567, "-", 8.9456, 0.0111),
        (3, "*", -2, -6),
        (72.0, "*", 1.032145, 74.31444),
        (9, "/", 3, 3),
        (10, "/", 4, 2.5),
        (20000000000, "/", 10, 2e9),
        (34.45, "/", 3.44, 10.01),
        (1.0, "/", 3, 0.3),
        (1e300, "/", 1e-300, math.inf),
        (-7, "%", 3, -1),
        (7, "%", -3, 1),
        (5.5, "%", 2, 1.5),
        (1e300, "%", 7.0, 1.0),
        (5, "==", "5", True),
        (5, "==", 5.0, False),
        (None, "==", None, True),
        (None, "==", "", False),
        (None, "!=", 5, True),
        ({"a": 1}, "==", '{"a":1}', True),
        (5, "<", 5.5, True),
        (5, ">=", 5, True),
        (2**62, ">", 1.5, True),
    ],
)
def test_operators(left: Any, operator: str, right: Any, expected: Any) -> None:
    found = OPERATORS[operator](left, right)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("left", "operator", "right", "message"),
    [
        ("a", "+", 5, "'a' + '5': not two numbers"),
        (True, "+", 1, "'true' + '1': not two numbers"),
        (None, "*", 2, "'null' * '2': not two numbers"),
        (5, "/", 0, "division by zero"),
        (5.0, "/", 0.0, "division by zero"),
        (5, "%", 0, "modulo by zero"),
        (math.inf, "-", 1.0, "'Infinity' cannot be calculated with"),
        (5, ">", "bla", "'bla' is not a number"),
        (True, ">=", False, "'true' is not a number"),
    ],
)
def test_what_has_no_result_is_an_error(left: Any, operator: str, right: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        OPERATORS[operator](left, right)
    assert caught.value.message == message
    assert caught.value.at(3).offset == 3
    assert caught.value.at(7).offset == 3


@pytest.mark.parametrize(
    ("value", "is_object", "is_array"),
    [
        ({}, True, False),
        ([], False, True),
        ('{\\"a\\": 1}', True, False),
        ("[1]", False, True),
        ("[1", False, False),
        (5, False, False),
        ([etree.fromstring("<a/>")], False, False),
    ],
)
def test_texts_may_spell_json(value: Any, is_object: bool, is_array: bool) -> None:
    assert (as_object(value) is not None) is is_object
    assert (as_array(value) is not None) is is_array


def test_errors_show_the_beginning_of_a_long_value() -> None:
    assert shown("x" * 100) == f"'{'x' * 60}…'"


def test_integers_have_64_bits() -> None:
    assert whole(2**63 - 1) == 2**63 - 1
    assert type(whole(2**63)) is float
    assert whole(10**400) == math.inf
