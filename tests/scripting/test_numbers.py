from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message.codecs import json
from engine.scripting.numbers import Numbers, may_be_spoilt


def through(text: str) -> str:
    """A JSON text on its way to doubles and back, as JavaScript does it."""
    value = json.decode(text.encode())
    numbers = Numbers()
    numbers.remember(value)
    sent = numbers.marked(value) if numbers.twins else value
    spoilt = json.decode(json.encode(_as_doubles(sent)))
    return json.encode(numbers.restored(_unmarked(spoilt), value)).decode()


def _as_doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_doubles(item) for item in value]
    if isinstance(value, (str, bool)) or value is None:
        return value
    double = float(value)
    return int(double) if double.is_integer() and abs(double) < 1e21 else double


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return json.decode(value["\0n"].encode()) if "\0n" in value else {k: _unmarked(v) for k, v in value.items()}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text",
    [
        '{"id":9007199254740993}',
        '{"a":9007199254740992,"b":9007199254740993}',
        '{"a":10,"b":10.0,"c":10.00}',
        "[1.10,25.0000,1e3,1E-7,-0.0]",
        '{"huge":1e400,"other":-1e400}',
        '{"u64":18446744073709551615,"i64":-9223372036854775808}',
        '{"digits":123456789012345678901234567890}',
        '{"pi":3.14159265358979323846264338}',
    ],
)
def test_what_only_passes_keeps_its_digits(text: str) -> None:
    assert through(text) == text


def test_a_number_that_moved_keeps_its_digits_when_it_alone_had_that_double() -> None:
    numbers = Numbers()
    numbers.remember({"id": 9007199254740993})
    assert numbers.restored({"moved": 9007199254740992}) == {"moved": 9007199254740993}


def test_twins_never_take_the_digits_of_each_other() -> None:
    value = [9007199254740993, 9007199254740992]
    numbers = Numbers()
    numbers.remember(value)
    assert numbers.twins
    assert numbers.marked(value) == [{"\0n": "9007199254740993"}, {"\0n": "9007199254740992"}]
    # Had they moved unmarked, each would be left as JavaScript printed it.
    assert numbers.restored([9007199254740992], value) == [9007199254740992]


def test_the_same_value_in_two_spellings_is_no_twin() -> None:
    numbers = Numbers()
    numbers.remember([json.decode(b"10.5"), json.decode(b"10.50"), json.decode(b"1.050e1")])
    assert not numbers.twins


@pytest.mark.parametrize(
    ("text", "spoilt"),
    [(b'{"a":1,"b":"x"}', False), (b'{"a":1.5}', True), (b"1234567890123456", True), (b'"2.x"', True), (b"1e3", True)],
)
def test_a_quick_look_tells_what_needs_no_care(text: bytes, spoilt: bool) -> None:
    assert may_be_spoilt(text) is spoilt


_NUMBERS = st.integers(-(2**70), 2**70) | st.decimals(allow_nan=False, allow_infinity=False, places=4)


@given(st.recursive(_NUMBERS | st.text() | st.booleans() | st.none(), lambda each: st.lists(each), max_leaves=20))
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    text = json.encode(value).decode()
    assert through(text) == json.encode(json.decode(text.encode())).decode()


@pytest.mark.parametrize(
    "numbers", [[f"900719925474099{n:07}" for n in range(20_000)], [f"1.{'0' * n}" for n in range(1, 2_000)]]
)
def test_any_number_of_texts_for_one_double_costs_linear_time(numbers: list[str]) -> None:
    text = f"[{','.join(numbers)}]"
    assert through(text) == text
