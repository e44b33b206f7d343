"""Text of others in log lines: nothing in it begins a line of its own, or gives the terminal an order."""

from __future__ import annotations

import re
from typing import Final

# C0 but tab, DEL, C1, Unicode's line separators, and what turns the direction of writing.
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

OWN_BREAKS: Final = {"own_breaks": True}
"""``extra=`` of a record whose line breaks are its author's: what is of others in it went through ``one_line``."""


def one_line(text: str) -> str:
    """The text with control characters written as Python writes them: ``\\n``, ``\\x1b``, ``\\u2028``."""
    return _UNSAFE.sub(_escaped, text)


def indented(text: str) -> str:
    """Each line of the text as one line, all but the first further in than a line of the log begins."""
    return "\n    ".join(map(one_line, text.split("\n")))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
