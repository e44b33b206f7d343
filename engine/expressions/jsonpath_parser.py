"""JSONPath text -> steps, in the dialect of Jayway's JsonPath.

The same parser reads the paths of ``json-eval()`` and those inside ``${…}``; there, brackets and conditions may hold
expressions, which the ``Outer`` reads.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from engine.errors import Fault, did_you_mean
from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_filter import NAME as CONDITION_NAME
from engine.expressions.jsonpath_filter import Conditions, unescaped
from engine.expressions.jsonpath_steps import (
    FUNCTIONS,
    Bracket,
    Descend,
    Filter,
    Function,
    Indexes,
    Names,
    Operand,
    Path,
    Slice,
    Step,
    Wildcard,
)
from engine.expressions.scanner import Scanner

NAME = re.compile(r"[^\s.\[\](){}*,'\"?]+")
"""A name after a dot. Any other name stands in brackets and quotes."""

_INTEGER = re.compile(r"-?[0-9]{1,9}(?![0-9])")
_CALL = re.compile(r"([A-Za-z]+)\(\s*\)")

Key = str | int
"""What stands in brackets: a name or an index."""


class Outer(Protocol):
    """The language around a path."""

    names: re.Pattern[str]
    """What a name after a dot is."""

    def key(self, scanner: Scanner) -> Key | Operand:
        """Reads an expression in brackets. Raises ExpressionError."""

    def value(self, scanner: Scanner) -> Operand | None:
        """Reads a value in a condition; None when it is none of the language's own."""


def parse_path(scanner: Scanner, outer: Outer | None = None, names: re.Pattern[str] = NAME) -> Path:
    """The steps that begin here, to the first character that cannot be one. Raises ExpressionError."""
    return _Parser(scanner, outer, outer.names if outer is not None else names).parse()


class _Parser:
    def __init__(self, scanner: Scanner, outer: Outer | None, names: re.Pattern[str]) -> None:
        self.scanner = scanner
        self.outer = outer
        self.names = names

    def parse(self) -> Path:
        scanner, steps = self.scanner, []
        function: Function | None = None
        while function is None and self._at_step():
            if scanner.take(".."):
                steps.append(self._descend())
            elif scanner.at("["):
                steps.append(self._bracket())
            else:
                scanner.take(".")  # Jayway takes a name right after a bracket too
                function = self._call()
                if function is None:
                    steps.append(self._after_dot())
        return Path(steps, function)

    def _at_step(self) -> bool:
        if self.outer is None:
            return self.scanner.at(".", "[") or self._at_name_after_bracket()
        start = self.scanner.position
        self.scanner.skip_space()
        if self.scanner.at(".", "["):
            return True
        self.scanner.position = start
        return False

    def _at_name_after_bracket(self) -> bool:
        scanner = self.scanner
        after_bracket = scanner.text[scanner.position - 1 : scanner.position] == "]"
        return after_bracket and self.names is NAME and NAME.match(scanner.text, scanner.position) is not None

    def _descend(self) -> Step:
        return Descend(self._bracket() if self.scanner.at("[") else self._after_dot())

    def _after_dot(self) -> Step:
        scanner = self.scanner
        if self.outer is not None:
            scanner.skip_space()
        if scanner.take("*"):
            return Wildcard()
        if scanner.at("["):
            return self._bracket()
        match = scanner.match(self.names)
        if match is None:
            raise scanner.unexpected("a name", "Write ['a name'] for a name with other characters.")
        return Names([match[0]])

    def _call(self) -> Function | None:
        start = self.scanner.position
        match = self.scanner.match(_CALL)
        if match is None:
            return None
        if match[1] not in FUNCTIONS:
            raise ExpressionError(
                f"{match[1]}() is no function of a JSON path", start, did_you_mean(match[1], FUNCTIONS)
            )
        return FUNCTIONS[match[1]]

    # ---------------------------------------------------------------- brackets

    def _bracket(self) -> Step:
        scanner = self.scanner
        scanner.expect("[")
        with scanner.nested():
            scanner.skip_space()
            if scanner.take("*"):
                step: Step = Wildcard()
            elif scanner.take("?"):
                step = self._filter()
            elif scanner.at("("):
                step = self._no_script()
            else:
                step = self._keys()
            scanner.expect("]")
        return step

    def _filter(self) -> Step:
        outer = self.outer
        conditions = Conditions(
            self.scanner,
            lambda scanner: _Parser(scanner, outer, outer.names if outer is not None else CONDITION_NAME).parse(),
            outer.value if outer is not None else None,
        )
        return Filter(conditions.parse())

    def _no_script(self) -> Step:
        """An expression of ``${…}`` in parentheses. A script, ``[(@.length-1)]``, is what no library runs either."""
        scanner = self.scanner
        if self.outer is None or "@" in scanner.text[scanner.position : scanner.text.find("]", scanner.position)]:
            hint = "Write [-1] for the last item."
            raise ExpressionError("scripts in a JSON path are not supported", scanner.position, hint)
        return self._keys()

    def _keys(self) -> Step:
        """Names, indexes or a slice."""
        scanner = self.scanner
        keys: list[Key | Operand | None] = []
        separator = ""
        while True:
            scanner.skip_space()
            keys.append(None if scanner.at(":", "]") and (separator == ":" or scanner.at(":")) else self._key())
            scanner.skip_space()
            if not separator and scanner.at(":", ","):
                separator = scanner.text[scanner.position]
            start = scanner.position
            if not separator or not scanner.take(separator):
                break
            if separator == ":" and len(keys) == 3:
                raise ExpressionError("a slice has three numbers at most", start)
        return self._step(keys, is_slice=separator == ":")

    def _key(self) -> Key | Operand:
        scanner = self.scanner
        if self.outer is not None:
            return self.outer.key(scanner)
        name = scanner.string()
        if name is not None:
            return unescaped(name)
        number = scanner.match(_INTEGER)
        if number is None:
            raise scanner.unexpected("a name in quotes, a number, '*' or '?('")
        return int(number[0])

    def _step(self, keys: list[Key | Operand | None], *, is_slice: bool) -> Step:
        make = _slice if is_slice else _names_or_indexes
        if not any(callable(key) for key in keys):
            try:
                return make(keys)
            except Fault as fault:
                raise ExpressionError(fault.message, self.scanner.position) from None
        operands = [key if callable(key) or key is None else _constant(key) for key in keys]
        return Bracket(operands, make, one=not is_slice and len(keys) == 1)


def _constant(value: Key) -> Operand:
    return lambda current, scope: value


def _slice(keys: list[Any]) -> Step:
    numbers = [None if key is None else _index(key) for key in keys]
    return Slice(numbers[0], numbers[1])


def _names_or_indexes(keys: list[Any]) -> Step:
    """Raises Fault for a mixture, and for what is neither."""
    if all(isinstance(key, str) for key in keys):
        return Names(keys)
    return Indexes([_index(key) for key in keys])


def _index(key: Any) -> int:
    if isinstance(key, bool) or not isinstance(key, int):
        raise Fault(f"'{key}' is no index of an array")
    return key
