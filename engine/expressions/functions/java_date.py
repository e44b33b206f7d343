"""Dates in the patterns of Java's SimpleDateFormat (https://docs.oracle.com/javase/8/docs/api/java/text/SimpleDateFormat.html)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

DEFAULT_PATTERN = "M/d/yy, h:mm a"
"""What ``new SimpleDateFormat()`` uses in an English locale."""

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'", re.DOTALL)

_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "d": lambda at: at.day,
    "D": lambda at: at.timetuple().tm_yday,
    "u": lambda at: at.isoweekday(),
    "H": lambda at: at.hour,
    "k": lambda at: at.hour or 24,
    "K": lambda at: at.hour % 12,
    "h": lambda at: at.hour % 12 or 12,
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "S": lambda at: at.microsecond // 1000,
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def format_date(at: datetime, pattern: str) -> str:
    """``at``, which has a time zone, in a pattern such as ``yyyy-MM-dd'T'HH:mm:ss.SSSZ``; names are English.

    Raises ValueError for a letter that the pattern language does not have.
    """
    return "".join(_piece(at, match) for match in _PIECE.finditer(pattern))


def _piece(at: datetime, match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1].replace("''", "'") or "'"
    if match[2] is not None:
        return _field(at, match[2], len(match[0]))
    if match[0] == "'":
        raise ValueError("unterminated quote")
    return match[0]


def _field(at: datetime, letter: str, width: int) -> str:
    if letter in _NUMBERS:
        return str(_NUMBERS[letter](at)).zfill(width)
    if letter in "yY":
        return f"{at.year % 100:02}" if width == 2 else str(at.year).zfill(width)
    if letter in "ML":
        return _named(MONTHS[at.month - 1], width) if width > 2 else str(at.month).zfill(width)
    if letter == "E":
        return _named(DAYS[at.weekday()], width)
    if letter == "a":
        return "AM" if at.hour < 12 else "PM"
    if letter == "G":
        return "AD"
    return _zone(at, letter, width)


def _named(name: str, width: int) -> str:
    return name if width > 3 else name[:3]


def _zone(at: datetime, letter: str, width: int) -> str:
    if letter == "z":
        return at.tzname() or ""
    offset = at.strftime("%z")[:5]
    if letter == "Z":
        return offset
    if letter != "X":
        raise ValueError(f"illegal pattern character '{letter}'")
    if offset == "+0000":
        return "Z"
    return {1: offset[:3], 2: offset}.get(width, f"{offset[:3]}:{offset[3:]}")
