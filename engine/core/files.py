"""Files that artifacts name: they lie in the folder of the flows."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.declare.convert import Unacceptable

MAX_BYTES = 16 * 1024 * 1024
"""Size of one file, as of the flow files themselves."""


def file_in(folder: Path, name: str) -> Path:
    """The file ``name`` (``file:a/b``, ``file:///a/b`` or ``a/b``) in ``folder``.

    The reference looks in the folder that its engine runs in. Raises Unacceptable when there is no such file, when it
    is outside of the folder, or too large.
    """
    path = unquote(urlsplit(name).path) if name.startswith("file:") else name
    if "\0" in path:
        raise Unacceptable("a file name cannot hold a NUL character.")
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise Unacceptable(
            f"the file '{name}' is outside of the folder of the flows.",
            hint="Put it into that folder and name it from there.",
        )
    if not file.is_file():
        raise Unacceptable(
            f"there is no file '{path}' in the folder of the flows.",
            code="unreadable",
            hint="Put it there, or correct the name; it is relative to that folder.",
        )
    if file.stat().st_size > MAX_BYTES:
        raise Unacceptable(f"the file '{path}' has more than {MAX_BYTES:,} bytes.", code="too-large")
    return file
