"""The functions of ``${…}`` on numbers; results are what Java's Math gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from engine.expressions.functions.registry import synapse_function
from engine.expressions.functions.synapse_text import integer
from engine.expressions.synapse_values import EvaluationError, is_integer, number, shown, whole
from engine.expressions.values import java_double
from engine.message.context import MessageContext


@synapse_function("abs", example=("${abs(-5)}", "5"), more=(("${abs(-2.5)}", "2.5"),))
def absolute(message: MessageContext, value: Any) -> int | float:
    """The number without its sign."""
    return abs(number(value))


@synapse_function("ceil", example=("${ceil(2.1)}", "3.0"))
def ceil(message: MessageContext, value: Any) -> int | float:
    """The smallest whole number that is not below; a double stays a double."""
    return _kept(number(value), math.ceil)


@synapse_function("floor", example=("${floor(2.9)}", "2.0"))
def floor(message: MessageContext, value: Any) -> int | float:
    """The largest whole number that is not above; a double stays a double."""
    return _kept(number(value), math.floor)


@synapse_function("round", example=("${round(2.5)}", "3"), more=(("${round(0.115, 2)}", "0.12"),))
def round_half_up(message: MessageContext, value: Any, places: Any = None) -> int | float:
    """The nearest whole number, or the number with so many decimals, at least one; halves go up."""
    if is_integer(value):
        return int(value)
    given = number(value)
    if not math.isfinite(given):
        raise EvaluationError(f"round() takes no {shown(given)}")
    if places is None:
        return whole(math.floor(Decimal(given) + Decimal("0.5")))
    count = integer(places, "round")
    if count < 1:
        raise EvaluationError("round() takes a number of decimals above 0")
    decimals = Decimal(java_double(given))
    if -int(decimals.as_tuple().exponent) <= count:
        return given
    return float(decimals.quantize(Decimal((0, (1,), -count)), ROUND_HALF_UP, Context(prec=700)))


@synapse_function("sqrt", example=("${sqrt(25)}", "5.0"))
def sqrt(message: MessageContext, value: Any) -> float:
    """The square root; NaN for a negative number."""
    given = float(number(value))
    return math.sqrt(given) if given >= 0 else math.nan


@synapse_function("log", example=("${log(1000)}", "3.0"), more=(("${log(8, 2)}", "3.0"),))
def log(message: MessageContext, value: Any, base: Any = None) -> float:
    """The logarithm to ``base``, which is 10 when absent."""
    if base is None:
        return _logarithm(float(number(value)), math.log10)
    one, other = _logarithm(float(number(value)), math.log), _logarithm(float(number(base)), math.log)
    return _quotient(one, other)


@synapse_function("pow", example=("${pow(2, 10)}", "1024.0"))
def power(message: MessageContext, value: Any, exponent: Any) -> float:
    """The number to the power of ``exponent``."""
    base, exponent = float(number(value)), float(number(exponent))
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        if base != 0:
            return math.nan
        return -math.inf if math.copysign(1, base) < 0 and exponent % 2 == 1 else math.inf


def _kept(value: int | float, change: Callable[[float], int]) -> int | float:
    return value if isinstance(value, int) or not math.isfinite(value) else float(change(value))


def _logarithm(value: float, function: Callable[[float], float]) -> float:
    if value == 0:
        return -math.inf
    return function(value) if value > 0 else math.nan


def _quotient(one: float, other: float) -> float:
    if other != 0:
        return one / other
    return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one)
