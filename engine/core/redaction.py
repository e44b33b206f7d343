"""Secrets that were handed out, so that no log line, problem or error answer shows them."""

from __future__ import annotations

import html
import json
import re
import threading
from urllib.parse import quote

from engine.message.secret_names import MASK, WORDS, is_secret

__all__ = ["MASK", "SECRETS", "WORDS", "Redactor", "is_secret"]

SHORTEST = 4
"""Characters of the shortest value that is masked: shorter ones stand in too many words."""
MOST = 4_096
"""Texts that are masked at the same time; the one seen longest ago goes first."""


class Redactor:
    """Knows values and puts ``***`` in their place, whether they stand there plainly or in JSON, XML or a URL."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """Mask this value from now on."""
        if len(value) < SHORTEST or value in self._texts:
            return
        with self._lock:
            in_json = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
            for text in (value, *in_json, html.escape(value, quote=False), quote(value, safe="")):
                self._texts[text] = None
            while len(self._texts) > MOST:
                self._texts.pop(next(iter(self._texts)))
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def masked(self, text: str) -> str:
        """The text without the values."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)


SECRETS = Redactor()
"""Those of this process: logging is the process's own too."""
