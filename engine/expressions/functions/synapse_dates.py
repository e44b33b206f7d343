"""The functions of ``${…}`` on time."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from engine.expressions.functions.java_time import read, written
from engine.expressions.functions.registry import synapse_function
from engine.expressions.functions.synapse_text import text
from engine.expressions.synapse_values import EvaluationError, is_number, number
from engine.message.context import MessageContext


@synapse_function("now", example=("${now() > 1700000000000}", "true"))
def now(message: MessageContext) -> int:
    """The time in milliseconds since 1970."""
    return int(time.time() * 1000)


@synapse_function(
    "formatDateTime",
    example=("${formatDateTime('2026-05-07', 'yyyy-MM-dd', 'dd.MM.yy')}", "07.05.26"),
    more=(("${formatDateTime('18:05', 'HH:mm', 'h:mm a')}", "6:05 PM"),),
)
def format_date_time(message: MessageContext, value: Any, pattern: Any, target: Any = None) -> str:
    """Milliseconds since 1970 in a pattern, or a text from one pattern in another.

    Patterns are those of Java's DateTimeFormatter; milliseconds are shown in the time zone of the engine.
    """
    try:
        if target is not None:
            read_from = read(text(value, "formatDateTime"), text(pattern, "formatDateTime"))
            return written(read_from, text(target, "formatDateTime"))
        if not is_number(value):
            raise EvaluationError("formatDateTime() with one pattern takes milliseconds")
        return written(datetime.fromtimestamp(float(number(value)) / 1000), text(pattern, "formatDateTime"))
    except (ValueError, OverflowError, OSError) as error:
        raise EvaluationError(f"formatDateTime(): {error}") from None
