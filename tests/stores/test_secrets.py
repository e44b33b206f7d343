from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.stores.secrets import KEY_VARIABLE, SecretStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecretStore:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return SecretStore(tmp_path / "secrets.enc", tmp_path / "secrets.key")


def _again(store: SecretStore) -> SecretStore:
    return SecretStore(store.file, store.key_file)


def test_a_secret_is_kept_and_found_by_others(store: SecretStore) -> None:
    store.set("db.password", "geheim ß 🗝")
    store.set("other", "")
    assert _again(store).get("db.password") == "geheim ß 🗝"
    assert _again(store).aliases() == ["db.password", "other"]


def test_what_is_not_there_is_none(store: SecretStore) -> None:
    assert store.get("x") is None
    assert store.aliases() == []
    assert store.remove("x") is False
    assert not store.key_file.exists()


def test_a_secret_is_replaced_and_removed(store: SecretStore) -> None:
    store.set("a", "1")
    store.set("a", "2")
    assert store.get("a") == "2"
    assert store.remove("a") is True
    assert store.get("a") is None


def test_a_change_by_another_process_is_seen(store: SecretStore) -> None:
    store.set("a", "1")
    assert store.get("a") == "1"
    _again(store).set("b", "a longer value")
    assert store.get("b") == "a longer value"


def test_nothing_of_it_can_be_read_without_the_key(store: SecretStore) -> None:
    store.set("db.password", "correct horse")
    content = store.file.read_bytes()
    assert b"correct" not in content
    assert b"db.password" not in content
    assert store.file.stat().st_mode & 0o777 == 0o600
    assert store.key_file.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_may_read_is_refused(store: SecretStore) -> None:
    store.set("a", "1")
    store.key_file.chmod(0o640)
    with pytest.raises(Fault, match="chmod 600"):
        _again(store).get("a")


def test_the_key_may_come_from_the_environment(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("a", "1")
    monkeypatch.setenv(KEY_VARIABLE, store.key_file.read_text())
    store.key_file.unlink()
    assert _again(store).get("a") == "1"


def test_another_key_is_told(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("a", "1")
    monkeypatch.setenv(KEY_VARIABLE, "A" * 43 + "=")
    with pytest.raises(Fault, match="the key is another one"):
        _again(store).get("a")


def test_a_missing_key_is_told(store: SecretStore) -> None:
    store.set("a", "1")
    store.key_file.unlink()
    with pytest.raises(Fault, match="there is no key for the secrets"):
        _again(store).get("a")


def test_a_key_that_is_none_is_told_without_showing_it(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "hunter2")
    with pytest.raises(Fault, match="no Fernet key") as raised:
        store.set("a", "1")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("alias", ["", "a b", "ä", "a\n", "x" * 129])
def test_names_are_plain(store: SecretStore, alias: str) -> None:
    with pytest.raises(Fault, match="is no name of a secret"):
        store.set(alias, "1")


def test_without_the_library_it_says_what_to_install(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(Fault, match=r"pip install 'myelin\[secrets\]'"):
        store.set("a", "1")


def test_a_file_that_is_too_large_is_refused(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("a", "1")
    monkeypatch.setattr("engine.stores.secrets.MAX_FILE", 10)
    with pytest.raises(Fault, match="the limit is 10"):
        _again(store).get("a")
