"""Work by priority: a bounded number at a time, the rest waits in queues (Synapse's PriorityExecutor)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from engine.errors import Fault


class Priorities:
    """Queues by priority, served in turn: one of priority 10 gives ten pieces of work for each of priority 1.

    Like a Java thread pool: up to ``core`` run at once, more wait; when there is no room to wait, up to ``most`` run.
    """

    def __init__(self, name: str, sizes: Mapping[int, int | None], core: int, most: int) -> None:
        self.name = name
        self.core, self.most = core, max(core, most)
        self._sizes = dict(sizes)
        self._queues: dict[int, deque[asyncio.Future[None]]] = {priority: deque() for priority in sizes}
        self._order = list(sizes)
        self._current = self._taken = 0
        self.running = 0

    def admit(self, priority: int) -> asyncio.Future[None]:
        """A turn to wait for; ``leave`` ends it. Raises Fault for a priority without a queue, and when all is full."""
        queue = self._queues.get(priority)
        if queue is None:
            known = ", ".join(map(str, self._order))
            raise Fault(f"priority executor '{self.name}' has no queue of priority {priority}, only {known}")
        turn = asyncio.get_running_loop().create_future()
        size = self._sizes[priority]
        has_room = size is None or len(queue) < size
        if self.running < self.core or (not has_room and self.running < self.most):
            self.running += 1
            turn.set_result(None)
        elif has_room:
            queue.append(turn)
        else:
            raise Fault(f"priority executor '{self.name}' is full at priority {priority}")
        return turn

    def leave(self) -> None:
        """One piece of work has ended: the next one's turn comes."""
        self.running -= 1
        while self.running < self.core and (turn := self._next()) is not None:
            if not turn.done():  # nobody gave up waiting
                self.running += 1
                turn.set_result(None)

    @property
    def waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    def _next(self) -> asyncio.Future[None] | None:
        """Priority-based round robin, as PRRNextQueueAlgorithm has it."""
        queue = self._queues[self._order[self._current]]
        if not queue or self._taken >= self._order[self._current]:
            self._taken = 0
            for _ in self._order:
                self._current = (self._current + 1) % len(self._order)
                queue = self._queues[self._order[self._current]]
                if queue:
                    break
            else:
                self._current = 0
                return None
        self._taken += 1
        return queue.popleft()
