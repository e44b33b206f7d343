"""The settings ``transport.vfs.…`` of what takes files: an inbound endpoint, or a proxy with the transport vfs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from engine.core.vfs import FileAddress, parse_address
from engine.declare.convert import Unacceptable
from engine.expressions.functions.java_date import format_date

PREFIX = "transport.vfs."
_TYPES = {".xml": "text/xml", ".txt": "text/plain", ".json": "application/json", ".csv": "text/csv"}
_OTHER_TYPE = "application/octet-stream"
_KNOWN = frozenset(
    {
        "FileURI",
        "FileNamePattern",
        "ContentType",
        "ActionAfterProcess",
        "ActionAfterFailure",
        "MoveAfterProcess",
        "MoveAfterFailure",
        "MoveTimestampFormat",
        "Locking",
        "FileSortAttribute",
        "FileSortAscending",
        "FileProcessCount",
        "FileProcessInterval",
        "MinimumAge",
        "MaximumAge",
        "waitTimeBeforeRead",
        "FileSizeLimit",
        "ReplyFileURI",
        "ReplyFileName",
    }
)
_NEEDLESS = frozenset(
    {
        "Streaming",
        "Build",
        "CreateFolder",
        "ClusterAware",
        "ClusterAwareness",
        "DistributedLock",
        "DistributedTimeout",
        "AutoLockRelease",
        "AutoLockReleaseInterval",
        "LockReleaseSameNode",
        "UpdateLastModified",
        "IsMounted",
        "MaxRetryCount",
        "ReconnectTimeout",
        "AvoidPermissionCheck",
        "FailedRecordsFileName",
        "FailedRecordsFileDestination",
        "FailedRecordNextRetryDuration",
        "MoveFailedRecordTimestampFormat",
    }
)
"""What they are for is always so here, or is done in another way."""

SortBy = Literal["Name", "Size", "Lastmodifiedtimestamp"]


@dataclass(frozen=True, slots=True)
class After:
    """What becomes of a file: ``stay`` leaves it for the next look, ``aside`` until it changes."""

    what: Literal["delete", "move", "stay", "aside"]
    folder: Path = Path()
    deep: bool = False
    """Whether the folders below FileURI are kept below ``folder``."""


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Times are in seconds, sizes in bytes."""

    place: FileAddress
    pattern: re.Pattern[str] | None
    content_type: str
    success: After
    failure: After
    stamp: str
    """SimpleDateFormat pattern that a moved file's name begins with."""
    respects_locks: bool
    sort_by: SortBy
    ascending: bool
    count: int
    """Files of one look; 0 for all."""
    pause: float
    """Between two files."""
    youngest: float
    oldest: float
    largest: int
    """Files with more bytes are left alone; negative for no limit."""
    reply: str
    """Address that the answers of a proxy are written to; empty for none."""
    reply_name: str

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> FileSettings:
        """Raises Unacceptable for what is missing, wrong, or not for this engine."""
        given = {name.removeprefix(PREFIX): value.strip() for name, value in parameters.items()}
        if not given.get("FileURI"):
            raise Unacceptable(
                f"the parameter '{PREFIX}FileURI' is missing.",
                code="missing-element",
                hint="Name the folder, as in file:///srv/inbox.",
            )
        reply = given.get("ReplyFileURI", "")
        if reply:
            parse_address(reply)
        place, stamp = parse_address(given["FileURI"]), _stamp(given.get("MoveTimestampFormat", ""))
        success, failure = _after(given, "Process", After("delete")), _after(given, "Failure", After("aside"))
        if not stamp:
            _check_apart(place, success, "Process")
            _check_apart(place, failure, "Failure")
        young = max(_number(given, "MinimumAge", 0), _number(given, "waitTimeBeforeRead", 0) / 1000)
        return cls(
            place=place,
            pattern=_pattern(given.get("FileNamePattern", "")),
            content_type=given.get("ContentType", ""),
            success=success,
            failure=failure,
            stamp=stamp,
            respects_locks=given.get("Locking", "").lower() != "disable",
            sort_by=_sort_by(given.get("FileSortAttribute", "")),
            ascending=given.get("FileSortAscending", "true").lower() != "false",
            count=int(_number(given, "FileProcessCount", 0)),
            pause=_number(given, "FileProcessInterval", 0) / 1000,
            youngest=young,
            oldest=_number(given, "MaximumAge", 0) or float("inf"),
            largest=int(_number(given, "FileSizeLimit", -1)),
            reply=reply,
            reply_name=given.get("ReplyFileName", ""),
        )

    def type_of(self, file: Path) -> str:
        """The content type of a file: the setting's, else by its name."""
        return self.content_type or _TYPES.get(file.suffix.lower(), _OTHER_TYPE)

    def moved(self, file: Path, after: After) -> Path:
        """Where ``file`` is moved to."""
        folder = after.folder
        if after.deep and self.place.path in file.parents:
            folder = folder / file.parent.relative_to(self.place.path)
        stamp = format_date(datetime.now(UTC).astimezone(), self.stamp) if self.stamp else ""
        return folder / f"{stamp}{file.name}"


def without_effect(parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The remarks on settings of the transport vfs that change nothing here."""
    for name in parameters:
        short = name.removeprefix(PREFIX)
        if short != name and short not in _KNOWN | _NEEDLESS:
            near = difflib.get_close_matches(short, _KNOWN, 1)
            hint = f"Did you mean {PREFIX}{near[0]}?" if near else "Take it out if nothing depends on it."
            yield f"the parameter '{name}' has no effect.", hint


def _check_apart(place: FileAddress, after: After, what: str) -> None:
    """Raises Unacceptable when what is moved would be taken again, for ever."""
    if after.what != "move":
        return
    watched, target = place.path.absolute(), after.folder.absolute()
    if target == watched or (place.deep and watched in target.parents):
        raise Unacceptable(
            f"the parameter '{PREFIX}MoveAfter{what}' names a folder whose files are taken: they would be taken again.",
            hint="Move them to a folder that is not looked into.",
        )


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    text = given.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not number >= min(default, 0):
        raise Unacceptable(f"the parameter '{PREFIX}{name}' is '{text}', which is no such number.")
    return number


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise Unacceptable(
            f"the parameter '{PREFIX}FileNamePattern' is no regular expression: {error}.",
            hint=r"It is one, not a wildcard: .*\.xml takes what ends in .xml.",
        ) from None


def _after(given: Mapping[str, str], what: str, default: After) -> After:
    action = given.get(f"ActionAfter{what}", "").upper()
    if not action:
        return default
    if action == "DELETE":
        return After("delete")
    if action == "NONE":
        return After("stay")
    if action != "MOVE":
        raise Unacceptable(f"the parameter '{PREFIX}ActionAfter{what}' is '{action}', and may be MOVE, DELETE or NONE.")
    folder = given.get(f"MoveAfter{what}", "")
    if not folder:
        raise Unacceptable(
            f"ActionAfter{what} is MOVE, and the parameter '{PREFIX}MoveAfter{what}' is missing.",
            code="missing-element",
            hint="Name the folder that the files go to.",
        )
    address = parse_address(folder)
    return After("move", address.path, address.deep)


def _stamp(pattern: str) -> str:
    try:
        stamp = format_date(datetime.now(UTC), pattern)
    except ValueError as error:
        raise Unacceptable(f"the parameter '{PREFIX}MoveTimestampFormat' is no date pattern: {error}.") from None
    if "/" in stamp:
        raise Unacceptable(f"the parameter '{PREFIX}MoveTimestampFormat' has a slash, which no file name can have.")
    return pattern


def _sort_by(text: str) -> SortBy:
    for each in get_args(SortBy):
        if text.lower() == each.lower():
            return each  # type: ignore[no-any-return]  # get_args knows no types
    if text.upper() in ("", "NONE"):
        return "Name"
    raise Unacceptable(
        f"the parameter '{PREFIX}FileSortAttribute' is '{text}', and may be {', '.join(get_args(SortBy))} or NONE."
    )
