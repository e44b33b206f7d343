from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest

from engine.plugins.parameters import TYPES, BrokenRule, Parameter

GOOD: list[tuple[str, str, Any]] = [
    ("text", " as it is ", " as it is "),
    ("key", "825376542158346243", "825376542158346243"),
    ("key", "007", "007"),
    ("integer", "-12", -12),
    ("integer", "123456789012345678901234567890", 123456789012345678901234567890),
    ("number", "1.50", Decimal("1.50")),
    ("number", "-1e3", Decimal("-1e3")),
    ("boolean", "true", True),
    ("boolean", "False", False),
    ("time", "2016-06-09T16:45:58Z", "2016-06-09T16:45:58Z"),
    ("time", "2016-06-09T16:45:58.123+05:30", "2016-06-09T16:45:58.123+05:30"),
    ("time", "2016-06-09T16:45Z", "2016-06-09T16:45Z"),
    ("time-zone", "Asia/Colombo", "Asia/Colombo"),
    ("time-zone", "UTC", "UTC"),
    ("email", "nick@yahoo.com", "nick@yahoo.com"),
    ("url", "https://api.example:8443/base", "https://api.example:8443/base"),
    ("list", '["AE", "AR"]', ["AE", "AR"]),
    ("list", "AE, AR,", ["AE", "AR"]),
    ("list", "[]", []),
    ("list", "AE", ["AE"]),
    ("list", '[1, "a", 2.50, 9007199254740993]', ["1", "a", "2.50", "9007199254740993"]),
    ("base64", "aGVs\nbG8=", b"hello"),
    ("base64", "", b""),
    ("json", '{"a": [1, null]}', {"a": [1, None]}),
    ("json", "18446744073709551615", 18446744073709551615),
]

BAD: list[tuple[str, str]] = [
    ("key", "12a"),
    ("key", "-1"),
    ("key", "1" * 21),
    ("key", "١٢"),
    ("integer", "1.0"),
    ("integer", ""),
    ("integer", "٣"),
    ("number", "NaN"),
    ("number", "1e"),
    ("number", "01"),
    ("boolean", "1"),
    ("boolean", " true"),
    ("time", "2016-06-09"),
    ("time", "2016-06-09T16:45:58"),
    ("time", "2016-13-09T16:45:58Z"),
    ("time", "2016-06-09T25:45:58Z"),
    ("time", "2016-06-09 16:45:58Z"),
    ("time-zone", "CEST"),
    ("time-zone", "localtime"),
    ("time-zone", "Factory"),
    ("time-zone", "../etc/passwd"),
    ("email", "nick"),
    ("email", "a b@c"),
    ("url", "api.example"),
    ("url", "https://"),
    ("url", "https://user@host"),
    ("url", "https://host/?q=1"),
    ("url", "https://host/#f"),
    ("url", "https://host:99999"),
    ("url", "https://ho st"),
    ("url", "https://host/\r\nX: y"),
    ("url", "https://[::1"),
    ("url", "javascript:alert(1)"),
    ("list", '["AE"'),
    ("list", "[[1]]"),
    ("list", "[true]"),
    ("list", "[null]"),
    ("base64", "aGVsbG8"),
    ("base64", "hello!"),
    ("json", "{a}"),
]


@pytest.mark.parametrize(("type_name", "text", "value"), GOOD)
def test_good_values(type_name: str, text: str, value: Any) -> None:
    converted = TYPES[type_name](text)
    assert converted == value
    assert isinstance(converted, type(value))


@pytest.mark.parametrize(("text", "rule"), [("1" * 21, "at most 20 digits"), ("1" * 20 + "x", "digits only")])
def test_a_key_that_is_too_long_is_told_so(text: str, rule: str) -> None:
    with pytest.raises(BrokenRule) as caught:
        TYPES["key"](text)
    assert caught.value.rule == rule


@pytest.mark.parametrize(("type_name", "text"), BAD)
def test_bad_values(type_name: str, text: str) -> None:
    with pytest.raises(BrokenRule):
        TYPES[type_name](text)


@pytest.mark.parametrize("type_name", sorted(TYPES))
@pytest.mark.parametrize("text", ["", "\0", "\ud800", "9" * 5000, "[" * 5000])
def test_any_text_is_a_value_or_breaks_a_rule(type_name: str, text: str) -> None:
    with contextlib.suppress(BrokenRule):
        TYPES[type_name](text)


@pytest.mark.parametrize(
    ("parameter", "text", "rule", "hint"),
    [
        (Parameter("p", "d", max_length=3), "four", "at most 3 characters", ""),
        (Parameter("p", "d", choices=("PSTN", "VOIP")), "VOIPP", "one of PSTN, VOIP", "Did you mean 'VOIP'?"),
        (Parameter("p", "d", type="list", choices=("AT", "AU")), "AT,XX", "only values of AT, AU", ""),
    ],
)
def test_limits(parameter: Parameter, text: str, rule: str, hint: str) -> None:
    with pytest.raises(BrokenRule) as caught:
        parameter.converter()(text)
    assert (caught.value.rule, caught.value.hint) == (rule, hint)


def test_length_counts_characters_not_bytes() -> None:
    assert Parameter("p", "d", max_length=3).converter()("üüü") == "üüü"


def test_description_tells_the_rules() -> None:
    parameter = Parameter("p", "What it is.", type="list", max_length=9, choices=("a", "b"), needs="q")
    assert parameter.described == ("What it is. Type: list. At most 9 characters. One of a, b. Only together with q.")


@pytest.mark.parametrize(
    ("rules", "text", "broken"),
    [
        ({"type": "integer", "minimum": 1}, "0", "1 or more"),
        ({"type": "integer", "minimum": 1}, "1", None),
        ({"type": "number", "maximum": 2.5}, "2.51", "2.5 or less"),
        ({"type": "number", "maximum": 2.5}, "-1e3", None),
        ({"min_length": 2}, "a", "at least 2 characters"),
        ({"pattern": "^[a-z]+$"}, "a1", "text that matches ^[a-z]+$"),
        ({"pattern": "b"}, "abc", None),
    ],
)
def test_limits_of_json_schema(rules: dict[str, Any], text: str, broken: str | None) -> None:
    convert = Parameter("p", "P.", **rules).converter()
    if broken is None:
        convert(text)
    else:
        with pytest.raises(BrokenRule) as raised:
            convert(text)
        assert raised.value.rule == broken


def test_a_sentence_ends_before_the_rules() -> None:
    assert Parameter("p", "Which one").described == "Which one"
    assert Parameter("p", "Which one", "integer").described == "Which one. Type: integer."


def test_limits_are_described() -> None:
    parameter = Parameter("p", "P.", "integer", minimum=1, maximum=5, min_length=2)
    assert parameter.described == "P. Type: integer. At least 2 characters. 1 or more. 5 or less."
