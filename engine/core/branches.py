"""Branches: messages of one request that go their own ways (iterate, clone, aggregate).

A branch never shares a message context with its parent or its siblings. What it raises is taken by the handlers of the
place where it began, on the branch's own message; a fault that nobody takes ends that branch alone, and is the answer
to the client only if no branch gives a better one.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, Protocol, cast

from engine.core import faults
from engine.core.background import as_many_as_fit
from engine.core.env import Endpoint, env_of
from engine.core.frames import LEAVE_TEMPLATE, OnError, handlers, snapshot
from engine.core.sequence import run
from engine.errors import Fault, Overloaded
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")

FAILED = "ERROR_ON_TARGET_EXECUTION"
"""Property of a branch in which a fault was raised (Synapse's EIPConstants)."""

CORRELATION, SEQUENCE = "aggregateCorelation", "messageSequence"
"""Properties of each part; with the id of its clone or iterate, if it has one, after a dot."""

_forks = itertools.count(1)


class Conversant(Protocol):
    """The flow of a conversation: what a branch needs of a proxy or a resource. ``core/flow.py`` fulfils it."""

    async def go_on(self, message: MessageContext) -> None:
        """The out sequence, for a message whose ``send`` was answered."""

    async def take(self, message: MessageContext, error: Exception) -> None:
        """The fault sequence, for a fault that no ``onError`` took. Never raises."""


class Target(Protocol):
    """What a branch does: a sequence, or an endpoint."""

    async def mediate(self, message: MessageContext) -> bool: ...


Branch = tuple[MessageContext, Target]


class Branches:
    """What the messages of one request share."""

    __slots__ = ("_waiter", "completed", "failed", "fault", "flow", "running")

    def __init__(self, flow: Conversant | None = None) -> None:
        self.flow = flow
        self.running = 0
        """Branches under way, and timers that will start one."""
        self.fault: Fault | None = None
        """The first fault that nobody took: the answer, when there is no other."""
        self.failed = False
        """Whether a fault has got as far as the fault sequence."""
        self.completed: set[str] = set()
        """The forks whose parts were aggregated: what is late is dropped (trap 27)."""
        self._waiter: asyncio.Future[None] | None = None

    def start(
        self, message: MessageContext, work: Coroutine[Any, Any, None], name: str, *, counts: bool = True
    ) -> None:
        """Run a branch in the background; shutdown waits for it.

        One that ``counts`` is refused when too much is under way: ``work`` is closed. Raises Overloaded.
        """
        try:
            env_of(message).spawn(self._counted(work), f"{name} of {message.correlation_id}", counts=counts)
        except Overloaded:
            work.close()
            raise
        self.running += 1

    async def over(self) -> None:
        """Wait until no branch is under way. Each is bounded by the time limits of what it waits for."""
        if self.running:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    async def _counted(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.running -= 1
            if self.running == 0 and self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)


def branches_of(message: MessageContext) -> Branches:
    """Those of a message; outside any flow it gets some of its own that nobody waits for."""
    if message.branches is None:
        message.branches = Branches()
    return cast(Branches, message.branches)


def fork_id(message: MessageContext) -> str:
    """A name for one splitting of a message, by which an aggregate knows its parts."""
    return f"{message.correlation_id}/{next(_forks)}"


def mark(branch: MessageContext, fork: str, id_: str | None, number: int, count: int) -> None:
    """Note which part of which fork this is, for ``aggregate`` (Synapse's EIPConstants)."""
    suffix = f".{id_}" if id_ else ""
    branch.properties[CORRELATION] = branch.properties[CORRELATION + suffix] = fork
    branch.properties[SEQUENCE + suffix] = f"{number}/{count}"


async def send_on(message: MessageContext, endpoint: Endpoint, receive: str | None = None) -> None:
    """Send as ``send`` does: the answer goes to the out sequence, or to the sequence ``receive``.

    Of an endpoint with several recipients each gets a copy, whose answer goes there by itself.
    """
    recipients = endpoint.recipients(message)
    if recipients:
        await _send_copies(message, [_Sending(each, receive) for each in recipients])
        return
    message.one_way = False
    await endpoint.send(message)
    message.receive, message.continues = receive, not message.one_way


async def call_each(message: MessageContext, recipients: Sequence[Endpoint]) -> None:
    """Send a copy to each; with its answer each goes on where the message is."""
    await _send_copies(message, [_Calling(each) for each in recipients])


async def _send_copies(message: MessageContext, targets: Sequence[Target]) -> None:
    await message.payload.load(env_of(message).limits.buffered_body)
    fork, original = fork_id(message), message.clone()

    def copies() -> Iterator[Branch]:
        for number, target in enumerate(targets):
            copy = original.clone()
            mark(copy, fork, None, number, len(targets))
            yield copy, target

    start_parallel(message, copies(), len(targets), "copies for recipients")


class _Sending:
    """A copy whose answer goes to the out sequence."""

    def __init__(self, endpoint: Endpoint, receive: str | None) -> None:
        self._endpoint = endpoint
        self._receive = receive

    async def mediate(self, message: MessageContext) -> bool:
        await send_on(message, self._endpoint, self._receive)
        return False


class _Calling:
    """A copy that goes on where it was sent from."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def mediate(self, message: MessageContext) -> bool:
        recipients = self._endpoint.recipients(message)
        if recipients:
            await call_each(message, recipients)
            return False
        direction = message.is_response
        await self._endpoint.send(message)
        message.is_response = direction
        return True


def start_parallel(message: MessageContext, branches: Iterable[Branch], count: int, name: str) -> None:
    """Run ``count`` branches of a message in the background, ``limits.branches`` at a time.

    Each is made when its turn comes: a message of 10,000 parts does not become 10,000 messages at once. Fewer run at a
    time when there is no room for more. Raises Overloaded, and nothing runs, when there is none at all.
    """
    frames, shared = snapshot(message.frames), iter(branches)
    all_of_them, width = branches_of(message), min(count, env_of(message).limits.branches)
    as_many_as_fit(width, lambda: all_of_them.start(message, _work_through(shared, frames), name))


async def run_in_order(message: MessageContext, branches: Iterable[Branch], *, stop_on_failure: bool = False) -> None:
    """Run branches one after another, each to its end."""
    branches_of(message)
    frames = snapshot(message.frames)
    for branch, target in branches:
        await run_branch(branch, target, frames)
        if stop_on_failure and FAILED in branch.properties:
            return


def start_joining(
    message: MessageContext,
    branches: Iterable[Branch],
    count: int,
    name: str,
    *,
    parallel: bool,
    came: Callable[[int, MessageContext], None],
) -> asyncio.Future[None]:
    """Run branches in the background that join this message again; the future is done when the last has ended.

    ``came`` is told each that ran to the end of its target, with its number. One that did not has run its fault
    handlers, which may have answered the client. Raises Overloaded as ``start_parallel`` does.
    """
    outer, numbered = handlers(message.frames), enumerate(branches)
    left = min(count, env_of(message).limits.branches) if parallel else 1
    done = asyncio.get_running_loop().create_future()

    async def work() -> None:
        nonlocal left
        try:
            for number, (branch, target) in numbered:
                if await run_branch(branch, target, outer, joins=True):
                    came(number, branch)
        finally:
            left -= 1
            if left == 0 and not done.done():
                done.set_result(None)

    left = as_many_as_fit(left, lambda: branches_of(message).start(message, work(), name))
    return done


async def run_branch(message: MessageContext, target: Target, frames: list[Any], *, joins: bool = False) -> bool:
    """Run one branch to its very end: target, out sequence, fault handlers. Never raises.

    A branch into which a back end's answer came goes on where its parent was, with the rest of ``frames`` (Synapse's
    continuation stack, trap 26), unless it ``joins`` its parent again. Gives True if it ran to the end of its target
    and did not go on.
    """
    flow = branches_of(message).flow
    message.frames, message.resumed = snapshot(frames), False
    try:
        came_to_end = await _walk(message, target, joins)
        if flow is not None:
            await flow.go_on(message)
        return came_to_end
    except Exception as error:
        message.properties[FAILED] = "true"
        if flow is not None:
            await flow.take(message, error)
        else:
            faults.log_unhandled(message, faults.as_fault(message, error))
        return False
    finally:
        message.payload.close()


async def _work_through(branches: Iterator[Branch], frames: list[Any]) -> None:
    for message, target in branches:
        await run_branch(message, target, frames)


async def _walk(message: MessageContext, target: Target, joins: bool) -> bool:
    frames = message.frames
    try:
        if not await target.mediate(message):
            return False
        if joins:
            await message.payload.load(env_of(message).limits.buffered_body)
            return True
        if not message.resumed:
            return True
        while frames:
            frame = frames.pop()
            if frame is LEAVE_TEMPLATE:
                message.functions.pop()
            elif not isinstance(frame, OnError) and not await run(frame, message):
                return False
    except Fault as fault:
        message.properties[FAILED] = "true"
        await _handle(message, fault)
    return False


async def _handle(message: MessageContext, fault: Fault) -> None:
    """Give the fault to the nearest handler, and what that raises to the next. Raises the last one that nobody took."""
    frames = message.frames
    while frames:
        frame = frames.pop()
        if frame is LEAVE_TEMPLATE:
            message.functions.pop()
        elif isinstance(frame, OnError):
            try:
                await faults.handle(message, fault, env_of(message).sequence(frame.sequence).mediate)
                return
            except Fault as second:
                fault = second
    raise fault
