from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.artifacts._held_file import HeldFile
from engine.errors import Fault


def take(path: Path) -> HeldFile:
    held = HeldFile.take(path, path.parent)
    assert held is not None
    return held


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_bytes(b"x" * 300_000)
    return path


async def test_the_body_comes_in_pieces_and_ends_with_the_lock(file: Path) -> None:
    held = take(file)
    body = held.body()
    assert not isinstance(body, bytes)
    assert body.length == 300_000
    assert [len(await body.read()) for _ in range(2)] == [262_144, 37_856]
    assert await body.read() == b""
    held.close()


async def test_a_body_cannot_be_read_when_its_file_was_given_back(file: Path) -> None:
    held = take(file)
    body = held.body()
    assert not isinstance(body, bytes)
    held.close()
    with pytest.raises(Fault, match="its flow has ended"):
        await body.read()


async def test_a_file_that_becomes_shorter_is_a_fault(file: Path) -> None:
    held = take(file)
    os.truncate(file, 0)
    body = held.body()
    assert not isinstance(body, bytes)
    with pytest.raises(Fault, match="became shorter"):
        await body.read()
    assert held.has_changed
    held.close()


def test_one_at_a_time(file: Path) -> None:
    first = take(file)
    assert HeldFile.take(file, file.parent) is None
    first.close()
    take(file).close()


def test_a_file_that_another_has_moved_meanwhile_is_not_taken_twice(file: Path, tmp_path: Path) -> None:
    held = take(file)
    held.move(tmp_path / "done" / "a.txt")
    assert not held.is_there
    file.write_text("another one")
    held.delete()  # not this one
    held.move(tmp_path / "elsewhere")
    held.close()
    assert file.read_text() == "another one"
    assert (tmp_path / "done" / "a.txt").stat().st_size == 300_000


def test_what_is_no_file_of_the_folder_is_not_taken(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_text("b")
    link, folder_link = file.parent / "link.txt", file.parent / "folder"
    link.symlink_to(outside / "b.txt")
    folder_link.symlink_to(outside)
    os.mkfifo(file.parent / "pipe")
    for each in (link, folder_link / "b.txt", file.parent / "none", file.parent / "pipe"):
        assert HeldFile.take(each, file.parent) is None


def test_an_empty_file_has_an_empty_body(file: Path) -> None:
    file.write_bytes(b"")
    held = take(file)
    assert held.body() == b""
    held.close()


@pytest.mark.parametrize("end", ["delete", "move"])
def test_a_link_that_takes_the_place_of_its_folder_leads_nowhere(tmp_path: Path, end: str) -> None:
    root, outside = tmp_path / "in", tmp_path / "outside"
    for folder in (root / "sub", outside):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(folder.name)
    held = HeldFile.take(root / "sub" / "a.txt", root)
    assert held is not None
    (root / "sub").rename(root / "elsewhere")
    (root / "sub").symlink_to(outside)
    held.delete() if end == "delete" else held.move(tmp_path / "done" / "a.txt")
    held.close()
    assert (outside / "a.txt").read_text() == "outside"
    assert not (root / "elsewhere" / "a.txt").exists()


def test_to_another_file_system(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def refuse(source: str, target: Path, *, src_dir_fd: int | None = None) -> None:
        if src_dir_fd is not None:
            raise OSError(18, "Invalid cross-device link")
        replace(source, target)

    file.chmod(0o640)
    os.utime(file, ns=(0, 1_700_000_000_123_000_000))
    monkeypatch.setattr(os, "replace", refuse)
    held = take(file)
    held.move(tmp_path / "done" / "a.txt")
    held.close()
    assert not file.exists()
    assert [each.name for each in (tmp_path / "done").iterdir()] == ["a.txt"]
    moved = (tmp_path / "done" / "a.txt").stat()
    assert (moved.st_size, moved.st_mode & 0o777, moved.st_mtime_ns) == (300_000, 0o640, 1_700_000_000_123_000_000)
