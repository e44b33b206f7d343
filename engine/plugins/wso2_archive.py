"""The files of a WSO2 connector or a carbon application: a zip or an unpacked folder, neither trusted.

Nothing is unpacked to disk. What was read once is kept, compressed: a connector stays what it was when it was read,
even if its file is replaced by a broken one.

A zip with a path that leads out of it, with links, or with more in it than any connector
has is refused as a whole; of a folder, links are not followed.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import Protocol

_UNREADABLE = (
    *(OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, LZMAError),
)
"""What ``zipfile`` raises for a damaged or unusual zip; each way of compressing has an error of its own."""

MAX_FILES = 5_000
MAX_FILE = 4 * 1024 * 1024
"""Bytes of one XML file."""
MAX_TOTAL = 256 * 1024 * 1024
"""Bytes of all files together, unpacked; jars and icons count, though they are never read."""


class BadArchive(Exception):
    """The connector cannot be read; ``code`` is that of the problem."""

    def __init__(self, message: str, code: str = "bad-connector") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Archive(Protocol):
    """Files by their path inside the connector, with ``/``."""

    names: frozenset[str]

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content of a file in ``names``. Raises BadArchive when it is over ``limit`` bytes, or damaged.

        Without a limit it is MAX_FILE.
        """

    def label(self, name: str) -> str:
        """How messages call the file."""


def open_archive(path: Path, content: bytes | None = None) -> Archive:
    """The zip or folder at ``path``, or the zip that ``content`` is, for one inside of another. Raises BadArchive."""
    return _Folder(path) if content is None and path.is_dir() else _Zip(path, content)


class _Kept:
    """What was read, compressed."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def read(self, name: str, limit: int | None = None) -> bytes:
        if name not in self._kept:
            # Level 1: the files are small, and most are never read again.
            self._kept[name] = zlib.compress(self._read(name, MAX_FILE if limit is None else limit), 1)
        return zlib.decompress(self._kept[name])

    def _read(self, name: str, limit: int) -> bytes:
        raise NotImplementedError


def _why_unreadable(error: Exception) -> str:
    if str(error) == "File is not a zip file":
        return "It is not a zip file."
    return f"It is a zip file that cannot be read: {error}."


class _Zip(_Kept):
    """A zip file, opened for each read."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        super().__init__()
        self._path = path
        self._content = content
        try:
            with self._open() as file:
                infos = file.infolist()
        except _UNREADABLE as error:
            raise BadArchive(_why_unreadable(error)) from None
        _check_entries(infos)
        self.names = frozenset(info.filename for info in infos if not info.is_dir())

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with self._open() as file, file.open(name) as entry:
                content = entry.read(limit + 1)
        except _UNREADABLE as error:
            raise BadArchive(f"{name} cannot be read: {error}.") from None
        # What a zip says about sizes may be a lie.
        return _bounded(name, content, limit)

    def _open(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self._path if self._content is None else io.BytesIO(self._content))

    def label(self, name: str) -> str:
        return f"{self._path}!{name}"


class _Folder(_Kept):
    """An unpacked connector."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        names = []
        for name in _walk(path, ""):
            names.append(name)
            if len(names) > MAX_FILES:
                raise BadArchive(f"It has more than {MAX_FILES:,} files.")
        self.names = frozenset(names)

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with (self._path / name).open("rb") as file:
                content = file.read(limit + 1)
        except OSError as error:
            raise BadArchive(f"{name} cannot be read: {error.strerror}.") from None
        return _bounded(name, content, limit)

    def label(self, name: str) -> str:
        return str(self._path / name)


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    for each in sorted(folder.iterdir()):
        if each.is_symlink():
            continue
        if each.is_dir():
            yield from _walk(each, f"{prefix}{each.name}/")
        elif each.is_file():
            yield prefix + each.name


def _check_entries(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_FILES:
        raise BadArchive(f"It has {len(infos):,} files; the limit is {MAX_FILES:,}.")
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise BadArchive(f"It unpacks to more than {MAX_TOTAL:,} bytes.")
    seen = set()
    for info in infos:
        name = info.filename
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\0" in name:
            raise BadArchive(f"The path '{name}' leads out of it.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BadArchive(f"'{name}' is a link.")
        if info.flag_bits & 0x1:
            raise BadArchive(f"'{name}' is encrypted.")
        if name in seen:
            raise BadArchive(f"'{name}' is in it twice.")
        seen.add(name)


def _bounded(name: str, content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise BadArchive(f"{name} has more than {limit:,} bytes.")
    return content
