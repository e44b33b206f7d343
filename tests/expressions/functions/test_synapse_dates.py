from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from engine.expressions.compile import compile_expression

MILLISECONDS = 1_772_892_309_123


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("formatDateTime('07-03-2026', 'dd-MM-yyyy', 'yyyy/MM/dd')", "2026/03/07"),
        ("formatDateTime('2026-03-07 14:05', 'yyyy-MM-dd HH:mm', 'HH.mm')", "14.05"),
        ("formatDateTime('2026-03-07', 'yyyy-MM-dd', 'HH')", ""),
        ("formatDateTime('x', 'yyyy-MM-dd', 'yyyy')", ""),
        ("formatDateTime('5', 'yyyy')", ""),
        ("formatDateTime(9999999999999999999, 'yyyy')", ""),
        ("formatDateTime(5, 6)", ""),
    ],
)
def test_dates(make_message: Any, expression: str, expected: str) -> None:
    assert compile_expression(f"${{{expression}}}", {}).text(make_message()) == expected


def test_milliseconds_are_shown_in_local_time(make_message: Any) -> None:
    found = compile_expression(f"${{formatDateTime({MILLISECONDS}, 'yyyy-MM-dd HH:mm:ss.SSS')}}", {}).text(
        make_message()
    )
    local = datetime.fromtimestamp(MILLISECONDS / 1000)
    assert found == local.strftime("%Y-%m-%d %H:%M:%S.") + "123"


def test_now_is_in_milliseconds(make_message: Any) -> None:
    before = int(time.time() * 1000)
    now = compile_expression("${now()}", {}).evaluate(make_message())
    assert before <= now <= time.time() * 1000
