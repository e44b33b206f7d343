"""Work without a client: artifacts that run by themselves, and the messages they begin with."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from engine.core.artifact import Artifact
from engine.core.env import Environment
from engine.core.wire import is_true
from engine.errors import Fault, Overloaded
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.background")

_ROLLBACK = "SET_ROLLBACK_ONLY"


class Active(Artifact):
    """An artifact that works by itself as long as it is deployed."""

    active: ClassVar[bool] = True

    async def run(self, current: Callable[[], Environment]) -> None:
        """Work until cancelled. ``current`` gives the deployment of the moment, which the work is done in."""
        raise NotImplementedError


class Detached:
    """The client's side of a message that no client sent: answers go nowhere."""

    def __init__(self, path: str = "") -> None:
        self.method, self.path, self.query, self.client, self.scheme = "POST", path, "", "", "http"
        self.answered = False

    async def answer(self, message: MessageContext) -> None:
        message.payload.close()
        self.answered = True

    async def accept(self) -> None:
        self.answered = True


class Acknowledged(Detached):
    """The client's side of a message whose source learns how its conversation ended: a file, a message of a broker.

    What the flow sends with OUT_ONLY is part of the conversation then.
    """


def has_failed(message: MessageContext) -> bool:
    """Whether a conversation that is over failed: a fault nobody took, or the property SET_ROLLBACK_ONLY."""
    return is_rolled_back(message) or (message.branches is not None and message.branches.fault is not None)


def is_rolled_back(message: MessageContext) -> bool:
    """Whether the flow itself says that it failed."""
    return is_true(message.properties.get(_ROLLBACK)) or is_true(message.axis2.get(_ROLLBACK))


async def to_its_end(env: Environment, work: Coroutine[Any, Any, None], name: str, *, counts: bool = False) -> None:
    """Wait for ``work``, which comes to its end also when who waits is cancelled, and before the engine ends.

    Raises Overloaded as ``Environment.spawn`` does.
    """
    ended = asyncio.Event()

    async def run() -> None:
        try:
            await work
        finally:
            ended.set()

    try:
        env.spawn(run(), name, counts=counts)
    except Overloaded:
        work.close()
        raise
    await ended.wait()


def as_many_as_fit(count: int, start: Callable[[], None]) -> int:
    """Start workers for one piece of work, ``count`` or as many as there is room for; gives how many.

    Raises Overloaded when there is room for none.
    """
    for number in range(count):
        try:
            start()
        except Overloaded:
            if number == 0:
                raise
            return number
    return count


def message_without_client(env: Environment, payload: Payload, path: str = "") -> MessageContext:
    """A message that begins here."""
    return MessageContext(env, Detached(path), payload, Headers())


class MemoryQueue:
    """Messages that wait, first in, first out, in the memory of this process. They are lost with it."""

    LIMIT = 10_000

    def __init__(self, name: str) -> None:
        self.name = name
        self._messages: deque[MessageContext] = deque()
        self._arrived = asyncio.Event()

    async def put(self, message: MessageContext) -> None:
        """Keep a message that nobody else works on. Raises Fault when there is no room."""
        if len(self._messages) >= self.LIMIT:
            raise Fault(f"the message store '{self.name}' is full: {self.LIMIT:,} messages wait in it", status=503)
        self._messages.append(message)
        self._arrived.set()

    async def first(self, env: Environment) -> MessageContext:
        """The oldest message, which stays; waits for one."""
        while not self._messages:
            self._arrived.clear()
            await self._arrived.wait()
        self._messages[0].env = env
        return self._messages[0]

    async def remove(self, message: MessageContext) -> None:
        """Take a message out, if it is still the first."""
        if self._messages and self._messages[0] is message:
            self._messages.popleft()

    async def size(self) -> int:
        return len(self._messages)


class Background:
    """Runs the active artifacts of the current deployment, each in a task of its own."""

    def __init__(self, current: Callable[[], Environment]) -> None:
        self._current = current
        self._tasks: dict[Active, asyncio.Task[None]] = {}

    def follow(self, artifacts: list[Artifact]) -> None:
        """Start what is new, end what is gone, and leave alone what has not changed."""
        active = {each for each in artifacts if isinstance(each, Active)}
        for each in self._tasks.keys() - active:
            self._tasks.pop(each).cancel()
        for each in active - self._tasks.keys():
            self._tasks[each] = asyncio.get_running_loop().create_task(self._run(each), name=f"{each.kind} {each.name}")

    async def stop(self) -> None:
        """End all of them and wait until they have ended."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, artifact: Active) -> None:
        try:
            await artifact.run(self._current)
        except Fault as fault:
            log.error("%s '%s' ended: %s", artifact.kind, artifact.name, fault.message)
        except Exception:
            log.exception("%s '%s' ended", artifact.kind, artifact.name)
