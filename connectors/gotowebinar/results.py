"""Answers of version 2 in the form that version 1 gave, for flows that were written for it (``resultShape="v1"``).

What version 2 does not tell cannot be given: lists of webinars lack ``numberOfRegistrants``, and the two click counters
of a webinar are gone. ``inSession`` is worked out from the times.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_WEBINAR = ("webinarKey", "webinarID", "subject", "description", "organizerKey", "times", "timeZone", "registrationUrl")
_SESSION = ("sessionKey", "webinarKey", "webinarID", "startTime", "endTime", "registrantsAttended")
_KEYS = ("webinarKey", "organizerKey", "sessionKey")


def as_it_is(items: Any) -> Any:
    """Version 1 gave the same items, all in one array."""
    return items


def webinars(items: Any) -> Any:
    """The fields of version 1, keys as numbers."""
    now = datetime.now(UTC)
    return [_fields(item, _WEBINAR) | {"inSession": _in_session(item, now)} for item in items]


def sessions(items: Any) -> Any:
    """The fields of version 1, keys as numbers."""
    return [_fields(item, _SESSION) for item in items]


def _fields(item: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _number(item[name]) if name in _KEYS else item[name] for name in names if name in item}


def _number(key: Any) -> Any:
    return int(key) if isinstance(key, str) and key.isdecimal() else key


def _in_session(webinar: Any, now: datetime) -> bool:
    return any(_instant(pair["startTime"]) <= now < _instant(pair["endTime"]) for pair in webinar.get("times", ()))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
