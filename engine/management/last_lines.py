"""The last warnings and errors of this process, for those who look at its pages: why did my request fail?"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass

from engine.core.log_text import one_line
from engine.core.redaction import SECRETS

_DEPLOYMENT = "myelin.deploy"
"""What it says is on the page as long as it is true."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the time of day, ``warning`` or ``error``, and the text without secrets."""

    time: str
    level: str
    text: str


class LastLines(logging.Handler):
    """Keeps the newest lines. Texts are cut, so that it stays small."""

    def __init__(self, most: int = 50, longest: int = 1_000) -> None:
        super().__init__(logging.WARNING)
        self._longest = longest
        self._lines: deque[Line] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == _DEPLOYMENT:
            return
        text = one_line(SECRETS.masked(record.getMessage()))
        if len(text) > self._longest:
            text = f"{text[: self._longest]}…"
        level = "error" if record.levelno >= logging.ERROR else "warning"
        self._lines.append(Line(time.strftime("%H:%M:%S", time.localtime(record.created)), level, text))

    def newest_first(self) -> list[Line]:
        """A copy of them."""
        return list(self._lines)[::-1]


LAST_LINES = LastLines()
"""Those of this process: logging is the process's own too."""
