from __future__ import annotations

import copy
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import MAX_DEPTH, JsonNumber

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)  # lone surrogates too: JSON can escape them
NUMBERS = st.from_regex(r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?\Z")
INTEGERS = st.integers(-(2**63), 2**64 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS | NUMBERS.map(lambda literal: json.decode(literal.encode())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"0",
        b"-0",
        b"-0.0",
        b"1.50",
        b"25.0000",
        b"1e400",
        b"1E+3",
        b"-1.0e-400",
        b"0.1000000000000000055511151231257827",
        b"9007199254740993",
        b"9223372036854775807",
        b"-9223372036854775808",
        b"18446744073709551615",
        b"18446744073709551616",
        b"123456789012345678901234567890",
        b"-123456789012345678901234567890",
        b'{"webinarKey":303613711862382604}',
        b"[]",
        b"{}",
        b"[[],[[]],{},[{}]]",
        b'{"a":null,"b":[null]}',
        b'{"a":[1]}',
        b'"\xc3\xa9\xf0\x9f\x98\x80"',
        b'"1.50, ]"',
        b'{"":""}',
        b"null",
        b"true",
        b"false",
    ],
)
def test_nothing_is_lost_on_the_way_through(raw: bytes) -> None:
    assert json.encode(json.decode(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"42", 42),
        (b"9223372036854775807", 2**63 - 1),
        (b"18446744073709551615", 2**64 - 1),
        (b'{"a": [1, "x", null, true]}', {"a": [1, "x", None, True]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b' \r\n\t{"a"\n:1} ', {"a": 1}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\ud800"', "\ud800"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\\u0000"', "\0"),
    ],
)
def test_values(raw: bytes, value: Any) -> None:
    decoded = json.decode(raw)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("literal", ["1.50", "1e400", "-0", "123456789012345678901234567890", "1E-7"])
def test_delicate_numbers_keep_their_text(literal: str) -> None:
    number = json.decode(literal.encode())
    assert isinstance(number, JsonNumber)
    assert str(number) == literal
    assert number == Decimal(literal)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not JSON: Expecting value at line 1 column 1"),
        (b"{'a': 1}", "not JSON: Expecting property name enclosed in double quotes at line 1 column 2"),
        (b'{"a": }', "not JSON: Expecting value at line 1 column 7"),
        (b'{"a": 1}\n x', "not JSON: Extra data at line 2 column 2"),
        (b'{"a": 1', "not JSON: Expecting ',' delimiter at line 1 column 8"),
        (b'"\xc3\xa9', "not JSON: Unterminated string starting at at line 1 column 1"),
        (b'"a\nb"', "not JSON: Invalid control character at at line 1 column 3"),
        (b"01", "not JSON: Extra data at line 1 column 2"),
        (b"+1", "not JSON: Expecting value at line 1 column 1"),
        (b"NaN", "not JSON: NaN is not a JSON value"),
        (b"[Infinity]", "not JSON: Infinity is not a JSON value"),
        (b"[-Infinity, 1.5]", "not JSON: -Infinity is not a JSON value"),
        (b'{"a": "\xff"}', "not UTF-8: byte 0xff at offset 7"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8: byte 0xff at offset 0"),
        (b"[" * 257 + b"]" * 257, "JSON nested deeper than 256 levels"),
        (b'{"a":' * 257 + b"1.5" + b"}" * 257, "JSON nested deeper than 256 levels"),
        (b"[" * 100_000, "JSON nested deeper than 256 levels"),
        (b"[" * 100_000 + b"1.5", "JSON nested deeper than 256 levels"),
        (
            b"1e1000000000000000000",
            "not JSON that can be kept: the exponent of 1e1000000000000000000 is too large",
        ),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_errors_say_what_and_where(raw: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        json.decode(raw)
    assert str(caught.value) == message


@pytest.mark.parametrize("raw", [b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, b'{"a":' * MAX_DEPTH + b"1.5" + b"}" * MAX_DEPTH])
def test_the_deepest_allowed_nesting_goes_through(raw: bytes) -> None:
    assert json.encode(json.decode(raw)) == raw


def test_many_brackets_are_not_depth() -> None:
    raw = b"[" + b",".join([b"[]"] * 1000) + b"]"
    assert json.encode(json.decode(raw)) == raw


def test_integers_with_more_digits_than_python_converts() -> None:
    raw = b"9" * 10_000
    assert json.encode(json.decode(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        (b'{"a": 1,}', b'{"a": 1 }'),
        (b'{"a": [1, 2, ], }', b'{"a": [1, 2  ]  }'),
        (b'{"a": "x,}",\r\n}', b'{"a": "x,}" \r\n}'),
        (b'{"a": "\\",]", "b": 1}', b'{"a": "\\",]", "b": 1}'),
        (b'["\\\\",]', b'["\\\\" ]'),
        (b'{"a": 1 ,}', b'{"a": 1  }'),
        (b"[1,,]", b"[1, ]"),
        (b"[,]", b"[,]"),
        (b"{ ,}", b"{ ,}"),
        (b'{"a": "unfinished,}', b'{"a": "unfinished,}'),
        (b"", b""),
    ],
)
def test_trailing_commas(raw: bytes, repaired: bytes) -> None:
    assert json.without_trailing_commas(raw) == repaired


def test_a_string_without_end_is_searched_once() -> None:
    raw = b'{"a":"' + b'\\"' * 500_000
    began = time.process_time()
    assert json.without_trailing_commas(raw) == raw
    assert time.process_time() - began < 5  # the quadratic search took hours


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ({"a": 1.5}, b'{"a":1.5}'),
        (2**70, b"1180591620717411303424"),
        ([2**70, float("nan")], b"[1180591620717411303424,null]"),
        ([float("inf"), float("-inf")], b"[null,null]"),
        (Decimal("1.50"), b"1.50"),
        ([Decimal("NaN")], b"[null]"),
        (["\ud800", Decimal("NaN"), Decimal("1.0"), (1,)], b'["\\ud800",null,1.0,[1]]'),
        ({"a": {"\ud800": True}}, b'{"a":{"\\ud800":true}}'),
        ("é", '"é"'.encode()),
    ],
)
def test_values_a_flow_made(value: Any, raw: bytes) -> None:
    assert json.encode(value) == raw


@pytest.mark.parametrize("value", [object(), b"x", {"a": {1, 2}}])
def test_what_json_has_no_word_for_is_a_mistake_of_the_engine(value: Any) -> None:
    with pytest.raises(TypeError):
        json.encode(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (1.5, "1.5"),
        (json.decode(b"25.0000"), "25.0000"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([], "[]"),
    ],
)
def test_text_of_a_value_is_synapses(value: Any, text: str) -> None:
    # Synapse trap 1.
    assert json.text_of(value) == text


def test_numbers_survive_copying() -> None:
    number = copy.deepcopy(JsonNumber("1.50"))
    assert (str(number), repr(number)) == ("1.50", "JsonNumber('1.50')")


@given(VALUES)
def test_decoding_undoes_encoding(value: Any) -> None:
    assert json.decode(json.encode(value)) == value


@given(NUMBERS)
def test_every_number_keeps_its_digits(literal: str) -> None:
    raw = literal.encode()
    assert json.encode(json.decode(raw)) == raw
    assert json.encode(json.decode(b'{"a":[' + raw + b"]}")) == b'{"a":[' + raw + b"]}"


@given(st.binary(max_size=40) | st.text('{}[]",:0123456789.eE+-\\ntu \n', max_size=30).map(str.encode))
def test_no_bytes_raise_anything_but_decode_error(raw: bytes) -> None:
    try:
        value = json.decode(raw)
    except DecodeError:
        return
    assert json.decode(json.encode(value)) == value
