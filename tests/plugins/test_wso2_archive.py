from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from engine.plugins import wso2_archive
from engine.plugins.wso2_archive import BadArchive, open_archive
from tests.plugins.wso2 import write_folder, write_zip

FILES = {"connector.xml": "<connector/>", "a/b.xml": "<b/>"}


def test_a_zip_and_a_folder_give_the_same_files(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "c.zip", FILES), write_folder(tmp_path / "c", FILES)):
        archive = open_archive(path)
        assert archive.names == {"connector.xml", "a/b.xml"}
        assert archive.read("a/b.xml") == b"<b/>"
    assert open_archive(tmp_path / "c.zip").label("a/b.xml") == f"{tmp_path}/c.zip!a/b.xml"
    assert open_archive(tmp_path / "c").label("a/b.xml") == f"{tmp_path}/c/a/b.xml"


@pytest.mark.parametrize("name", ["../evil.xml", "a/../../evil.xml", "/etc/evil.xml", "C:\\evil.xml", "..\\evil.xml"])
def test_zip_slip(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadArchive, match="leads out"):
        open_archive(write_zip(tmp_path / "c.zip", {name: "x"}))


def test_links_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo("link.xml")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    with pytest.raises(BadArchive, match="is a link"):
        open_archive(path)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret/>")
    folder = write_folder(tmp_path / "c", FILES)
    (folder / "link.xml").symlink_to(secret)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert open_archive(folder).names == {"connector.xml", "a/b.xml"}


def test_zip_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wso2_archive, "MAX_TOTAL", 1_000_000)
    monkeypatch.setattr(wso2_archive, "MAX_FILE", 100_000)
    monkeypatch.setattr(wso2_archive, "MAX_FILES", 10)
    with pytest.raises(BadArchive, match="unpacks to more"):
        open_archive(write_zip(tmp_path / "total.zip", {"a.xml": "x" * 1_000_001}))
    with pytest.raises(BadArchive, match="has more than 100,000 bytes"):
        open_archive(write_zip(tmp_path / "file.zip", {"a.xml": "x" * 100_001})).read("a.xml")
    many = {f"{index}.xml": "" for index in range(11)}
    with pytest.raises(BadArchive, match="11 files"):
        open_archive(write_zip(tmp_path / "many.zip", many))
    with pytest.raises(BadArchive, match="more than 10 files"):
        open_archive(write_folder(tmp_path / "many", many))
    with pytest.raises(BadArchive, match="has more than"):
        open_archive(write_folder(tmp_path / "big", {"a.xml": "x" * 100_001})).read("a.xml")


def test_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    path.write_bytes(b"PK nonsense")
    with pytest.raises(BadArchive, match="not a zip file"):
        open_archive(path)


def test_a_zip_cut_short(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "c.zip", {"a.xml": "hello " * 1000})
    damaged = bytearray(path.read_bytes())
    damaged[45:60] = b"\xff" * 15
    path.write_bytes(damaged)
    with pytest.raises(BadArchive):
        open_archive(path).read("a.xml")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_damaged_byte_of_a_zip_is_told_as_such(tmp_path: Path, method: int) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("a.xml", "hello " * 50)
    whole = path.read_bytes()
    refused = 0
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            archive = open_archive(path)
            assert all(archive.read(name) == b"hello " * 50 for name in archive.names)
        except BadArchive:
            refused += 1
    assert refused > 20


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.xml", "1")
        file.writestr("a.xml", "2")
    with pytest.raises(BadArchive, match="twice"):
        open_archive(path)
