from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.stores.registry import FileRegistry


@pytest.fixture
def store(tmp_path: Path) -> FileRegistry:
    return FileRegistry(tmp_path / "registry")


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("conf:/tokens/a.json", "config/tokens/a.json"),
        ("conf:tokens/a.json", "config/tokens/a.json"),
        ("gov:/wsdl/x", "governance/wsdl/x"),
        ("local:/wsdl/x", "local/wsdl/x"),
        ("connectors/GoToWebinar", "local/connectors/GoToWebinar"),
        ("/connectors/GoToWebinar/", "local/connectors/GoToWebinar"),
        ("conf:/a//b", "config/a/b"),
        ("a/./b", "local/a/b"),
    ],
)
def test_path_of_a_resource(store: FileRegistry, path: str, file: str) -> None:
    assert store.file_of(path) == store.folder / file
    store.put(path, b"content")
    assert (store.folder / file).read_bytes() == b"content"
    assert store.get(path) == b"content"


@pytest.mark.parametrize("path", ["", "/", "conf:", "conf:/", "..", "conf:/../x", "gov:/a/../../x", "a/..", "a\0b"])
def test_path_that_is_none(store: FileRegistry, path: str) -> None:
    for attempt in (lambda: store.get(path), lambda: store.put(path, b""), lambda: store.delete(path)):
        with pytest.raises(Fault, match="no path of a registry resource"):
            attempt()
    assert not store.folder.exists()


def test_link_that_leads_out_is_refused(store: FileRegistry, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (store.folder / "config").mkdir(parents=True)
    (store.folder / "config" / "out").symlink_to(tmp_path)
    for attempt in (lambda: store.get("conf:/out/secret"), lambda: store.put("conf:/out/secret", b"x")):
        with pytest.raises(Fault, match="leads out of the registry"):
            attempt()
    assert (tmp_path / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("path", ["conf:/nothing", "conf:/folder", "conf:/folder/file/below"])
def test_no_such_resource(store: FileRegistry, path: str) -> None:
    store.put("conf:/folder/file", b"x")
    assert store.get(path) is None


def test_replaced_and_deleted(store: FileRegistry) -> None:
    store.put("a", b"one")
    store.put("a", b"two")
    assert store.get("a") == b"two"
    store.delete("a")
    assert store.get("a") is None
    store.delete("a")
    store.put("a", b"three")
    store.delete("a/b")
    assert store.get("a") == b"three"


def test_readable_by_the_owner_only(store: FileRegistry) -> None:
    before = os.umask(0)
    try:
        store.put("conf:/tokens/a", b"secret")
        store.put("conf:/tokens/a", b"newer secret")
    finally:
        os.umask(before)
    file = store.file_of("conf:/tokens/a")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_failed_write_keeps_the_old_content_and_leaves_nothing_behind(
    store: FileRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", b"old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.stores.files.os.fsync", fail)
    with pytest.raises(Fault, match="'a' cannot be written: No space left on device"):
        store.put("a", b"new")
    assert store.get("a") == b"old"
    assert [file.name for file in (store.folder / "local").iterdir()] == ["a"]


def test_name_taken_by_a_file(store: FileRegistry) -> None:
    store.put("a", b"x")
    with pytest.raises(Fault, match="'a/b' cannot be written"):
        store.put("a/b", b"y")


def test_too_large(store: FileRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.stores.registry.MAX_RESOURCE", 3)
    store.put("a", b"123")
    with pytest.raises(Fault, match="has 4 bytes; the limit is 3"):
        store.put("a", b"1234")
    assert store.get("a") == b"123"


def test_resource_that_cannot_be_read(store: FileRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(Fault, match="'a' cannot be read: Permission denied"):
        store.get("a")


def test_folder_cannot_be_deleted(store: FileRegistry) -> None:
    store.put("folder/a", b"x")
    with pytest.raises(Fault, match="'folder' cannot be deleted"):
        store.delete("folder")
