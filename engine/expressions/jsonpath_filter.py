"""Conditions of a JSONPath, ``[?(@.price > 10 && @.kind in ['a','b'])]``, as Jayway's JsonPath decides them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.errors import did_you_mean
from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_steps import MISSING, Operand, Path, Predicate, Scope
from engine.expressions.scanner import Scanner
from engine.message.codecs.json import JsonNumber, JsonValue
from engine.message.pattern import compile_pattern

NAME = re.compile(r"[^\s.\[\](){}*,'\"?=<>!&|~]+")
"""A name after a dot inside a condition."""

_WORDS = ("in", "nin", "contains", "all", "size", "subsetof", "anyof", "noneof", "empty")
_OF_LISTS = frozenset({"in", "nin", "contains", "all", "subsetof", "anyof", "noneof"})
_OPERATOR = re.compile(r"===|!==|==|!=|<=|>=|=~|<|>|[A-Za-z]+\b")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?![\w.])")
_WORD = re.compile(r"(true|false|null)\b")
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)*)/([a-zA-Z]*)")
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.NOFLAG, "d": re.NOFLAG}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

PathParser = Callable[[Scanner], Path]
"""Reads the steps after ``@`` or ``$``."""

OuterOperand = Callable[[Scanner], Operand | None]
"""Reads a value of the surrounding language; None when none is there."""


def unescaped(text: str) -> str:
    """A text in quotes without its backslashes."""
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


class Conditions:
    """The parser of conditions."""

    def __init__(self, scanner: Scanner, steps: PathParser, outer: OuterOperand | None) -> None:
        self.scanner = scanner
        self.steps = steps
        self.outer = outer

    def parse(self) -> Predicate:
        """Alternatives joined by ``||``. Raises ExpressionError."""
        with self.scanner.nested():
            return self._joined("||", lambda: self._joined("&&", self._term, all), any)

    def _joined(self, symbol: str, read: Callable[[], Predicate], decide: Callable[[list[bool]], bool]) -> Predicate:
        terms = [read()]
        self.scanner.skip_space()
        while self.scanner.take(symbol):
            terms.append(read())
            self.scanner.skip_space()
        if len(terms) == 1:
            return terms[0]
        stop = decide([True, False])  # any: the first true decides, all: the first false
        return lambda value, scope: _first(terms, value, scope, stop)

    def _term(self) -> Predicate:
        scanner = self.scanner
        scanner.skip_space()
        if scanner.at("!") and not scanner.at("!="):
            scanner.take("!")
            with scanner.nested():
                holds = self._term()
            return lambda value, scope: not holds(value, scope)
        if scanner.take("("):
            holds = self.parse()
            scanner.expect(")")
            return holds
        return self._relation()

    def _relation(self) -> Predicate:
        scanner = self.scanner
        left = self._operand()
        scanner.skip_space()
        start = scanner.position
        match = scanner.match(_OPERATOR)
        if match is None:
            return lambda value, scope: _exists(left(value, scope))
        operator = match[0]
        if operator == "=~":
            return self._matching(left)
        if operator not in _RELATIONS:
            hint = "Write && or ||." if operator.lower() in ("and", "or") else did_you_mean(operator, _WORDS)
            raise ExpressionError(f"'{operator}' is no operator of a condition", start, hint)
        relation, right = _RELATIONS[operator], self._operand()
        if operator in _OF_LISTS:
            return _within_budget(relation, left, right)
        return lambda value, scope: relation(left(value, scope), right(value, scope))

    def _matching(self, left: Operand) -> Predicate:
        scanner = self.scanner
        scanner.skip_space()
        start = scanner.position
        match = scanner.match(_PATTERN)
        if match is None:
            raise scanner.unexpected("a regular expression in slashes")
        flags = re.NOFLAG
        for letter in match[2]:
            if letter.lower() not in _FLAGS:
                raise ExpressionError(f"'{letter}' is no flag of a regular expression", match.start(2))
            flags |= _FLAGS[letter.lower()]
        try:
            pattern = compile_pattern(match[1].replace("\\/", "/"), flags)
        except re.error as error:
            offset = start + 1 + (error.pos or 0)
            raise ExpressionError(f"not a regular expression: {error}", min(offset, match.end())) from None

        def holds(value: JsonValue, scope: Scope) -> bool:
            text = left(value, scope)
            return isinstance(text, str) and pattern.fullmatch(text) is not None

        return holds

    # ---------------------------------------------------------------- values

    def _operand(self) -> Operand:
        scanner = self.scanner
        scanner.skip_space()
        if scanner.take("@"):
            path = self.steps(scanner)
            return lambda value, scope: path.find(value, scope.at(value))
        if self.outer is not None and (operand := self.outer(scanner)) is not None:
            return operand
        if scanner.take("$"):
            path = self.steps(scanner)
            return lambda value, scope: path.find(scope.root, scope)
        constant = self._constant()
        return lambda value, scope: constant

    def _constant(self) -> JsonValue:
        scanner = self.scanner
        scanner.skip_space()
        text = scanner.string()
        if text is not None:
            return unescaped(text)
        if word := scanner.match(_WORD):
            return {"true": True, "false": False, "null": None}[word[1]]
        if number := scanner.match(_NUMBER):
            return int(number[0]) if number[0].lstrip("-").isdigit() and len(number[0]) < 19 else JsonNumber(number[0])
        if scanner.at("["):
            return self._items()
        if scanner.at("{"):
            return self._members()
        raise scanner.unexpected("a value or a path")

    def _items(self) -> list[JsonValue]:
        scanner = self.scanner
        scanner.take("[")
        items: list[JsonValue] = []
        scanner.skip_space()
        with scanner.nested():
            while not scanner.take("]"):
                if items:
                    scanner.expect(",", "',' or ']'")
                items.append(self._constant())
                scanner.skip_space()
        return items

    def _members(self) -> dict[str, JsonValue]:
        scanner = self.scanner
        scanner.take("{")
        members: dict[str, JsonValue] = {}
        scanner.skip_space()
        with scanner.nested():
            while not scanner.take("}"):
                if members:
                    scanner.expect(",", "',' or '}'")
                scanner.skip_space()
                name = scanner.string()
                if name is None:
                    raise scanner.unexpected("a name in quotes")
                scanner.expect(":")
                members[unescaped(name)] = self._constant()
                scanner.skip_space()
        return members


def _first(terms: list[Predicate], value: JsonValue, scope: Scope, stop: bool) -> bool:
    return next((stop for term in terms if term(value, scope) is stop), not stop)


def _within_budget(relation: Callable[[Any, Any], bool], left: Operand, right: Operand) -> Predicate:
    """A relation that compares each item of one side with each of the other."""

    def holds(value: JsonValue, scope: Scope) -> bool:
        one, other = left(value, scope), right(value, scope)
        scope.budget.spend(_items(one) * _items(other))
        return relation(one, other)

    return holds


def _items(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _exists(value: Any) -> bool:
    """A path that finds something, also a null or false; a constant true."""
    return value is not MISSING and value != []


# ---------------------------------------------------------------- relations


def _number(value: Any) -> Decimal | float | int | None:
    """The number of a number; None for anything else."""
    return value if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None


def _equal(left: Any, right: Any) -> bool:
    """Text equals a number that it spells; nothing equals a value that is not there."""
    if left is MISSING or right is MISSING:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) != isinstance(right, str):
        text, other = (left, right) if isinstance(left, str) else (right, left)
        return _number(other) is not None and _spelled(text) == other
    return bool(left == right)


def _spelled(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text.isascii() and "_" not in text and len(text) < 1000 else None
    except InvalidOperation:
        return None


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def relation(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return _number(left) is not None and _number(right) is not None and compare(left, right)

    return relation


def _is_in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(_equal(left, item) for item in right)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _is_in(right, left)


def _covers(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and all(_is_in(item, left) for item in right)


def _meets(left: Any, right: Any) -> bool:
    return isinstance(left, list) and any(_is_in(item, right) for item in left)


def _has_size(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list)) and _number(right) is not None and len(left) == right


def _is_empty(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list, dict)) and isinstance(right, bool) and (not left) is right


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, str) == isinstance(right, str) and _equal(left, right)


_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": _same,
    "!==": lambda left, right: not _same(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _is_in,
    "nin": lambda left, right: not _is_in(left, right),
    "contains": _contains,
    "all": _covers,
    "subsetof": lambda left, right: _covers(right, left),
    "anyof": _meets,
    "noneof": lambda left, right: not _meets(left, right),
    "size": _has_size,
    "empty": _is_empty,
}
