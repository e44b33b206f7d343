"""Text of a message <-> values of a database (java.sql.Types, Synapse's AbstractDBMediator)."""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from engine.expressions.values import java_double
from engine.message.codecs import json

TypeName = Literal[
    "CHAR",
    "VARCHAR",
    "LONGVARCHAR",
    "NUMERIC",
    "DECIMAL",
    "BIT",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "REAL",
    "FLOAT",
    "DOUBLE",
    "DATE",
    "TIME",
    "TIMESTAMP",
]

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?\s*")
_DATE = re.compile(r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\s*")
_TIME = re.compile(r"\s*([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})\s*")
_TIMESTAMP = re.compile(
    r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?\s*"
)


def parameter(type_: TypeName, text: str | None) -> Any:
    """The value to bind; null and empty text are NULL. Raises ValueError for text that is no value of the type."""
    try:
        return _CONVERSIONS[type_](text) if text else None
    except ValueError:
        raise ValueError(f"no value of the type {type_}") from None


def text_of(value: Any) -> str:
    """A column's value as the text of a property, as Java's toString gives it; bytes in base64."""
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        fraction = f"{value.microsecond:06d}".rstrip("0") or "0"
        return f"{value:%Y-%m-%d %H:%M:%S}.{fraction}"
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, (str, int, dict, list)):
        return json.text_of(value)
    return str(value)


def _whole(bits: int) -> Callable[[str], int]:
    limit = 2 ** (bits - 1)

    def convert(text: str) -> int:
        number = int(text) if _WHOLE.fullmatch(text) else limit
        if not -limit <= number < limit:
            raise ValueError
        return number

    return convert


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ValueError from None


def _double(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _groups(pattern: re.Pattern[str], text: str) -> list[str | None]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError
    return list(match.groups())


def _date(text: str) -> datetime.date:
    year, month, day = (int(part or 0) for part in _groups(_DATE, text))
    return datetime.date(year, month, day)


def _time(text: str) -> datetime.time:
    hour, minute, second = (int(part or 0) for part in _groups(_TIME, text))
    return datetime.time(hour, minute, second)


def _timestamp(text: str) -> datetime.datetime:
    *parts, fraction = _groups(_TIMESTAMP, text)
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    # Java keeps nanoseconds, databases at most microseconds.
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    return datetime.datetime(year, month, day, hour, minute, second, microsecond)


_CONVERSIONS: dict[TypeName, Callable[[str], Any]] = {
    "CHAR": str,
    "VARCHAR": str,
    "LONGVARCHAR": str,
    "NUMERIC": _decimal,
    "DECIMAL": _decimal,
    "BIT": lambda text: text.lower() == "true",
    "TINYINT": _whole(8),
    "SMALLINT": _whole(16),
    "INTEGER": _whole(32),
    "BIGINT": _whole(64),
    "REAL": _double,
    "FLOAT": _double,
    "DOUBLE": _double,
    "DATE": _date,
    "TIME": _time,
    "TIMESTAMP": _timestamp,
}
