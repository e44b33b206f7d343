from __future__ import annotations

from datetime import datetime

import pytest

from engine.artifacts._schedule import Schedule, check_cron, next_after
from engine.declare.convert import Unacceptable

NOON = datetime(2026, 3, 2, 12, 0, 30).timestamp()


@pytest.mark.parametrize(
    ("cron", "seconds"),
    [
        ("0 0/5 * * * ?", 270),
        ("*/10 * * * * ?", 10),
        ("0 15 12 * * ?", 870),
        ("15 12 * * *", 870),
        ("0 0 13 * * ? 2026", 3570),
    ],
)
def test_the_next_time(cron: str, seconds: float) -> None:
    assert next_after(cron, NOON) - NOON == seconds
    assert Schedule(1.0, cron, clock=lambda: NOON).delay() == seconds


def test_an_interval() -> None:
    assert Schedule(2.5).delay() == 2.5


@pytest.mark.parametrize("cron", ["", "x", "* * *", "61 * * * * ?"])
def test_what_is_no_schedule(cron: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        check_cron(cron)
    assert raised.value.message.startswith(f"'{cron}' is no cron schedule")
