"""Files as places that messages come from and go to: addresses such as ``vfs:file:///srv/out?transport.vfs.Append=true``.

The names of the settings are those of Synapse's VFS transport. Local folders are all there is here.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote

from engine.core.env import env_of
from engine.core.wire import whole_body
from engine.declare.convert import Unacceptable
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.context import MessageContext

SCHEME = "vfs:"
DEFAULT_NAME = "response.xml"
"""Name of a file that is written into a folder when nobody gives one (VFSConstants.DEFAULT_RESPONSE_FILE)."""

_REPLY_NAME = "transport.vfs.ReplyFileName"
_APPEND, _CREATE_FOLDER = "transport.vfs.Append", "transport.vfs.CreateFolder"
_OTHER_SCHEME = re.compile(r"(?!file:)([A-Za-z][A-Za-z0-9+.-]+):")
_DEEP = "/*"


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A place in the file system."""

    path: Path
    is_folder: bool = False
    """Whether the address says so, by a slash at its end."""
    deep: bool = False
    """Whether the folders below it are meant too: ``/*`` at its end."""
    options: Mapping[str, str] = field(default_factory=dict)

    def option(self, name: str) -> bool:
        return self.options.get(name, "").strip().lower() == "true"


def parse_address(text: str) -> FileAddress:
    """``vfs:file:///a/b``, ``file:///a/b``, ``/a/b``, or a path from the folder that the engine runs in.

    Raises Unacceptable for another file system than the local one, and for a path with ``..``.
    """
    location, _, query = text.strip().removeprefix(SCHEME).partition("?")
    other = _OTHER_SCHEME.match(location)
    if other is not None:
        raise Unacceptable(
            f"the file system '{other[1]}' is not for this engine, which has local folders.",
            code="unsupported",
            hint="Mount the remote folder, or let a tool such as rclone or lftp bring the files into a local one.",
        )
    path = unquote(location.removeprefix("file:"))
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    if not path or "\0" in path or ".." in path.split("/"):
        raise Unacceptable(f"'{text}' is no path of a file or folder.", hint="Write it as file:///srv/inbox.")
    deep = path.endswith(_DEEP)
    path = path.removesuffix(_DEEP) or "/"
    return FileAddress(Path(path), path.endswith("/") or deep, deep, dict(parse_qsl(query)))


async def send(message: MessageContext, address: str, imposed_type: str | None = None, name: str = "") -> None:
    """Write the body of a message to ``address``; there is no answer. Raises TransportError 101500, and Fault.

    In a folder the file has the name of the header ``transport.vfs.ReplyFileName``, else ``name``. A reader sees the
    file when it is complete: it takes its place in one step, and that of an older one of the same name. With
    ``transport.vfs.Append=true`` the body is put at the end of the file that is there.
    """
    try:
        place = parse_address(address)
    except Unacceptable as error:
        raise TransportError(error.message, code=ErrorCode.SENDING, detail=error.hint) from None
    body, _ = await whole_body(message, env_of(message).limits.buffered_body, imposed_type)
    file_name = _checked(_reply_name(message) or name or DEFAULT_NAME)
    try:
        await asyncio.to_thread(_write, place, file_name, body)
    except OSError as error:
        raise TransportError(
            f"{place.path} cannot be written: {error.strerror or error}", code=ErrorCode.SENDING
        ) from None
    message.one_way = True


def _reply_name(message: MessageContext) -> str:
    raw = message.headers.first(_REPLY_NAME.lower().encode())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _checked(name: str) -> str:
    """A name that stays in its folder. Raises Fault."""
    if name in (".", "..") or re.search(r"[/\\\x00-\x1f\x7f]", name):
        raise Fault(f"{name[:80]!r} in {_REPLY_NAME} is no name of a file in a folder")
    return name


def _write(place: FileAddress, name: str, body: bytes) -> None:
    is_folder = place.is_folder or place.option(_CREATE_FOLDER) or place.path.is_dir()
    file = place.path / name if is_folder else place.path
    file.parent.mkdir(parents=True, exist_ok=True)
    if place.option(_APPEND):
        _append(file, body)
        return
    with replacing(file) as stream:
        stream.write(body)


@contextlib.contextmanager
def replacing(file: Path) -> Iterator[BinaryIO]:
    """What is written takes the place of ``file`` in one step, when the block ends well and it is on the disk."""
    part = file.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _append(file: Path, body: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o666), "ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # two that append at the same time do not mix their pieces
        stream.write(body)
