"""Local transactions of a flow: one open connection to each database it uses, committed or rolled back together."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from engine.errors import Fault
from engine.mediators._database import Database, Job
from engine.message.context import MessageContext
from engine.message.ending import Ending

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger("myelin.database")

T = TypeVar("T")

_KEY = "myelin.transactions"


class Transaction:
    """Work on databases that holds together. Its connections do one thing at a time, whoever asks."""

    def __init__(self) -> None:
        self._connections: dict[Database, Connection] = {}
        self._lock = asyncio.Lock()
        self._busy = threading.Lock()
        """Held in the thread: work that nobody waits for any more may still be at it when the end comes."""

    async def run(self, database: Database, work: Callable[[Connection], T]) -> T:
        """Do the work on this transaction's connection to the database. Raises Fault; nothing is rolled back yet."""

        def on_connection(job: Job) -> T:
            with self._busy, database.explained():
                connection = self._connections.get(database)
                if connection is None:
                    connection = self._connections[database] = database.engine().connect()
                with job.using(connection):
                    return work(connection)

        async with self._lock:
            return await database.threads.run(on_connection, database.name)

    async def end(self, *, commit: bool) -> None:
        """Commit or roll back everywhere and give the connections back.

        When one database does not commit, those after it are rolled back and the Fault is raised; those before it
        have committed: this is no two-phase commit.
        """
        async with self._lock:
            connections, self._connections = self._connections, {}
            failed: Fault | None = None
            for database, connection in connections.items():
                try:
                    work = self._ending(database, connection, commit=commit and failed is None)
                    await database.threads.run(work, database.name)
                except Fault as fault:
                    failed = failed or fault
            if failed is not None:
                raise failed

    def _ending(self, database: Database, connection: Connection, *, commit: bool) -> Callable[[Job], None]:
        def end(job: Job) -> None:
            with self._busy, database.explained(), connection:  # leaving it rolls back what is not committed
                if commit:
                    connection.commit()

        return end


class _Stack:
    """The transactions of a conversation: the open one, and those that are suspended."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.open: Transaction | None = None
        self.suspended: list[Transaction] = []


def current(message: MessageContext) -> Transaction | None:
    """The open transaction of the message's conversation."""
    stack = _found(message)
    return stack.open if stack is not None else None


def begin(message: MessageContext) -> None:
    """Open a transaction. If nobody ends it, it is rolled back with the conversation's end. Raises Fault."""
    stack = _stack(message)
    if stack.open is not None:
        raise Fault("a new transaction was asked for, but there is one already")
    stack.open = Transaction()


async def end(message: MessageContext, *, commit: bool) -> None:
    """End the open transaction. Raises Fault when there is none or it cannot be committed."""
    stack = _stack(message)
    if stack.open is None:
        raise Fault(f"there is no transaction to {'commit' if commit else 'roll back'}")
    transaction, stack.open = stack.open, None
    await transaction.end(commit=commit)


def suspend(message: MessageContext) -> None:
    """Set the open transaction aside; what follows is outside of it. Raises Fault when there is none."""
    stack = _stack(message)
    if stack.open is None:
        raise Fault("there is no transaction to suspend")
    stack.suspended.append(stack.open)
    stack.open = None


def resume(message: MessageContext) -> None:
    """Take up the transaction that was suspended last. Raises Fault."""
    stack = _stack(message)
    if stack.open is not None or not stack.suspended:
        raise Fault("there is no suspended transaction to resume" if stack.open is None else "a transaction is open")
    stack.open = stack.suspended.pop()


def _found(message: MessageContext) -> _Stack | None:
    """The transactions of this conversation; a message that was stored and taken up again is in another one."""
    found = message.operation.get(_KEY)
    return found if isinstance(found, _Stack) and found.ending is message.ending else None


def _stack(message: MessageContext) -> _Stack:
    """The transactions of the conversation; made with the action that closes what is left at its end."""
    found = _found(message)
    if found is not None:
        return found
    if message.ending.passed:
        raise Fault("the conversation is over; a transaction needs one that can end it")
    stack = message.operation[_KEY] = _Stack(message.ending)

    async def close() -> None:
        left = [each for each in (stack.open, *stack.suspended) if each is not None]
        stack.open, stack.suspended = None, []
        for transaction in left:
            log.warning("a transaction was still open at the end of its conversation; it is rolled back")
            await transaction.end(commit=False)

    message.ending.add(close)
    return stack
