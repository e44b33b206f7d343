"""Takes the files of a folder, one message each, and moves or removes each when its flow has ended."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.artifacts._file_finder import MOST, Found, Version, find, version
from engine.artifacts._file_settings import After, FileSettings
from engine.artifacts._held_file import HeldFile
from engine.artifacts._schedule import Schedule
from engine.core import vfs
from engine.core.background import Acknowledged, has_failed, to_its_end
from engine.core.branches import branches_of
from engine.core.env import Conversation, Environment
from engine.core.worker_lock import sole_worker
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.background")


class FilePoller:
    """Looks into the folder at the times of ``schedule`` and runs ``conversation`` on each file.

    Of several workers one does it; another takes over when that one ends. A file is taken by one process only, also of
    another engine, and is moved or removed when its conversation is over. Cancelled, it begins no other file; the one
    under way comes to its end.
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
        self._told: dict[Path, str] = {}
        """What is wrong with files and folders, so that it is told once and not at every look."""

    async def run(self, current: Callable[[], Environment]) -> None:
        with await sole_worker(current().registry, self._label):
            while True:
                while await self._look(current):
                    pass
                await self._schedule.next()

    async def _look(self, current: Callable[[], Environment]) -> bool:
        """Whether there are more files, and this look has made some go away."""
        place = self._settings.place.path
        try:
            found = await asyncio.to_thread(self._find)
        except OSError as error:
            self._tell(place, f"{error.filename or place}: {error.strerror or error}")
            return False
        self._told.pop(place, None)
        for folder, reason in found.unreadable.items():
            self._tell(Path(folder), f"{folder}: {reason}")
        width = current().limits.branches if self._at_once else 1
        for start in range(0, len(found.files), width):
            some = found.files[start : start + width]
            await asyncio.gather(*(self._begin(current(), file) for file in some))
            if self._settings.pause:
                await asyncio.sleep(self._settings.pause)
        return len(found.files) == MOST and not all(map(os.path.lexists, found.files))

    def _find(self) -> Found:
        """Raises OSError when nothing can be taken."""
        place = self._settings.place.path
        for notes in (self._aside, self._unsettled, self._told):
            for path in [each for each in notes if each != place and not os.path.lexists(each)]:
                del notes[path]
        return find(self._settings, self._is_aside)

    def _is_aside(self, path: str, found: Version) -> bool:
        return bool(self._aside) and self._aside.get(Path(path)) == found

    def _tell(self, path: Path, text: str) -> None:
        """Once, and not at every look."""
        if text != self._told.get(path):
            log.warning("%s: %s", self._label, text)
        self._told[path] = text

    # ---------------------------------------------------------------- one file

    async def _begin(self, env: Environment, path: Path) -> None:
        await to_its_end(env, self._work(env, path), f"{self._label}: {path.name}")

    async def _work(self, env: Environment, path: Path) -> None:
        try:
            held = await asyncio.to_thread(HeldFile.take, path, self._settings.place.path)
        except OSError as error:
            self._tell(path, f"{path}: {error.strerror or error}")
            return
        if held is not None:
            try:
                await self._process(env, held)
            finally:
                held.close()

    async def _process(self, env: Environment, held: HeldFile) -> None:
        found = version(held.status)
        unsettled = self._unsettled.pop(held.path, None)
        if unsettled is not None and unsettled[0] == found:
            after = unsettled[1]  # its flow has ended; only this was left to do
        else:
            message = self._message(env, held)
            await self._conversation.serve(message)
            failed = has_failed(message)
            after = self._settings.failure if failed else self._settings.success
            if failed:
                log.error("%s: the flow of %s failed: %s", self._label, held.path, _what_becomes(after))
        if held.has_changed:
            log.warning("%s: %s was written to while its flow ran, and is taken again", self._label, held.path)
            return
        try:
            await self._settle(held, found, after)
        except OSError as error:
            self._unsettled[held.path] = (found, after)
            reason = error.strerror or error
            self._tell(held.path, f"{held.path} cannot be {after.what}d, which is tried again: {reason}")

    async def _settle(self, held: HeldFile, found: Version, after: After) -> None:
        """Raises OSError."""
        if after.what == "delete":
            await asyncio.to_thread(held.delete)
        elif after.what == "move":
            await asyncio.to_thread(held.move, self._settings.moved(held.path, after))
        elif after.what == "aside":
            self._aside[held.path] = found

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
        if self._settings.place.deep:
            below = path.parent.relative_to(self._settings.place.path)
            facts["RELATIVE_PATH"] = f"/{below}" if below.parts else ""
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


def _what_becomes(after: After) -> str:
    return {
        "delete": "it is deleted",
        "move": f"it goes to {after.folder}",
        "stay": "it is tried again",
        "aside": "it stays, and is taken again when it has changed",
    }[after.what]
