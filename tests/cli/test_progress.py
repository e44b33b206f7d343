"""What those who wait for a long step see. Time passes when the test says so."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from engine.cli import progress


class Stream(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def printed(monkeypatch: pytest.MonkeyPatch, pace: float, *, is_terminal: bool, items: int = 1_000) -> str:
    """What is told of items that take ``pace`` seconds each."""
    ticks: Iterator[float] = (number * pace for number in range(items + 2))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(ticks))
    stream = Stream(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(progress.shown(range(items), "files")) == list(range(items))
    return stream.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_is_done_soon_needs_no_word(monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    assert printed(monkeypatch, 0.0005, is_terminal=is_terminal) == ""
    assert printed(monkeypatch, 1.0, is_terminal=is_terminal, items=0) == ""


def test_one_line_is_rewritten_on_a_terminal_and_wiped_out(monkeypatch: pytest.MonkeyPatch) -> None:
    *lines, wiped, rest = printed(monkeypatch, 0.01, is_terminal=True, items=2_000).split("\r")[1:]
    assert lines[0] == "reading files: 99 of 2,000"
    assert lines[-1].startswith("reading files: 1,9")
    assert len(lines) > 150
    assert (set(wiped), len(wiped), rest) == ({" "}, len(lines[-1]), "")


def test_a_line_now_and_then_goes_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 0.01, is_terminal=False).splitlines()
    assert lines == ["reading files: 99 of 1,000", "reading files: 599 of 1,000"]
