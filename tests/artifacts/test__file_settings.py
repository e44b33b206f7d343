from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.artifacts._file_settings import After, FileSettings, without_effect
from engine.core.vfs import FileAddress
from engine.declare.convert import Unacceptable


def read(**settings: str) -> FileSettings:
    return FileSettings.read({f"transport.vfs.{name}": value for name, value in settings.items()})


def test_defaults() -> None:
    settings = read(FileURI="file:///in")
    assert settings.place == FileAddress(Path("/in"))
    assert settings.pattern is None
    assert (settings.success, settings.failure) == (After("delete"), After("aside"))
    assert settings.respects_locks
    assert (settings.sort_by, settings.ascending, settings.count, settings.pause) == ("Name", True, 0, 0)
    assert (settings.youngest, settings.oldest, settings.largest) == (0, float("inf"), -1)
    assert (settings.stamp, settings.reply, settings.reply_name) == ("", "", "")


def test_all_given() -> None:
    settings = read(
        FileURI="vfs:file:///in",
        FileNamePattern=r".*\.xml",
        ContentType="text/xml; charset=ISO-8859-1",
        ActionAfterProcess="MOVE",
        MoveAfterProcess="file:///done",
        ActionAfterFailure="none",
        Locking="disable",
        FileSortAttribute="lastmodifiedtimestamp",
        FileSortAscending="false",
        FileProcessCount="5",
        FileProcessInterval="250",
        MinimumAge="2",
        MaximumAge="60",
        FileSizeLimit="1000",
        ReplyFileURI="file:///reply",
        ReplyFileName="r.xml",
    )
    assert settings.pattern == re.compile(r".*\.xml")
    assert settings.type_of(Path("a.json")) == "text/xml; charset=ISO-8859-1"
    assert (settings.success, settings.failure) == (After("move", Path("/done")), After("stay"))
    assert not settings.respects_locks
    assert (settings.sort_by, settings.ascending) == ("Lastmodifiedtimestamp", False)
    assert (settings.count, settings.pause) == (5, 0.25)
    assert (settings.youngest, settings.oldest, settings.largest) == (2, 60, 1000)
    assert (settings.reply, settings.reply_name) == ("file:///reply", "r.xml")


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({}, "missing-element", "'transport.vfs.FileURI' is missing"),
        ({"FileURI": "ftp://h/in"}, "unsupported", "the file system 'ftp'"),
        ({"FileURI": "/in", "FileNamePattern": "*.xml"}, "bad-value", "is no regular expression"),
        ({"FileURI": "/in", "ActionAfterProcess": "COPY"}, "bad-value", "may be MOVE, DELETE or NONE"),
        ({"FileURI": "/in", "ActionAfterFailure": "MOVE"}, "missing-element", "'transport.vfs.MoveAfterFailure' is"),
        ({"FileURI": "/in", "MoveTimestampFormat": "yyyy/MM"}, "bad-value", "has a slash"),
        ({"FileURI": "/in", "MoveTimestampFormat": "b"}, "bad-value", "is no date pattern"),
        ({"FileURI": "/in", "FileSortAttribute": "Age"}, "bad-value", "may be Name, Size, Lastmodifiedtimestamp"),
        ({"FileURI": "/in", "FileProcessCount": "many"}, "bad-value", "is 'many', which is no such number"),
        ({"FileURI": "/in", "MinimumAge": "-1"}, "bad-value", "is '-1', which is no such number"),
        ({"FileURI": "/in", "ActionAfterProcess": "MOVE", "MoveAfterProcess": "/in/"}, "bad-value", "taken again"),
        ({"FileURI": "/in/*", "ActionAfterFailure": "MOVE", "MoveAfterFailure": "/in/x"}, "bad-value", "taken again"),
        ({"FileURI": "/in", "ReplyFileURI": "sftp://h"}, "unsupported", "the file system 'sftp'"),
    ],
)
def test_mistakes(settings: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        read(**settings)
    assert raised.value.code == code
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        ({"FileURI": "/in", "MoveAfterProcess": "/in/done"}, "/in/done"),
        ({"FileURI": "/in", "MoveAfterProcess": "/in", "MoveTimestampFormat": "yyyy"}, "/in"),
    ],
)
def test_a_folder_that_is_not_looked_into_or_where_files_get_another_name(
    settings: dict[str, str], folder: str
) -> None:
    assert read(ActionAfterProcess="MOVE", **settings).success == After("move", Path(folder))


def test_what_has_no_effect() -> None:
    names = ("FileURI", "Streaming", "Filenamepattern", "CheckSizeInterval")
    parameters = {f"transport.vfs.{name}": "" for name in names} | {"interval": "5"}
    assert list(without_effect(parameters)) == [
        ("the parameter 'transport.vfs.Filenamepattern' has no effect.", "Did you mean transport.vfs.FileNamePattern?"),
        ("the parameter 'transport.vfs.CheckSizeInterval' has no effect.", "Take it out if nothing depends on it."),
    ]


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("a.XML", "text/xml"),
        ("a.json", "application/json"),
        ("a.txt", "text/plain"),
        ("a.csv", "text/csv"),
        ("a", "application/octet-stream"),
    ],
)
def test_types_by_name(name: str, type_: str) -> None:
    assert read(FileURI="/in").type_of(Path(name)) == type_


def test_where_files_go() -> None:
    year = datetime.now(UTC).astimezone().year
    settings = read(FileURI="/in/*", MoveTimestampFormat="yyyy'-'")
    assert settings.moved(Path("/in/a/x"), After("move", Path("/done"))) == Path(f"/done/{year}-x")
    assert settings.moved(Path("/in/a/x"), After("move", Path("/done"), deep=True)) == Path(f"/done/a/{year}-x")
