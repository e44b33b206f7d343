"""Dates in the patterns of Java's DateTimeFormatter, read and written.

https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/time/format/DateTimeFormatter.html
Values are local: a date, a time, or both; a pattern that asks for a zone is an error, as in Java.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from engine.expressions.functions.java_date import DAYS, MONTHS

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'", re.DOTALL)
_RESERVED = re.compile(r"[{}#\[\]]")

Moment = date | time | datetime

_DATE_FIELDS: Mapping[str, Callable[[date], int]] = {
    "y": lambda at: at.year,
    "u": lambda at: at.year,
    "M": lambda at: at.month,
    "L": lambda at: at.month,
    "d": lambda at: at.day,
    "D": lambda at: at.timetuple().tm_yday,
    "e": lambda at: at.isoweekday() % 7 + 1,
    "Q": lambda at: (at.month + 2) // 3,
}
_TIME_FIELDS: Mapping[str, Callable[[time | datetime], int]] = {
    "H": lambda at: at.hour,
    "k": lambda at: at.hour or 24,
    "K": lambda at: at.hour % 12,
    "h": lambda at: at.hour % 12 or 12,
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "n": lambda at: at.microsecond * 1000,
}


def written(at: Moment, pattern: str) -> str:
    """``at`` in a pattern such as ``yyyy-MM-dd'T'HH:mm:ss.SSS``; names are English.

    Raises ValueError for a pattern that is none, and for one that asks for what ``at`` does not have.
    """
    return "".join(_written(at, match) for match in _pieces(pattern))


def read(text: str, pattern: str) -> Moment:
    """The date and time, date or time that ``text`` is in ``pattern``. Raises ValueError."""
    fields: dict[str, tuple[str, str]] = {}
    parts = []
    for index, match in enumerate(_pieces(pattern)):
        if match[2] is None:
            parts.append(re.escape(_literal(match)))
        else:
            letter, width = match[2], len(match[0])
            parts.append(f"(?P<f{index}>{_reader(letter, width)})")
            fields[f"f{index}"] = (letter, match[0])
    found = re.fullmatch("".join(parts), text, re.ASCII)
    if found is None:
        raise ValueError(f"'{text}' is not in the pattern '{pattern}'")
    return _moment({letter: _number(letter, whole, found[group]) for group, (letter, whole) in fields.items()})


def _pieces(pattern: str) -> list[re.Match[str]]:
    pieces = list(_PIECE.finditer(pattern))
    for piece in pieces:
        if piece[0] == "'":
            raise ValueError("a quote in the pattern has no end")
        if piece[1] is None and piece[2] is None and _RESERVED.search(piece[0]):
            raise ValueError(f"'{piece[0]}' in the pattern must stand in quotes")
        if piece[2] is not None and len(piece[0]) > 19:
            raise ValueError(f"too many letters '{piece[2]}' in the pattern")
    return pieces


def _literal(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else match[1].replace("''", "'") or "'"


# ---------------------------------------------------------------- writing


def _written(at: Moment, match: re.Match[str]) -> str:
    if match[2] is None:
        return _literal(match)
    letter, width = match[2], len(match[0])
    if letter in "HkKhmsnaS":
        if not isinstance(at, (datetime, time)):
            raise ValueError(f"'{letter}' needs a time, and there is only a date")
        return _written_time(at, letter, width)
    if not isinstance(at, date):
        raise ValueError(f"'{letter}' needs a date, and there is only a time")
    if letter == "E" or (letter in "ML" and width > 2):
        name = DAYS[at.weekday()] if letter == "E" else MONTHS[at.month - 1]
        return name if width == 4 else name[:1] if width == 5 else name[:3]
    if letter in "yu" and width == 2:
        return f"{at.year % 100:02}"
    if letter == "G":
        return "AD" if width < 4 else "Anno Domini" if width == 4 else "A"
    if letter not in _DATE_FIELDS:
        raise ValueError(f"'{letter}' is no letter of a pattern for a local date and time")
    return str(_DATE_FIELDS[letter](at)).zfill(width)


def _written_time(at: time | datetime, letter: str, width: int) -> str:
    if letter == "a":
        return "AM" if at.hour < 12 else "PM"
    if letter == "S":
        return f"{at.microsecond * 1000:09}"[:9].ljust(width, "0")[:width]
    return str(_TIME_FIELDS[letter](at)).zfill(width)


# ---------------------------------------------------------------- reading


def _reader(letter: str, width: int) -> str:
    if letter == "a":
        return "AM|PM"
    if letter == "E":
        return "|".join(day if width == 4 else day[:3] for day in DAYS)
    if letter in "ML" and width > 2:
        return "|".join(month if width == 4 else month[:3] for month in MONTHS)
    if letter in "yu":
        return r"\d{2}" if width == 2 else r"\d{4,9}"
    if letter in "MLdHkKhmsDn":
        return rf"\d{{1,{3 if letter == 'D' else 2}}}" if width == 1 else rf"\d{{{width}}}"
    if letter == "S":
        return rf"\d{{{width}}}"
    raise ValueError(f"'{letter}' is no letter of a pattern to read with")


def _number(letter: str, whole: str, text: str) -> int:
    if letter == "a":
        return 12 if text == "PM" else 0
    if letter == "E":
        return [day[:3] for day in DAYS].index(text[:3]) + 1
    if letter in "ML" and len(whole) > 2:
        return [month[:3] for month in MONTHS].index(text[:3]) + 1
    if letter == "S":
        return int(text[:6].ljust(6, "0"))
    return int(text) + 2000 if letter in "yu" and len(whole) == 2 else int(text)


def _moment(fields: Mapping[str, int]) -> Moment:
    """Raises ValueError for fields that are neither a date nor a time, or not one that exists."""
    year = fields.get("y", fields.get("u"))
    month, day = fields.get("M", fields.get("L")), fields.get("d")
    if (year is None) is not (day is None) or (year is None) is not (month is None):
        raise ValueError("the pattern has only parts of a date")
    at_day = date(year, month, day) if year is not None and month is not None and day is not None else None
    at_time = _time(fields)
    if at_day is None:
        if at_time is None:
            raise ValueError("the pattern has neither a date nor a time")
        return at_time
    return datetime.combine(at_day, at_time) if at_time is not None else at_day


def _time(fields: Mapping[str, Any]) -> time | None:
    if "H" in fields or "k" in fields:
        hour = fields.get("H", fields.get("k", 0) % 24)
    elif ("h" in fields or "K" in fields) and "a" in fields:
        hour = fields.get("h", fields.get("K", 0)) % 12 + fields["a"]
    else:
        return None
    return time(hour, fields.get("m", 0), fields.get("s", 0), fields.get("S", 0))
