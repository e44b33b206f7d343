"""One file that this process works on, and nobody else does."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import stat
import threading
from pathlib import Path

from engine.core.vfs import replacing
from engine.errors import Fault

_PIECE = 256 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_OURS = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EWOULDBLOCK})
"""Gone, a symbolic link, a link in place of a folder, locked."""


class HeldFile:
    """A file that is open and locked (flock). The lock ends with the process, however that ends.

    The file is named by the open folder it lies in: whatever becomes of the path, no other folder is touched.
    """

    def __init__(self, path: Path, folder: int, descriptor: int) -> None:
        self.path, self.status = path, os.fstat(descriptor)
        self._folder, self._descriptor = folder, descriptor
        self._body = FileBody(descriptor, self.status.st_size)

    @classmethod
    def take(cls, path: Path, root: Path) -> HeldFile | None:
        """None when the file is gone, is no regular file below ``root``, or somebody else has it. Raises OSError.

        ``root`` may be the file itself. No symbolic link below ``root`` is followed.
        """
        with contextlib.ExitStack() as opened:
            try:
                folder = _open_folder(path.parent, path.parent if path == root else root)
                opened.callback(os.close, folder)
                descriptor = os.open(path.name, _FILE, dir_fd=folder)
                opened.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in _NOT_OURS:
                    return None
                raise
            held = cls(path, folder, descriptor)
            if not stat.S_ISREG(held.status.st_mode) or not held.is_there:
                return None
            opened.pop_all()
            return held

    @property
    def is_there(self) -> bool:
        """Whether its name still means this file: another process may have moved it before the lock was ours."""
        try:
            now = os.stat(self.path.name, dir_fd=self._folder, follow_symlinks=False)
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
            os.unlink(self.path.name, dir_fd=self._folder)

    def move(self, target: Path) -> None:
        """Also to another file system; a file of that name gives way. Raises OSError."""
        if not self.is_there:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(self.path.name, target, src_dir_fd=self._folder)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(target)
            self.delete()

    def _copy(self, target: Path) -> None:
        with os.fdopen(os.dup(self._descriptor), "rb") as source, replacing(target) as copy:
            shutil.copyfileobj(source, copy)
            os.fchmod(copy.fileno(), stat.S_IMODE(self.status.st_mode))
        os.utime(target, ns=(self.status.st_atime_ns, self.status.st_mtime_ns))

    def close(self) -> None:
        """Give the lock back; who still reads the body is at its end."""
        self._body.close()
        os.close(self._descriptor)
        os.close(self._folder)


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


def _open_folder(folder: Path, root: Path) -> int:
    """A descriptor of a folder, without following a symbolic link below ``root``. Raises OSError."""
    descriptor = os.open(root, _FOLDER)
    for part in folder.relative_to(root).parts:
        try:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor
