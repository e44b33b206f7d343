from __future__ import annotations

from pathlib import Path

import pytest

from engine.core import files
from engine.core.files import file_in
from engine.declare.convert import Unacceptable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a b.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.mark.parametrize("name", ["sub/a b.txt", "file:sub/a%20b.txt", "file:./sub/a%20b.txt", "sub/../sub/a b.txt"])
def test_files_in_the_folder(folder: Path, name: str) -> None:
    assert file_in(folder, name) == (folder / "sub" / "a b.txt").resolve()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.txt", "bad-value"),
        ("file:../secret.txt", "bad-value"),
        ("file:%2e%2e/secret.txt", "bad-value"),
        ("link.txt", "bad-value"),
        ("/etc/hostname", "bad-value"),
        ("file:///etc/hostname", "bad-value"),
        ("sub", "unreadable"),
        ("none.txt", "unreadable"),
        ("a\0b", "bad-value"),
    ],
)
def test_no_other_files(folder: Path, name: str, code: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        file_in(folder, name)
    assert raised.value.code == code


def test_an_absolute_name_inside_the_folder(folder: Path) -> None:
    assert file_in(folder, f"file://{folder}/sub/a%20b.txt").name == "a b.txt"


def test_large_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 0)
    with pytest.raises(Unacceptable) as raised:
        file_in(folder, "sub/a b.txt")
    assert raised.value.code == "too-large"
