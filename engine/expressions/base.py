"""What every compiled expression can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from engine.message.context import MessageContext


class ExpressionError(ValueError):
    """An expression cannot be compiled. ``offset`` is the index of the first wrong character in its text."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


class Expression(ABC):
    """Compiled once at load, evaluated for each message.

    ``source`` is the text as the author wrote it; ``reads_body`` says whether evaluation looks into the payload, so
    that a flow which never does can pass a body through unread. ``remark`` is what its author should know, if anything.
    """

    __slots__ = ("reads_body", "remark", "source")

    def __init__(self, source: str, *, reads_body: bool) -> None:
        self.source = source
        self.reads_body = reads_body
        self.remark = ""

    @abstractmethod
    def evaluate(self, message: MessageContext) -> Any:
        """The value itself: str, bool, int, float, a JSON value, a list of XML nodes, or None for "no such property".

        Raises Fault when the payload cannot be read.
        """

    @abstractmethod
    def text(self, message: MessageContext) -> str | None:
        """The value as Synapse's ``stringValueOf`` prints it (traps 1-3); None for a null."""

    @abstractmethod
    def truth(self, message: MessageContext) -> bool:
        """The value as a condition (trap 16)."""

    def argument(self, message: MessageContext) -> Any:
        """The value handed to a template or an operation: one XML element stays an element, all else is text."""
        return self.text(message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"
