"""One file that this process works on, and nobody else does."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import secrets
import shutil
import stat
import threading
from pathlib import Path

from engine.errors import Fault

_PIECE = 256 * 1024


class HeldFile:
    """A file that is open and locked (flock). The lock ends with the process, however that ends."""

    def __init__(self, path: Path, descriptor: int, status: os.stat_result) -> None:
        self.path, self.status = path, status
        self._descriptor = descriptor
        self._body = FileBody(descriptor, status.st_size)

    @classmethod
    def take(cls, path: Path, root: Path) -> HeldFile | None:
        """None when the file is gone, is no regular file below ``root``, or somebody else has it. Raises OSError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                return None
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = cls(path, descriptor, os.fstat(descriptor))
            if stat.S_ISREG(held.status.st_mode) and held.is_there and _is_below(path, root):
                return held
        except BlockingIOError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    @property
    def is_there(self) -> bool:
        """Whether its path still names this file: another process may have moved it before the lock was ours."""
        try:
            now = os.lstat(self.path)
        except FileNotFoundError:
            return False
        return (now.st_dev, now.st_ino) == (self.status.st_dev, self.status.st_ino)

    @property
    def has_changed(self) -> bool:
        """Whether somebody has written to it since it was taken."""
        now = os.fstat(self._descriptor)
        return (now.st_size, now.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns)

    def body(self) -> FileBody | bytes:
        return self._body if self.status.st_size else b""

    def delete(self) -> None:
        if self.is_there:
            self.path.unlink()

    def move(self, target: Path) -> None:
        """Also to another file system; a file of that name gives way."""
        if not self.is_there:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.path.replace(target)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            shutil.copy2(self.path, part, follow_symlinks=False)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self.path.unlink()

    def close(self) -> None:
        """Give the lock back; who still reads the body is at its end."""
        self._body.close()
        os.close(self._descriptor)


class FileBody:
    """The bytes of a file, read as the flow asks for them. It ends where the file ended when it was taken."""

    def __init__(self, descriptor: int, length: int) -> None:
        self.length: int | None = length
        self._descriptor = descriptor
        self._at, self._end = 0, length
        self._is_closed = False
        self._lock = threading.Lock()
        """Reading and closing exclude each other: a closed descriptor may be another file's soon."""

    async def read(self) -> bytes:
        if self._at == self._end:
            return b""
        piece = await asyncio.to_thread(self._read, min(_PIECE, self._end - self._at))
        if not piece:
            raise Fault("the file became shorter while it was read, or its flow has ended")
        self._at += len(piece)
        return piece

    def close(self) -> None:
        with self._lock:
            self._is_closed = True

    def _read(self, wanted: int) -> bytes:
        with self._lock:
            return b"" if self._is_closed else os.pread(self._descriptor, wanted, self._at)


def _is_below(path: Path, root: Path) -> bool:
    """Whether no symbolic link on the way leads out of ``root``, which may be the file itself."""
    return path == root or path.parent.resolve().is_relative_to(root.resolve())
