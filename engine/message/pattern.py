"""Regular expressions of flow authors, in Java's way and with a time limit: clients send the text they run on.

Python's ``re`` has no limit, and an expression that backtracks without end would hold the whole worker. What may
backtrack is run by the library ``regex``, which has one, and knows more of Java's syntax: ``[a-z&&[^b]]``,
``(?<name>…)``, ``\\p{Alpha}``, ``a(?i)b``. Plain expressions as ``2..`` or ``/orders/.*`` end in linear time and stay
with ``re``, which takes a sixth of the time per use (0.4 against 2.4 microseconds).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

from engine.errors import Fault

SECONDS = 0.5
"""CPU time of one use."""

MAX_SOURCE = 10_000
"""Characters of an expression."""

Match = re.Match[str]
"""Those of the library ``regex`` have the same methods."""

_ATOM = (
    r"""(?:(?:[^\W_]|[ _/:;,@#%&=~!<>'"^$.|-]"""
    r"""|\\[dDwWsS.\-/+*?$^()\[\]{}|\\]"""
    r"""|\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+\])(?:\{[0-9]{1,2}\})?)"""
)
_PLAIN = re.compile(rf"{_ATOM}*(?:{_ATOM}[*+?]{_ATOM}*)?")
"""What takes linear time for a whole text: no groups, and one repeat at most."""
_FIXED = re.compile(rf"{_ATOM}*")
"""What takes linear time wherever it is looked for: nothing in it repeats."""
_PROPERTY = re.compile(
    r"\\[pP]\{(?!(?:Lower|Upper|ASCII|Alpha|Digit|Alnum|Punct|Graph|Print|Blank|Cntrl|XDigit|Space)\})|\\[pP][A-Z]"
)


class Pattern:
    """A compiled expression. Its methods raise Fault when they take more than ``SECONDS``."""

    __slots__ = ("_compiled", "_part", "_whole", "groups", "source")

    def __init__(self, source: str, flags: int) -> None:
        self.source = source
        self._whole = re.compile(source, flags) if _PLAIN.fullmatch(source) else None
        """For a match of the whole text, when that takes linear time."""
        self._part = self._whole if _FIXED.fullmatch(source) else None
        """For all other uses, when they take linear time."""
        self._compiled: Any = None if self._part is not None else _compiled(source, flags)
        self.groups: int = 0 if self._compiled is None else self._compiled.groups

    def fullmatch(self, text: str) -> Match | None:
        """The match of all of the text: Java's ``matches()``."""
        if self._whole is not None:
            return self._whole.fullmatch(text)
        with self._limited(text):
            return cast("Match | None", self._compiled.fullmatch(text, timeout=SECONDS))

    def match(self, text: str) -> Match | None:
        """The match at the begin of the text: Java's ``lookingAt()``."""
        if self._part is not None:
            return self._part.match(text)
        with self._limited(text):
            return cast("Match | None", self._compiled.match(text, timeout=SECONDS))

    def search(self, text: str) -> Match | None:
        """The first match anywhere: Java's ``find()``."""
        if self._part is not None:
            return self._part.search(text)
        with self._limited(text):
            return cast("Match | None", self._compiled.search(text, timeout=SECONDS))

    def matches(self, text: str) -> list[Match]:
        """All matches that do not overlap, in order."""
        if self._part is not None:
            return list(self._part.finditer(text))
        with self._limited(text):
            return list(self._compiled.finditer(text, timeout=SECONDS))

    def split(self, text: str) -> list[str]:
        """What stands between the matches."""
        parts, position = [], 0
        for match in self.matches(text):
            parts.append(text[position : match.start()])
            position = match.end()
        return [*parts, text[position:]]

    def replace(self, replacement: Callable[[Match], str], text: str, count: int = 0) -> str:
        """The text with ``replacement(match)`` for the first ``count`` matches, or for all (0)."""
        if self._part is not None:
            return self._part.sub(replacement, text, count=count)
        with self._limited(text):
            return cast(str, self._compiled.sub(replacement, text, count=count, timeout=SECONDS))

    @contextmanager
    def _limited(self, text: str) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise Fault(
                f"the regular expression '{self.source[:200]}' took more than {SECONDS} seconds for a text of "
                f"{len(text):,} characters; repeats inside repeats do that, as in (a+)+"
            ) from None
        except MemoryError:
            raise Fault(f"the regular expression '{self.source[:200]}' ran out of memory") from None


@lru_cache(maxsize=512)
def compile_pattern(source: str, flags: int = re.ASCII) -> Pattern:
    """The compiled expression. Raises ``re.error`` for what is none.

    By default Java's way: ``.`` stops at a line break, ``\\d`` and ``\\w`` are ASCII. An expression with a Unicode
    property, as ``\\p{L}``, is Unicode throughout.
    """
    if len(source) > MAX_SOURCE:
        raise re.error(f"more than {MAX_SOURCE:,} characters", source[:50], 0)
    try:
        return Pattern(source, flags)
    except (OverflowError, RecursionError) as error:
        raise re.error(str(error), source, 0) from None


def _compiled(source: str, flags: int) -> Any:
    # Imported when the first expression needs it. Its type stubs lack the fields of the error.
    regex: Any = importlib.import_module("regex")
    known = {re.IGNORECASE: regex.I, re.MULTILINE: regex.M, re.DOTALL: regex.S, re.VERBOSE: regex.X}
    chosen = sum(other for flag, other in known.items() if flags & flag)
    is_ascii = flags & re.ASCII and not _PROPERTY.search(source)
    try:
        return regex.compile(source, chosen | regex.VERSION1 | (regex.ASCII if is_ascii else 0))
    except regex.error as error:
        raise _clearer(re.error(error.msg, source, error.pos), flags) from None


def _clearer(error: re.error, flags: int) -> re.error:
    """The error as ``re`` words it, which says more, and knows the place better, unless it lacks the syntax."""
    try:
        re.compile(str(error.pattern), flags)
    except re.error as same:
        return error if same.msg.startswith(("bad escape", "unknown extension")) else same
    return error
