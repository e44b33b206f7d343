"""Which files of a folder are to be taken now, and in which order."""

from __future__ import annotations

import errno
import heapq
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.artifacts._file_settings import FileSettings, SortBy

MOST = 10_000
"""Files of one look, however many there are."""

_OTHERS = (".lock", ".fail")
"""Marks that Synapse's own transport leaves beside files."""
_KEYS: dict[SortBy, Callable[[str, os.stat_result], Any]] = {
    "Name": lambda path, status: path,
    "Size": lambda path, status: (status.st_size, path),
    "Lastmodifiedtimestamp": lambda path, status: (status.st_mtime_ns, path),
}

Version = tuple[int, int, int]
"""Inode, size and time of the last change of a file."""


def version(status: os.stat_result) -> Version:
    return status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Found:
    """What a look has found."""

    files: list[Path]
    unreadable: dict[str, str] = field(default_factory=dict)
    """Folders below the first that cannot be read, with the reason."""


def find(settings: FileSettings, is_aside: Callable[[str, Version], bool]) -> Found:
    """Look; files that are ``is_aside`` are left alone.

    Raises OSError when the folder cannot be read, or when a file could not leave it or could not get to where it goes:
    better that its flow does not run than that it runs again and again.
    """
    place = settings.place.path
    if not place.is_dir():
        wanted = _wanted(settings, place.name, str(place), place.lstat(), is_aside)
        found = Found([place] if wanted else [])
    else:
        found = Found([])
        now = _entries(settings, found.unreadable, is_aside)
        choose = heapq.nsmallest if settings.ascending else heapq.nlargest
        found.files.extend(Path(path) for _, path in choose(min(settings.count or MOST, MOST), now))
    if found.files:
        _check_ways_out(settings)
    return found


def _entries(
    settings: FileSettings, unreadable: dict[str, str], is_aside: Callable[[str, Version], bool]
) -> Iterator[tuple[Any, str]]:
    """Sort key and path of each file that is wanted."""
    key = _KEYS[settings.sort_by]
    first = str(settings.place.path)
    folders = [first]
    while folders:
        folder = folders.pop()
        try:
            entries = os.scandir(folder)
        except OSError as error:
            if folder == first:
                raise
            unreadable[folder] = error.strerror or str(error)
            continue
        with entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # somebody was faster
                    if _wanted(settings, entry.name, entry.path, status, is_aside):
                        yield key(entry.path, status), entry.path
                elif settings.place.deep and entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)


def _wanted(
    settings: FileSettings,
    name: str,
    path: str,
    status: os.stat_result,
    is_aside: Callable[[str, Version], bool],
) -> bool:
    if name.startswith(".") or name.endswith(_OTHERS) or not name.isprintable():
        return False
    if settings.pattern is not None and settings.pattern.fullmatch(name) is None and path != str(settings.place.path):
        return False
    age = time.time() - status.st_mtime
    too_large = 0 <= settings.largest < status.st_size
    if too_large or not settings.youngest <= age <= settings.oldest:
        return False
    if is_aside(path, version(status)):
        return False
    return not (settings.respects_locks and os.path.lexists(f"{path}.lock"))


def _check_ways_out(settings: FileSettings) -> None:
    """Raises OSError."""
    ends = (settings.success, settings.failure)
    for after in ends:
        if after.what == "move":
            after.folder.mkdir(parents=True, exist_ok=True)
    changed = [after.folder for after in ends if after.what == "move"]
    if any(after.what in ("move", "delete") for after in ends):
        changed.append(settings.place.path if settings.place.path.is_dir() else settings.place.path.parent)
    for folder in changed:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it cannot be written to", str(folder))
