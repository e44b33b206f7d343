"""JSON bytes <-> Python values without loss.

Integers of any size stay integers, ``25.0000`` and ``1e400`` keep their digits. orjson does the work whenever it
cannot lose anything; the standard library does the rest.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import orjson

from engine.message.codecs.errors import DecodeError

JsonValue: TypeAlias = Any
"""dict[str, JsonValue] | list[JsonValue] | str | int | float | JsonNumber | bool | None"""

MAX_DEPTH = 256
"""Levels of nesting accepted; the recursion of later stages is bounded by it."""

# What orjson may not keep: fractions, more than 19 digits (64 bits hold all below), -0 and the smallest negatives.
# Hits inside strings cost only time; so would a stricter pattern, on every text.
_DELICATE_NUMBER = re.compile(rb"\d(?:[.eE]|\d{19})")
_NEGATIVE = (b":-", b",-", b"[-", b" -", b"\n-", b"\r-", b"\t-")
# A string (a missing end must not make the search start again), a comma after nothing, a comma at the end.
_TRAILING_COMMA = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]\s*+,|,(?=\s*[}\]])', re.DOTALL)


_new_decimal = Decimal.__new__


class JsonNumber(Decimal):
    """A number that keeps the digits it was written with (``1.50``, ``1e3``, 30-digit integers)."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> JsonNumber:
        self = super().__new__(cls, literal)
        self.literal = literal
        return self

    def __str__(self) -> str:
        return self.literal

    def __repr__(self) -> str:
        return f"JsonNumber({self.literal!r})"

    def __reduce__(self) -> tuple[type[JsonNumber], tuple[str]]:
        return JsonNumber, (self.literal,)


def decode(raw: bytes) -> JsonValue:
    """Read one JSON text in UTF-8, with or without a byte order mark.

    Raises DecodeError with line and column for anything else, for nesting deeper than MAX_DEPTH, and for numbers whose
    exponent is beyond 18 digits.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    value = _decode_exactly(raw) if _is_delicate(raw) else _decode_fast(raw)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def is_surely_valid(raw: bytes) -> bool:
    """A quick look without keeping anything: True for what ``decode`` takes; it may take more."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH


def without_trailing_commas(raw: bytes) -> bytes:
    """The text with a space for every comma before ``}`` or ``]``, so that all else stands where it stood.

    Strings are not touched.
    """
    return _TRAILING_COMMA.sub(lambda match: b" " if match[0] == b"," else match[0], raw)


def encode(value: JsonValue) -> bytes:
    """Compact UTF-8; numbers keep their digits. Non-finite floats become null, as JSON has no word for them."""
    try:
        return orjson.dumps(value, default=_fragment)
    except orjson.JSONEncodeError:
        return _write(value).encode()


def text_of(value: JsonValue) -> str:
    """A value as Synapse prints it: strings bare, objects and arrays as compact JSON, null as ``null``."""
    if type(value) is str:
        return value
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return encode(value).decode()


def _is_delicate(raw: bytes) -> bool:
    if _DELICATE_NUMBER.search(raw) or raw.startswith(b"-"):
        return True
    return b"-" in raw and any(sign in raw for sign in _NEGATIVE)


def _decode_fast(raw: bytes) -> JsonValue:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if "recursion" in str(error):
            raise DecodeError(f"JSON nested deeper than {MAX_DEPTH} levels") from None
        return _decode_exactly(raw)


def _decode_exactly(raw: bytes) -> JsonValue:
    try:
        return _EXACT.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}") from None
    except RecursionError:
        raise DecodeError(f"JSON nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        raise DecodeError(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None


def _integer(literal: str) -> int | JsonNumber:
    # Python refuses int() above 4,300 digits and orjson above 64 bits; a JsonNumber carries both.
    if len(literal) >= 19:
        return _long_integer(literal)
    return int(literal) if literal != "-0" else JsonNumber(literal)


def _long_integer(literal: str) -> int | JsonNumber:
    if len(literal) > 20:
        return JsonNumber(literal)
    value = int(literal)
    return value if -(2**63) <= value < 2**64 else JsonNumber(literal)


def _number(literal: str) -> JsonNumber:
    try:
        number = _new_decimal(JsonNumber, literal)  # as JsonNumber() does, in half the time
    except InvalidOperation:
        raise DecodeError(f"not JSON that can be kept: the exponent of {literal[:40]} is too large") from None
    number.literal = literal
    return number


def _no_constant(name: str) -> JsonValue:
    raise DecodeError(f"not JSON: {name} is not a JSON value")


_EXACT = json.JSONDecoder(parse_float=_number, parse_int=_integer, parse_constant=_no_constant)


def _fragment(value: object) -> object:
    if isinstance(value, JsonNumber):
        return orjson.Fragment(value.literal)
    if isinstance(value, Decimal):
        return orjson.Fragment(_decimal(value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _write(value: JsonValue) -> str:
    """What orjson refuses: integers over 64 bits that the flow made itself, lone surrogates that came as escapes."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, Decimal):
        return _decimal(value)
    return "null" if isinstance(value, float) and not math.isfinite(value) else json.dumps(value)


def _decimal(value: Decimal) -> str:
    return str(value) if value.is_finite() else "null"


def _check_depth(value: JsonValue) -> None:
    try:
        orjson.dumps(value, default=_anything)  # five times as fast, and refuses what is deeper than 254 levels
    except orjson.JSONEncodeError:
        _walk(value)


def _anything(value: object) -> None:
    """A number, which has no depth."""


def _walk(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(MAX_DEPTH):
        level = [item for parent in level for item in _items(parent) if isinstance(item, (dict, list))]
        if not level:
            return
    raise DecodeError(f"JSON nested deeper than {MAX_DEPTH} levels")


def _items(value: JsonValue) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
