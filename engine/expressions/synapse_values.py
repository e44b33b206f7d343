"""The values of ``${…}``: what they are, how they print, how they calculate.

They are JSON values and XML elements. Integers have 64 bits, all other numbers calculate as doubles; a number that was
not calculated keeps the digits it came with.
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from engine.expressions.values import element_xml, is_node_set, java_double, nodes_text
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonNumber

_EXACT = decimal.Context(prec=100)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


class EvaluationError(Exception):
    """An expression has no value for this message. ``offset`` is where in its text, None until a node says it."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def at(self, offset: int) -> EvaluationError:
        """This error, with a place unless it has one."""
        if self.offset is None:
            self.offset = offset
        return self


def text_of(value: Any) -> str:
    """A value as text: null is empty, objects and arrays are compact JSON, doubles print as Java prints them."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is float:
        return java_double(value)
    if isinstance(value, etree._Element):
        return element_xml(value)
    return nodes_text(value) if is_node_set(value) else json.text_of(value)


def shown(value: Any) -> str:
    """A value in the text of an error, shortened."""
    text = "null" if value is None else text_of(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def from_text(text: str) -> Any:
    """A header or property: a number if it is written as one, so that it compares and adds.

    ``007`` stays text, since it is an identifier, not a number.
    """
    if _INTEGER.fullmatch(text):
        return whole(int(text)) if text != "-0" else text
    if len(text) <= 64 and _FRACTION.fullmatch(text):
        return JsonNumber(text)
    return text


def whole(value: int) -> int | float:
    """An integer of 64 bits; a longer one is a double."""
    return value if -(2**63) <= value < 2**63 else _double(value)


# ---------------------------------------------------------------- kinds


def is_integer(value: Any) -> bool:
    return type(value) is int


def is_number(value: Any) -> bool:
    return type(value) is int or isinstance(value, (float, Decimal))


def number(value: Any) -> int | float:
    """A number to calculate with. Raises EvaluationError for anything else."""
    if type(value) is int:
        return value
    if not isinstance(value, (float, Decimal)):
        raise EvaluationError(f"{shown(value)} is not a number")
    return float(value)


def as_object(value: Any) -> dict[str, Any] | None:
    """A JSON object, or the one that a text spells; None for anything else."""
    decoded = _decoded(value)
    return decoded if isinstance(decoded, dict) else None


def as_array(value: Any) -> list[Any] | None:
    """A JSON array, or the one that a text spells; None for anything else."""
    decoded = _decoded(value)
    return decoded if isinstance(decoded, list) and not is_node_set(decoded) else None


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # Literals keep their backslashes, as in the reference, which drops them here.
    try:
        return json.decode(value.replace("\\", "").encode("utf-8", "replace"))
    except DecodeError:
        return None


# ---------------------------------------------------------------- operators


def add(left: Any, right: Any) -> Any:
    """The sum of two numbers, or two texts joined. Raises EvaluationError for anything else, a mixture too."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    a, b = _operands("+", left, right)
    if isinstance(a, int) and isinstance(b, int):
        return whole(a + b)
    return _calculated(lambda: float(_EXACT.add(_decimal(a), _decimal(b))))


def subtract(left: Any, right: Any) -> Any:
    a, b = _operands("-", left, right)
    if isinstance(a, int) and isinstance(b, int):
        return whole(a - b)
    return _calculated(lambda: float(_EXACT.subtract(_decimal(a), _decimal(b))))


def multiply(left: Any, right: Any) -> Any:
    a, b = _operands("*", left, right)
    if isinstance(a, int) and isinstance(b, int):
        return whole(a * b)
    return _calculated(lambda: float(_EXACT.multiply(_decimal(a), _decimal(b))))


def divide(left: Any, right: Any) -> Any:
    """Integers of 32 bits divide to an integer where they can; all others divide to a double.

    The quotient of doubles is rounded to as many decimals as the dividend has: ``34.45 / 3.44`` is 10.01, as in the
    reference. Raises EvaluationError for 0.
    """
    a, b = _operands("/", left, right)
    if b == 0:
        raise EvaluationError("division by zero")
    if isinstance(a, int) and isinstance(b, int):
        return a // b if a % b == 0 and _is_short(a) and _is_short(b) else a / b
    return _calculated(lambda: _rounded(_decimal(a), _decimal(b)))


def modulo(left: Any, right: Any) -> Any:
    """The remainder, with the sign of the dividend."""
    a, b = _operands("%", left, right)
    if b == 0:
        raise EvaluationError("modulo by zero")
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (-1 if a < 0 else 1)
    # Longer than the context is wide, the integer part of the quotient would not fit.
    return _calculated(lambda: float(decimal.Context(prec=700).remainder(_decimal(a), _decimal(b))))


def equal(left: Any, right: Any) -> bool:
    """Whether both print the same (Synapse trap 14); null equals null only."""
    if left is None or right is None:
        return left is right
    return text_of(left) == text_of(right)


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison of two numbers. Raises EvaluationError for anything else."""
    return lambda left, right: compare(number(left), number(right))


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": ordered(lambda left, right: left < right),
    "<=": ordered(lambda left, right: left <= right),
    ">": ordered(lambda left, right: left > right),
    ">=": ordered(lambda left, right: left >= right),
}
"""The operators with two operands, but for ``and`` and ``or``."""


def _operands(operator: str, left: Any, right: Any) -> tuple[int | float, int | float]:
    if not is_number(left) or not is_number(right):
        raise EvaluationError(f"{shown(left)} {operator} {shown(right)}: not two numbers")
    return number(left), number(right)


def _decimal(value: int | float) -> Decimal:
    if not math.isfinite(value):
        raise EvaluationError(f"{shown(value)} cannot be calculated with")
    return Decimal(java_double(float(value)))


def _rounded(a: Decimal, b: Decimal) -> float:
    scale = Decimal((0, (1,), int(a.as_tuple().exponent)))
    return float(_EXACT.divide(a, b).quantize(scale, ROUND_HALF_UP, decimal.Context(prec=700)))


def _calculated(calculate: Callable[[], float]) -> float:
    try:
        return calculate()
    except decimal.DecimalException:
        raise EvaluationError("the result is no number") from None


def _is_short(value: int) -> bool:
    return -(2**31) <= value < 2**31


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
