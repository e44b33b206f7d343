"""Text -> the typed value of a property (Synapse's PropertyMediator.convertValue).

Each conversion raises ValueError for text that is no value of the type, None included where a null is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError

TypeName = Literal["STRING", "BOOLEAN", "INTEGER", "LONG", "SHORT", "FLOAT", "DOUBLE", "OM", "JSON"]

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?\s*")
_NO_DIGITS = {"NaN": "nan", "Infinity": "inf", "+Infinity": "inf", "-Infinity": "-inf"}


def from_constant(type_: TypeName, text: str) -> Any:
    """The value of ``value="…"``. Raises ValueError."""
    return _CONVERSIONS[type_](text)


def from_expression(type_: TypeName, text: str | None) -> Any:
    """The value of an expression's text: numbers with a point lose their fraction in INTEGER and SHORT (trap 9).

    BOOLEAN of a null is false, STRING and OM of a null are null; all other types raise ValueError (trap 5).
    """
    if type_ == "INTEGER" and text is not None and "." in text:
        return _truncated(text)
    if type_ == "SHORT" and text is not None and "." in text:
        return (_truncated(text) + 2**15) % 2**16 - 2**15
    return _CONVERSIONS[type_](text)


def _boolean(text: str | None) -> bool:
    return text is not None and text.lower() in ("true", "yes", "1")


def _whole(bits: int) -> Callable[[str | None], int]:
    limit = 2 ** (bits - 1)

    def convert(text: str | None) -> int:
        # The longest 64-bit number has 20 characters; leading zeros are no reason to read thousands of them.
        if text is None or len(text) > 64 or not _WHOLE.fullmatch(text):
            raise ValueError
        number = int(text)
        if not -limit <= number < limit:
            raise ValueError
        return number

    return convert


def _double(text: str | None) -> float:
    if text is None:
        raise ValueError
    match = _DECIMAL.fullmatch(text)
    return float(match[1]) if match else float(_NO_DIGITS.get(text.strip(), "not a number"))


def _truncated(text: str) -> int:
    """Java's cast of a double to int: towards zero, and to the nearest limit when out of range."""
    return int(max(-(2.0**31), min(2.0**31 - 1, _double(text))))


def _xml(text: str | None) -> xml.Element | None:
    # DecodeError is a ValueError.
    return None if text is None else xml.decode(text.encode())


def _json(text: str | None) -> json.JsonValue:
    """The JSON value; text that is no JSON is a JSON string, and null stays the text ``null``."""
    if text is None:
        raise ValueError
    try:
        value = json.decode(text.encode("utf-8", "surrogatepass"))
    except DecodeError:
        return text
    return text if value is None else value


_CONVERSIONS: dict[TypeName, Callable[[str | None], Any]] = {
    "STRING": lambda text: text,
    "BOOLEAN": _boolean,
    "INTEGER": _whole(32),
    "LONG": _whole(64),
    "SHORT": _whole(16),
    # A Python float is a double: single precision would only print worse.
    "FLOAT": _double,
    "DOUBLE": _double,
    "OM": _xml,
    "JSON": _json,
}
