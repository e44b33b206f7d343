"""Reading a text from left to right: what the hand-written parsers of this room share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from engine.expressions.base import ExpressionError

MAX_DEPTH = 64
"""Levels of brackets, parentheses and calls."""

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)


class Scanner:
    """A text and a position in it. Errors carry the position, which is the offset in the author's text."""

    __slots__ = ("depth", "position", "text")

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        self.depth = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def at(self, *literals: str) -> bool:
        return self.text.startswith(literals, self.position)

    def take(self, literal: str) -> bool:
        """Step over ``literal`` if it is next."""
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        return True

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what ``pattern`` matches here."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def expect(self, literal: str, wanted: str = "") -> None:
        self.skip_space()
        if not self.take(literal):
            raise self.unexpected(wanted or f"'{literal}'")

    def string(self) -> str | None:
        """The inside of a text in quotes, as it is written; None when no quote is next."""
        if not self.at("'", '"'):
            return None
        start = self.position
        match = self.match(_STRING)
        if match is None:
            raise ExpressionError(f"the text that starts with {self.text[start]} has no end", start)
        return match[1] if match[1] is not None else match[2]

    def unexpected(self, wanted: str, hint: str = "") -> ExpressionError:
        """The error for something else standing where ``wanted`` must be."""
        if self.at_end:
            return ExpressionError(f"the expression ends where {wanted} must follow", len(self.text), hint)
        found = self.text[self.position]
        return ExpressionError(f"'{found}' stands where {wanted} must follow", self.position, hint)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper. Raises ExpressionError below MAX_DEPTH levels."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels", self.position)
        yield
        self.depth -= 1
