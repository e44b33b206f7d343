"""The registry: a folder of resources, shared by all workers.

``conf:/x`` is ``config/x``, ``gov:/x`` is ``governance/x``, ``local:/x`` and any other path are ``local/x`` under the
folder. Files are written atomically and readable by their owner only: tokens live here.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from engine.errors import Fault
from engine.stores.files import write_atomically

_ROOTS = {"conf:": "config", "gov:": "governance", "local:": "local"}
MAX_RESOURCE = 16 * 1024 * 1024
"""Bytes of one resource."""


class FileRegistry:
    """Resources as files below ``folder``, which is made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, path: str) -> bytes | None:
        """The content, or None when there is no such resource. Raises Fault for a path that leaves the registry."""
        try:
            return self.file_of(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Fault(f"registry resource '{path}' cannot be read: {error.strerror}") from None

    def put(self, path: str, content: bytes) -> None:
        """Write or replace a resource. Raises Fault when it is too large or cannot be written."""
        if len(content) > MAX_RESOURCE:
            raise Fault(f"registry resource '{path}' has {len(content):,} bytes; the limit is {MAX_RESOURCE:,}")
        target = self.file_of(path)
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(target, content)
        except OSError as error:
            raise Fault(f"registry resource '{path}' cannot be written: {error.strerror}") from None

    def delete(self, path: str) -> None:
        """Remove a resource, if there is one. Raises Fault when it cannot be removed, as a folder cannot."""
        try:
            self.file_of(path).unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise Fault(f"registry resource '{path}' cannot be deleted: {error.strerror}") from None

    def file_of(self, path: str) -> Path:
        """Where a resource lies. Raises Fault for ``..`` and the like."""
        for prefix, folder in _ROOTS.items():
            if path.startswith(prefix):
                return self._inside(folder, path[len(prefix) :], path)
        return self._inside("local", path, path)

    def _inside(self, root: str, relative: str, path: str) -> Path:
        parts = PurePosixPath(relative.strip("/")).parts
        if not parts or any(part in ("..", ".") or "\0" in part for part in parts):
            raise Fault(f"'{path}' is no path of a registry resource", status=400)
        file = self.folder.joinpath(root, *parts)
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise Fault(f"'{path}' leads out of the registry", status=400)
        return file
