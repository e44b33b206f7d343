"""Locks between the workers of an engine: flock on a file, which the system frees when a process ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from engine.errors import Fault
from engine.message.context import Registry

_POLL = 0.5
"""Seconds between two attempts to be the one that works."""


def open_lock(path: Path) -> BinaryIO:
    """The file of a lock, which is free once it is closed. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb+")


def try_lock(file: BinaryIO) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def lock(file: BinaryIO, poll: float) -> None:
    """Wait until the lock is ours. It is polled, since a thread that blocks in flock could not be cancelled."""
    while not try_lock(file):  # noqa: ASYNC110  # no event comes from another process
        await asyncio.sleep(poll)


async def sole_worker(registry: Registry, name: str) -> BinaryIO:
    """Wait until no other worker does the work of that name. Closing the file lets the next one do it.

    Raises Fault when the file cannot be made.
    """
    path = registry.file_of(f"conf:/workers/{quote(name, safe='')}.lock")
    try:
        file = open_lock(path)
    except OSError as error:
        raise Fault(f"{path}, by which workers agree who works, cannot be made: {error.strerror}") from None
    try:
        await lock(file, _POLL)
    except BaseException:
        file.close()
        raise
    return file
