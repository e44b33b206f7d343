"""What is to be done when the conversation of a message is over, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("myelin.flow")

Action = Callable[[], Awaitable[None]]


class Ending:
    """Actions for the end of a conversation: each runs once, the last one first. A message and its clones share it."""

    __slots__ = ("_actions", "passed")

    def __init__(self) -> None:
        self._actions: list[Action] = []
        self.passed = False
        """Whether the conversation is over: what is begun now must end by itself."""

    def add(self, action: Action) -> None:
        """Note an action. The conversation must not be over."""
        assert not self.passed, "the conversation is over"
        self._actions.append(action)

    async def come(self) -> None:
        """The conversation is over: do what was noted. A failure of one action is logged and stops no other."""
        self.passed = True
        while self._actions:
            action = self._actions.pop()
            try:
                await action()
            except Exception:
                log.exception("an action at the end of a conversation failed")
