"""Messages that wait in a folder: they outlive the process that kept them.

One message is one file; the oldest name is the first message. Any process may put; one at a time takes: the one that
holds the lock of the folder, which the system gives up when that process ends.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import itertools
import logging
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engine.core.background import message_without_client
from engine.core.env import Environment
from engine.core.wire import body_of
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.stores.files import write_atomically

log = logging.getLogger("myelin.background")

_LOOK = 1.0
"""Seconds between two looks for messages of other processes, and for their lock."""
_NAME = re.compile(r"[0-9]{20}-[0-9]+-[0-9]+\.json")
_counter = itertools.count(1)


class FileQueue:
    """First in, first out. A message whose file cannot be read is put aside as ``NAME.bad``, and the log says so."""

    LIMIT = 100_000

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder / quote(name, safe="")
        self._arrived = asyncio.Event()
        self._lock: int | None = None
        self._current: tuple[MessageContext, Path] | None = None

    async def put(self, message: MessageContext) -> None:
        """Keep a copy of a message whose body was read. Raises Fault when there is no room, or no disk."""
        content = _encoded(message)
        await asyncio.to_thread(self._write, content)
        self._arrived.set()

    async def first(self, env: Environment) -> MessageContext:
        """The oldest message, which stays; waits for one."""
        while True:
            if self._current is not None:
                return self._current[0]
            found = await asyncio.to_thread(self._oldest) if self._holds_lock() else None
            if found is not None:
                self._current = (_decoded(found[1], env), found[0])
                continue
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), _LOOK)
            except TimeoutError:
                continue

    async def remove(self, message: MessageContext) -> None:
        """Take a message out, if it is still the first."""
        if self._current is not None and self._current[0] is message:
            await asyncio.to_thread(self._current[1].unlink, missing_ok=True)
            self._current = None

    async def size(self) -> int:
        return len(await asyncio.to_thread(self._files))

    def close(self) -> None:
        """Give the lock up, so that another process takes the messages."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._current = None

    # ---------------------------------------------------------------- files

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []

    def _write(self, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if len(self._files()) >= self.LIMIT:
                raise Fault(f"the message store '{self.name}' is full: {self.LIMIT:,} messages wait in it", status=503)
            name = f"{time.time_ns():020}-{os.getpid()}-{next(_counter)}.json"
            write_atomically(self._folder / name, content)
        except OSError as error:
            raise Fault(f"the message store '{self.name}' cannot be written: {error.strerror}") from None

    def _oldest(self) -> tuple[Path, Mapping[str, Any]] | None:
        for path in self._files():
            try:
                content = json.decode(path.read_bytes())
                base64.b64decode(content["body"], validate=True)
                return path, content
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.error("message store '%s': %s cannot be read and is put aside: %s", self.name, path.name, error)
                path.rename(path.with_suffix(".bad"))
        return None

    def _holds_lock(self) -> bool:
        if self._lock is not None:
            return True
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Fault(f"the message store '{self.name}' cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True


def _encoded(message: MessageContext) -> bytes:
    """A message as JSON: the bytes that it would be sent as, headers, and the properties that are text or numbers."""
    body, content_type = body_of(message)
    assert isinstance(body, bytes)  # stores read the body before
    return json.encode(
        {
            "body": base64.b64encode(body).decode(),
            "contentType": content_type or message.headers.get("content-type") or message.message_type,
            "headers": [[name, value] for name, value in message.headers],
            "properties": _plain(message.properties),
            "axis2": _plain(message.axis2),
            "variables": _plain(message.variables),
            "to": message.to,
            "path": message.exchange.path,
            "isResponse": message.is_response,
            "correlationId": message.correlation_id,
        }
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if isinstance(value, str | int | float | bool)}


def _decoded(content: Mapping[str, Any], env: Environment) -> MessageContext:
    payload = Payload(base64.b64decode(content["body"]), content.get("contentType") or "", origin="client")
    message = message_without_client(env, payload, content.get("path") or "")
    message.headers = Headers()
    for name, value in content.get("headers", []):
        message.headers.add(name, value)
    if content.get("contentType"):
        message.headers.set("Content-Type", content["contentType"])
    message.headers.set("activityid", content.get("correlationId") or message.correlation_id)
    message.properties.update(content.get("properties", {}))
    message.axis2.update(content.get("axis2", {}))
    message.variables.update(content.get("variables", {}))
    message.to, message.is_response = content.get("to"), bool(content.get("isResponse"))
    return message
