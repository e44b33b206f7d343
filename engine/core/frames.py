"""Where a message is: what it has entered and not left yet, so that a branch can go on from the same place.

``MessageContext.frames`` holds, outermost first, the rest of each list of steps (an iterator), an ``OnError`` for each
sequence that takes faults, and ``LEAVE_TEMPLATE`` for each template.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OnError:
    """The sequence of this name takes the faults of what comes after it."""

    sequence: str


LEAVE_TEMPLATE: Any = object()
"""Here a template ends: its parameters go."""


def snapshot(frames: list[Any]) -> list[Any]:
    """The same place, to be left independently: iterators are copied, with their position."""
    return [frame if isinstance(frame, OnError) or frame is LEAVE_TEMPLATE else copy.copy(frame) for frame in frames]


def handlers(frames: list[Any]) -> list[Any]:
    """What is left of the place when a fault ends the flow: the outer handlers."""
    return [frame for frame in frames if isinstance(frame, OnError)]
