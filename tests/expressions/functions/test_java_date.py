from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.expressions.functions.java_date import DEFAULT_PATTERN, format_date

AT = datetime(2026, 3, 4, 15, 6, 7, 89_000, timezone(timedelta(hours=5, minutes=30), "IST"))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2026-03-04T15:06:07.089+0530"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-04T15:06:07+05:30"),
        ("X XX", "+05 +0530"),
        ("EEE, d MMM yy", "Wed, 4 Mar 26"),
        ("EEEE MMMM", "Wednesday March"),
        ("h:mm a", "3:06 PM"),
        ("k K D u", "15 3 63 3"),
        ("z G", "IST AD"),
        ("hh 'o''clock'", "03 o'clock"),
        ("''yy", "'26"),
        (DEFAULT_PATTERN, "3/4/26, 3:06 PM"),
        ("", ""),
    ],
)
def test_patterns(pattern: str, expected: str) -> None:
    assert format_date(AT, pattern) == expected


def test_utc_is_z() -> None:
    assert format_date(AT.astimezone(UTC), "HH:mmXXX") == "09:36Z"


@pytest.mark.parametrize(("pattern", "message"), [("yyyy-qq", "illegal pattern character 'q'"), ("yyyy'", "quote")])
def test_wrong_patterns(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        format_date(AT, pattern)
