from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from engine.artifacts import _file_finder
from engine.artifacts._file_finder import Version, find
from engine.artifacts._file_settings import FileSettings


def never(path: str, found: Version) -> bool:
    return False


def settings(uri: str, **given: str) -> FileSettings:
    return FileSettings.read({f"transport.vfs.{name}": value for name, value in (given | {"FileURI": uri}).items()})


def names(folder: Path, **given: str) -> list[str]:
    found = find(settings(f"file://{folder}/*", **given), never)
    return [str(path.relative_to(folder)) for path in found.files]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for name in ("b", "sub/c", "sub/a", "a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, ["a", "b", "sub/a", "sub/c"]),
        ({"FileSortAscending": "false"}, ["sub/c", "sub/a", "b", "a"]),
        ({"FileSortAttribute": "Size"}, ["a", "b", "sub/a", "sub/c"]),
        ({"FileSortAttribute": "Size", "FileSortAscending": "false", "FileProcessCount": "1"}, ["sub/c"]),
    ],
)
def test_order(inbox: Path, given: dict[str, str], wanted: list[str]) -> None:
    assert names(inbox, **given) == wanted


def test_one_look_is_bounded(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_file_finder, "MOST", 3)
    assert names(inbox) == ["a", "b", "sub/a"]
    assert names(inbox, FileProcessCount="5") == ["a", "b", "sub/a"]


def test_what_is_aside_is_left_alone(inbox: Path) -> None:
    status = (inbox / "a").stat()
    version = (status.st_ino, 1, status.st_mtime_ns)
    found = find(settings(f"file://{inbox}"), lambda path, found: (path, found) == (str(inbox / "a"), version))
    assert found.files == [inbox / "b"]


def test_a_folder_below_that_cannot_be_read_keeps_nothing_back(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(folder: str | int) -> Any:
        if str(folder).endswith("/sub"):  # a number where a temporary folder of another test is removed just now
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(settings(f"file://{inbox}/*"), never)
    assert found.files == [inbox / "a", inbox / "b"]
    assert found.unreadable == {f"{inbox}/sub": "Permission denied"}


def test_folders_inside_one_another(tmp_path: Path) -> None:
    folders = [tmp_path / "in"]
    folders[0].mkdir()
    while len(folders) < 1100:  # Python's limit is 1,000 calls
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "a").touch()
    try:
        assert find(settings(f"file://{tmp_path}/in/*"), never).files == [folders[-1] / "a"]
    finally:
        (folders[-1] / "a").unlink()
        for folder in reversed(folders):
            folder.rmdir()


@pytest.mark.parametrize("given", [{}, {"ActionAfterFailure": "DELETE", "ActionAfterProcess": "NONE"}])
def test_a_folder_that_cannot_be_written_to(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    def refuse(path: Path, mode: int) -> bool:
        return path != inbox

    monkeypatch.setattr(os, "access", refuse)
    with pytest.raises(PermissionError) as raised:
        find(settings(f"file://{inbox}", **given), never)
    assert raised.value.filename == str(inbox)
    kept = {"ActionAfterProcess": "NONE", "ActionAfterFailure": "NONE"}
    assert len(find(settings(f"file://{inbox}", **kept), never).files) == 2
