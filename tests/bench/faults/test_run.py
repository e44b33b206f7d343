from __future__ import annotations

from bench.faults import run
from bench.faults.client import Received
from bench.faults.judge import Seen
from bench.faults.run import Faults

LINE = "closed the connection without an answer a|b reset-before-head.xml:4:7, endpoint 'reset-before-headEnd'"


def seen(*, reused: bool) -> Seen:
    answer = Received()
    answer.feed(b'HTTP/1.1 502 X\r\nContent-Length: 15\r\n\r\n{"code":101505}')
    return Seen("reset-before-head", answer, True, reused, (LINE,))


def test_report() -> None:
    faults = Faults((seen(reused=False),), (15, 15), 0)
    escaped = LINE.replace("|", "\\|")
    assert run.report(faults).splitlines()[4:] == [
        f"| reset-before-head | 502 | 101505 | no | {escaped} | ok |",
        "",
        "Left behind: 15 files open, 15 before; 0 connections to the back end: ok",
    ]
    assert (faults.mistakes, faults.left_behind) == ({}, False)


def test_mistakes_are_told() -> None:
    faults = Faults((seen(reused=True),), (15, 16), 1)
    [line, _, left] = run.report(faults).splitlines()[4:]
    assert line.endswith("| **the connection is reused** |")
    assert left == "Left behind: 16 files open, 15 before; 1 connections to the back end: **MISSED**"
    assert Faults((), (15, 14), 1).left_behind
    assert not Faults((), (15, 14), 0).left_behind
