"""The string functions that Jaxen adds to XPath 1.0."""

from __future__ import annotations

from engine.expressions.functions.registry import function
from engine.message.context import MessageContext


@function("lower-case", example=("lower-case('GoTo')", "goto"))
def lower_case(message: MessageContext, text: str) -> str:
    """The text in lower case."""
    return text.lower()


@function("upper-case", example=("upper-case('GoTo')", "GOTO"))
def upper_case(message: MessageContext, text: str) -> str:
    """The text in upper case."""
    return text.upper()


@function("ends-with", example=("ends-with('webinars', 's')", "true"))
def ends_with(message: MessageContext, text: str, suffix: str) -> bool:
    """Whether the text ends with ``suffix``."""
    return text.endswith(suffix)
