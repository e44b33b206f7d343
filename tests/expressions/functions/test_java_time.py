from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from engine.expressions.functions.java_time import read, written

AT = datetime(2026, 3, 7, 14, 5, 9, 123456)


@pytest.mark.parametrize(
    ("at", "pattern", "expected"),
    [
        (AT, "yyyy-MM-dd'T'HH:mm:ss.SSS", "2026-03-07T14:05:09.123"),
        (AT, "S", "1"),
        (AT, "SSSSSSSSS", "123456000"),
        (AT, "d/M/yy", "7/3/26"),
        (AT, "EEE, dd MMM yyyy h:mm a", "Sat, 07 Mar 2026 2:05 PM"),
        (AT, "EEEE MMMM EEEEE", "Saturday March S"),
        (AT, "'o''clock' k K", "o'clock 14 2"),
        (AT, "DDD Q e G", "066 1 7 AD"),
        (date(2026, 3, 7), "yyyyMMdd", "20260307"),
        (time(0, 5), "hh:mm a", "12:05 AM"),
        (AT, "", ""),
    ],
)
def test_writing(at: Any, pattern: str, expected: str) -> None:
    assert written(at, pattern) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("2026-03-07T14:05:09.123", "yyyy-MM-dd'T'HH:mm:ss.SSS", datetime(2026, 3, 7, 14, 5, 9, 123000)),
        ("7/3/26", "d/M/yy", date(2026, 3, 7)),
        ("Sat, 07 Mar 2026", "EEE, dd MMM yyyy", date(2026, 3, 7)),
        ("12:05 AM", "hh:mm a", time(0, 5)),
        ("2:05 PM", "h:mm a", time(14, 5)),
        ("14", "HH", time(14)),
    ],
)
def test_reading(text: str, pattern: str, expected: Any) -> None:
    assert read(text, pattern) == expected


@pytest.mark.parametrize(
    ("text", "pattern", "message"),
    [
        ("2026-3-7", "yyyy-MM-dd", "is not in the pattern"),
        ("2026-13-07", "yyyy-MM-dd", "month"),
        ("2026-03", "yyyy-MM", "only parts of a date"),
        ("05", "mm", "neither a date nor a time"),
        ("x", "'x", "a quote in the pattern has no end"),
        ("x", "VV", "'V' is no letter of a pattern to read with"),
    ],
)
def test_what_cannot_be_read(text: str, pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(text, pattern)


@pytest.mark.parametrize(
    ("at", "pattern", "message"),
    [
        (date(2026, 3, 7), "HH", "needs a time"),
        (time(5), "dd", "needs a date"),
        (AT, "z", "'z' is no letter"),
        (AT, "{", "must stand in quotes"),
        (AT, "y" * 30, "too many letters"),
    ],
)
def test_what_cannot_be_written(at: Any, pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        written(at, pattern)
