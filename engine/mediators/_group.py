"""Messages that wait for each other in an aggregate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.message.parameters import Parameters


@dataclass(slots=True)
class Group:
    """The messages that came so far. Limits that are not positive do not count."""

    key: str
    total: int | None
    """How many there are, when whoever split the message said so."""
    minimum: int
    maximum: int
    messages: list[MessageContext] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    """Where the latest message was, and the parameters of the templates around it."""
    functions: list[Parameters] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, message: MessageContext) -> bool:
        """Whether the message was taken: there may be ``maximum`` already."""
        if 0 < self.maximum <= len(self.messages):
            return False
        self.messages.append(message)
        self.frames, self.functions = list(message.frames), list(message.functions)
        return True

    @property
    def is_complete(self) -> bool:
        """All are here, or the minimum, or the maximum, in this order (Synapse trap 27)."""
        count = len(self.messages)
        limits = (self.total or 0, self.minimum, self.maximum)
        return any(0 < limit <= count for limit in limits)


def number_of(value: Value | None, message: MessageContext) -> int:
    """A number of messages, -1 for none. Raises Fault for a text that is no number."""
    if value is None:
        return -1
    text = value.text(message) or ""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        raise Fault(f"'{text[:80]}' is no number of messages") from None
