"""Numbers on their way through JavaScript, whose only numbers are doubles.

A number that a double cannot hold, or prints otherwise (``9007199254740993``, ``25.00``), is remembered. Where its
double comes back in the same place, or only one number had that double, its digits are put back. Different numbers
that share a double, or lie beyond all doubles, are marked and travel as objects, so that none is taken for another. A
script that computes with a number gets what JavaScript computes.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from engine.message.codecs.json import JsonNumber, JsonValue

MARK = "\0n"
"""The one key of an object that stands for a number; its value are the digits."""

_DELICATE = re.compile(rb"\d{16}|\d[.eE]")
# Hits inside strings cost only time.


def may_be_spoilt(text: bytes) -> bool:
    """Whether a JSON text may have a number that a double cannot hold, or prints otherwise."""
    return _DELICATE.search(text) is not None


class Numbers:
    """The remembered numbers of one run."""

    def __init__(self) -> None:
        self._digits: dict[float, set[str]] = {}
        self._ambiguous: set[float] = set()

    def remember(self, value: JsonValue) -> None:
        """Look at every number of a value."""
        if isinstance(value, dict):
            for item in value.values():
                self.remember(item)
        elif isinstance(value, list):
            for item in value:
                self.remember(item)
        elif _is_number(value):
            self._remember_number(_double(value), str(value))

    @property
    def twins(self) -> bool:
        """Whether some numbers must be marked."""
        return bool(self._ambiguous)

    def marked(self, value: JsonValue) -> JsonValue:
        """The value with marks for the numbers that a double cannot tell apart."""
        if isinstance(value, dict):
            return {key: self.marked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.marked(item) for item in value]
        return {MARK: str(value)} if _is_number(value) and _double(value) in self._ambiguous else value

    def restored(self, value: JsonValue, original: JsonValue = None) -> JsonValue:
        """A value that came back, with the digits that its numbers had; ``original`` is what had its place before."""
        if isinstance(value, dict):
            before = original if isinstance(original, dict) else {}
            return {key: self.restored(item, before.get(key)) for key, item in value.items()}
        if isinstance(value, list):
            olds = original if isinstance(original, list) else []
            return [self.restored(item, olds[at] if at < len(olds) else None) for at, item in enumerate(value)]
        return self._restored_number(value, original) if _is_number(value) else value

    def _restored_number(self, value: int | Decimal, original: JsonValue) -> JsonValue:
        double = _double(value)
        if double in self._ambiguous:
            return value
        if _is_number(original) and _double(original) == double:
            return original
        digits = self._digits.get(double, set())
        return _number(next(iter(digits))) if len(digits) == 1 else value

    def _remember_number(self, double: float, digits: str) -> None:
        # Found out here, once: a client may send any number of digits for one double.
        known = self._digits.setdefault(double, set())
        is_twin = bool(known) and digits not in known and Decimal(digits) != Decimal(next(iter(known)))
        if is_twin or not math.isfinite(double):
            self._ambiguous.add(double)
        known.add(digits)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _double(value: int | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _number(digits: str) -> int | JsonNumber:
    return int(digits) if digits.lstrip("-").isdigit() and len(digits) < 19 else JsonNumber(digits)
