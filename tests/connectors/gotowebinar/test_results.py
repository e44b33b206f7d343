from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.gotowebinar.results import as_it_is, sessions, webinars


def pair(start: timedelta, end: timedelta) -> dict[str, str]:
    now = datetime.now(UTC)
    return {"startTime": f"{now + start:%Y-%m-%dT%H:%M:%SZ}", "endTime": f"{now + end:%Y-%m-%dT%H:%M:%SZ}"}


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("times", "in_session"),
    [
        ([pair(-HOUR, HOUR)], True),
        ([pair(HOUR, 2 * HOUR)], False),
        ([pair(-2 * HOUR, -HOUR)], False),
        ([pair(-2 * HOUR, -HOUR), pair(-HOUR, HOUR)], True),
        ([], False),
    ],
)
def test_webinars(times: list[dict[str, str]], in_session: bool) -> None:
    item = {"webinarKey": "9007199254740993", "webinarID": "123", "organizerKey": "7", "times": times}
    v1 = {"webinarKey": 9007199254740993, "webinarID": "123", "organizerKey": 7, "times": times}
    assert webinars([item | {"accountKey": "1", "locale": "en_US"}]) == [v1 | {"inSession": in_session}]


def test_sessions() -> None:
    item: dict[str, Any] = {"sessionKey": "9007199254740993", "webinarKey": "5", "registrantsAttended": 3}
    v1 = {"sessionKey": 9007199254740993, "webinarKey": 5, "registrantsAttended": 3}
    assert sessions([item | {"timeZone": "UTC"}]) == [v1]


def test_what_did_not_change() -> None:
    assert as_it_is([{"registrantKey": 1}]) == [{"registrantKey": 1}]
