"""Takes the files of a folder, one message each, and moves or removes each when its flow has ended."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.artifacts._file_settings import After, FileSettings
from engine.artifacts._held_file import HeldFile
from engine.artifacts._schedule import Schedule
from engine.core import vfs
from engine.core.background import Acknowledged, has_failed
from engine.core.branches import branches_of
from engine.core.env import Conversation, Environment
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.background")

_OTHERS = (".lock", ".fail")
"""Marks that Synapse's own transport leaves beside files."""

Version = tuple[int, int, int]
"""Inode, size and time of the last change of a file."""


class FilePoller:
    """Looks into the folder at the times of ``schedule`` and runs ``conversation`` on each file.

    A file is taken by one process only, and is moved or removed when its conversation is over. Cancelled, it begins
    no other file; the one under way comes to its end.
    """

    def __init__(
        self,
        label: str,
        settings: FileSettings,
        conversation: Conversation,
        schedule: Schedule,
        properties: Mapping[str, Any],
        *,
        path: str = "",
        at_once: bool = False,
    ) -> None:
        """``path`` is that of the proxy; ``at_once`` takes ``limits.branches`` files at the same time."""
        self._label, self._settings, self._conversation, self._schedule = label, settings, conversation, schedule
        self._properties, self._path, self._at_once = dict(properties), path, at_once
        self._aside: dict[Path, Version] = {}
        """Files that failed and have no place to go to."""
        self._unsettled: dict[Path, tuple[Version, After]] = {}
        """Files whose flow has ended, and that could not be moved or removed."""
        self._complaint = ""

    async def run(self, current: Callable[[], Environment]) -> None:
        while True:
            await self._look(current)
            await self._schedule.next()

    async def _look(self, current: Callable[[], Environment]) -> None:
        try:
            files = await asyncio.to_thread(self._found)
        except OSError as error:
            self._complain(f"{self._settings.place.path} cannot be read: {error.strerror or error}")
            return
        self._complaint = ""
        width = current().limits.branches if self._at_once else 1
        for start in range(0, len(files), width):
            await asyncio.gather(*(self._begin(current(), file) for file in files[start : start + width]))
            if self._settings.pause:
                await asyncio.sleep(self._settings.pause)

    def _complain(self, text: str) -> None:
        """Once, and not at every look."""
        if text != self._complaint:
            log.warning("%s: %s", self._label, text)
        self._complaint = text

    # ---------------------------------------------------------------- which files

    def _found(self) -> list[Path]:
        """Those to take now, in their order. Raises OSError when the folder cannot be read."""
        settings = self._settings
        place = settings.place.path
        entries = list(_files(place, deep=settings.place.deep)) if place.is_dir() else [(place, place.lstat())]
        present = {path for path, _ in entries}
        for notes in (self._aside, self._unsettled):
            for path in notes.keys() - present:
                del notes[path]
        now = time.time()
        wanted = [each for each in entries if self._is_wanted(*each, now)]
        keys: dict[str, Callable[[tuple[Path, os.stat_result]], Any]] = {
            "Name": lambda each: each[0].name,
            "Size": lambda each: each[1].st_size,
            "Lastmodifiedtimestamp": lambda each: each[1].st_mtime_ns,
        }
        wanted.sort(key=keys[settings.sort_by], reverse=not settings.ascending)
        return [path for path, _ in itertools.islice(wanted, settings.count or None)]

    def _is_wanted(self, path: Path, status: os.stat_result, now: float) -> bool:
        settings = self._settings
        name = path.name
        if name.endswith(_OTHERS) or name.startswith(".") or not name.isprintable():
            return False
        if settings.pattern is not None and path != settings.place.path and not settings.pattern.fullmatch(name):
            return False
        if settings.respects_locks and path.with_name(f"{name}.lock").exists():
            return False
        age = now - status.st_mtime
        too_large = 0 <= settings.largest < status.st_size
        if too_large or not settings.youngest <= age <= settings.oldest:
            return False
        return self._aside.get(path) != _version(status)

    # ---------------------------------------------------------------- one file

    async def _begin(self, env: Environment, path: Path) -> None:
        """Work on a file in the background, so that it ends also when this poller does; waits for it."""
        done = asyncio.get_running_loop().create_future()
        env.spawn(self._work(env, path, done), f"{self._label}: {path.name}")
        await done

    async def _work(self, env: Environment, path: Path, done: asyncio.Future[None]) -> None:
        held = None
        try:
            held = await asyncio.to_thread(HeldFile.take, path, self._settings.place.path)
            if held is not None:
                await self._process(env, held)
        except OSError as error:
            log.error("%s: %s: %s", self._label, path, error.strerror or error)
        finally:
            if held is not None:
                held.close()
            if not done.done():
                done.set_result(None)

    async def _process(self, env: Environment, held: HeldFile) -> None:
        version = _version(held.status)
        unsettled = self._unsettled.pop(held.path, None)
        if unsettled is not None and unsettled[0] == version:
            after = unsettled[1]  # its flow has ended; only this was left to do
        else:
            message = self._message(env, held)
            await self._conversation.serve(message)
            failed = has_failed(message)
            after = self._settings.failure if failed else self._settings.success
            if failed:
                log.error("%s: the flow of %s failed: %s", self._label, held.path, _what_becomes(after))
        await self._settle(held, version, after)

    async def _settle(self, held: HeldFile, version: Version, after: After) -> None:
        if held.has_changed:
            log.warning("%s: %s was written to while its flow ran, and is taken again", self._label, held.path)
            return
        try:
            if after.what == "delete":
                await asyncio.to_thread(held.delete)
            elif after.what == "move":
                await asyncio.to_thread(held.move, self._settings.moved(held.path, after))
            elif after.what == "aside":
                self._aside[held.path] = version
        except OSError as error:
            self._unsettled[held.path] = (version, after)
            log.error(
                "%s: %s cannot be %sd, which is tried again: %s",
                self._label,
                held.path,
                after.what,
                error.strerror or error,
            )

    def _message(self, env: Environment, held: HeldFile) -> MessageContext:
        path, status = held.path, held.status
        content_type = self._settings.type_of(path)
        headers = Headers()
        headers.set("Content-Type", content_type)
        absolute = path.absolute()
        facts = {
            "FILE_PATH": str(absolute),
            "FILE_NAME": path.name,
            "FILE_URI": absolute.as_uri(),
            "FILE_LENGTH": str(status.st_size),
            "LAST_MODIFIED": str(status.st_mtime_ns // 1_000_000),
        }
        for name, value in facts.items():
            headers.set(name, value)
        payload = Payload(held.body(), content_type, origin="client")
        message = MessageContext(env, FileExchange(self._path, self._settings), payload, headers)
        message.properties.update(self._properties)
        return message


class FileExchange(Acknowledged):
    """The client's side of a file: the answer is written to ReplyFileURI, if there is one."""

    def __init__(self, path: str, settings: FileSettings) -> None:
        super().__init__(path)
        self._settings = settings

    async def answer(self, message: MessageContext) -> None:
        fault = branches_of(message).fault if message.branches is not None else None
        if self._settings.reply and fault is None and not self.answered:
            await vfs.send(message, self._settings.reply, name=self._settings.reply_name)
        await super().answer(message)


def _files(folder: Path, *, deep: bool) -> Iterator[tuple[Path, os.stat_result]]:
    """The regular files of a folder, symbolic links left out. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if deep:
                    yield from _files(Path(entry.path), deep=True)
            elif entry.is_file(follow_symlinks=False):
                try:
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # somebody was faster


def _version(status: os.stat_result) -> Version:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _what_becomes(after: After) -> str:
    return {
        "delete": "it is deleted",
        "move": f"it goes to {after.folder}",
        "stay": "it is tried again",
        "aside": "it stays, and is taken again when it has changed",
    }[after.what]
