"""Messages that wait in a file: an SQLite database for each message store, shared by the workers of an engine."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote

from engine.core import stored_message
from engine.core.env import Environment
from engine.core.worker_lock import open_lock, try_lock
from engine.errors import Fault
from engine.message.context import MessageContext

log = logging.getLogger("myelin.background")

T = TypeVar("T")

LIMIT = 1_000_000
"""Messages in one store."""

TIMEOUT = 10.0
"""Seconds to wait for another process that uses the file."""

POLL = 0.5
"""Seconds between two looks for what another process has put, and for the turn to take when another one has it."""


class DurableQueue:
    """A MessageQueue whose messages outlive the process.

    A message is on the disk when ``put`` returns. Of several processes one at a time takes messages, the others wait
    for their turn; all may put. A row that is no message is put aside in the table ``unreadable``, and the log says so.
    All methods raise Fault 503 when the file cannot be used.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._path = folder / f"{quote(name, safe='')}.sqlite"
        self._connection: sqlite3.Connection | None = None
        self._taker: BinaryIO | None = None
        self._turn = asyncio.Lock()
        self._arrived = asyncio.Event()
        self._first: tuple[MessageContext, int] | None = None

    async def put(self, message: MessageContext) -> None:
        content = stored_message.encode(message)

        def insert(connection: sqlite3.Connection) -> bool:
            statement = "INSERT INTO messages (content) SELECT ? WHERE (SELECT count(*) FROM messages) < ?"
            return connection.execute(statement, (content, LIMIT)).rowcount == 1

        if not await self._do(insert):
            raise Fault(f"the message store '{self.name}' is full: {LIMIT:,} messages wait in it", status=503)
        self._arrived.set()

    async def first(self, env: Environment) -> MessageContext:
        while self._first is None:
            self._arrived.clear()
            row = await self._do(self._oldest)
            if row is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._arrived.wait(), POLL)
                continue
            number, content = row
            try:
                self._first = stored_message.decode(content, env), number
            except Fault as fault:
                log.error("message store '%s': message %d is put aside: %s", self.name, number, fault.message)
                await self._do(functools.partial(_put_aside, number=number))
        message = self._first[0]
        message.env = env
        return message

    async def remove(self, message: MessageContext) -> None:
        if self._first is not None and self._first[0] is message:
            number = self._first[1]
            await self._do(lambda connection: connection.execute("DELETE FROM messages WHERE id = ?", (number,)))
            self._first = None

    async def size(self) -> int:
        found = await self._do(lambda connection: connection.execute("SELECT count(*) FROM messages").fetchone())
        return int(found[0])

    def close(self) -> None:
        """Give up the file, and with it the turn to take messages."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._taker is not None:
            self._taker.close()
            self._taker = None
        self._first = None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """In a thread, since a disk may be slow; one at a time."""
        async with self._turn:
            try:
                return await asyncio.to_thread(lambda: work(self._opened()))
            except (sqlite3.Error, OSError) as error:
                why = error.strerror if isinstance(error, OSError) else error
                raise Fault(f"the message store '{self.name}' cannot be used: {why}", status=503) from None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its further files the mode of this one.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(self._path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _oldest(self, connection: sqlite3.Connection) -> tuple[int, bytes] | None:
        if not self._may_take():
            return None
        row: tuple[int, bytes] | None = connection.execute(
            "SELECT id, content FROM messages ORDER BY id LIMIT 1"
        ).fetchone()
        return row

    def _may_take(self) -> bool:
        """Whether this process is the one that takes messages. The system frees the lock when a process ends."""
        if self._taker is not None:
            return True
        lock = open_lock(self._path.with_name(f"{self._path.name}.lock"))
        if not try_lock(lock):
            lock.close()
            return False
        self._taker = lock
        return True


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Choose the journal that lets one process read while another writes.

    When several processes do so with a new file at once, SQLite refuses all but one of them without waiting its
    ``timeout``, which is for statements; so the wait is here. Raises sqlite3.Error.
    """
    until = time.monotonic() + TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _prepare(connection: sqlite3.Connection) -> None:
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    for table in ("messages", "unreadable"):
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL)"
        )


def _put_aside(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("INSERT INTO unreadable SELECT id, content FROM messages WHERE id = ?", (number,))
    connection.execute("DELETE FROM messages WHERE id = ?", (number,))
