"""Nothing that is wrong passes for right."""

from __future__ import annotations

from typing import Any

import pytest

from bench.faults import judge
from bench.faults.client import Received
from bench.faults.judge import Seen
from bench.faults.table import Row

CODE = b'{"code": 101505}'
LINE = "closed at flows/x.xml:4:7 <call>, endpoint 'xEnd'"
ROW = Row((), 502, 101505, "closed")
BROKEN = Row((), 200, 101505, "closed", broken=True)
FINE = Row((), 200, None, reused=True)
LEFT = Row((), None, 101505, "closed")


def received(status: int, body: bytes = CODE, *, whole: bool = True, times: int = 1) -> Received:
    answer = Received()
    head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body) + (not whole))
    for _ in range(times):
        answer.feed(head + body)
    return answer


def seen(answer: Received, *, next_is_well: bool = True, reused: bool = False, log: tuple[str, ...] = (LINE,)) -> Seen:
    return Seen("x", answer, next_is_well, reused, log)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (ROW, seen(received(502))),
        (BROKEN, seen(received(200, b"0123", whole=False))),
        (FINE, seen(received(200, b"ok"), reused=True, log=())),
        (LEFT, seen(Received())),
    ],
)
def test_right(row: Row, what: Seen) -> None:
    assert judge.mistakes(row, what) == []


@pytest.mark.parametrize(
    ("row", "answer", "more", "found"),
    [
        (ROW, received(504), {}, ["the client gets 504 in place of 502"]),
        (ROW, Received(), {}, ["the client gets nothing in place of 502"]),
        (ROW, received(502, whole=False), {}, ["the client gets 502, broken off in place of 502"]),
        (BROKEN, received(200), {}, ["the client gets 200 in place of 200, broken off"]),
        (LEFT, received(502), {}, ["the client gets 502 in place of nothing"]),
        (ROW, received(502, times=2), {}, ["the client gets 2 answers"]),
        (ROW, received(502, b'{"code": 101504}'), {}, ["the answer does not tell the code 101505"]),
        (ROW, received(502), {"next_is_well": False}, ["the next request is not answered well"]),
        (ROW, received(502), {"reused": True}, ["the connection is reused"]),
        (FINE, received(200), {"log": ()}, ["the connection is not reused"]),
        (ROW, received(502), {"log": ()}, ["0 lines in the log in place of 1"]),
        (ROW, received(502), {"log": (LINE, LINE)}, ["2 lines in the log in place of 1"]),
        (FINE, received(200), {"reused": True}, ["1 lines in the log in place of 0"]),
        (
            ROW,
            received(502),
            {"log": ("refused",)},
            [f"the log does not tell {each!r}" for each in ("closed", "endpoint 'xEnd'", "x.xml:")],
        ),
    ],
)
def test_wrong(row: Row, answer: Received, more: dict[str, Any], found: list[str]) -> None:
    assert judge.mistakes(row, seen(answer, **more)) == found
