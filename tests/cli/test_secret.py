from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.secret import command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MYELIN_SECRETS_KEY", raising=False)
    return tmp_path


def _run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(command, arguments, input=stdin)


def test_set_list_remove(folder: Path) -> None:
    done = _run("set", "db.password", stdin="correct horse\n")
    assert done.exit_code == 0
    assert "correct horse" not in done.output
    assert b"correct horse" not in (folder / "secrets.enc").read_bytes()
    _run("set", "api", stdin="k")
    assert _run("list").output == "api\ndb.password\n"
    assert _run("remove", "api").exit_code == 0
    assert _run("list").output == "db.password\n"


def test_what_is_not_there_cannot_be_removed() -> None:
    done = _run("remove", "x")
    assert (done.exit_code, done.output) == (1, "myelin: there is no secret 'x'\n")


def test_the_value_is_kept_as_it_is(folder: Path) -> None:
    from engine.stores.secrets import SecretStore

    _run("set", "a", stdin=" two\nlines \n")
    assert SecretStore(folder / "secrets.enc", folder / "secrets.key").get("a") == " two\nlines "


def test_the_configuration_says_where(folder: Path) -> None:
    (folder / "myelin.yaml").write_text("secrets: {file: a/s.enc, key_file: b/s.key}")
    assert _run("set", "a", stdin="1").exit_code == 0
    assert (folder / "a/s.enc").exists()
    assert (folder / "b/s.key").exists()


def test_what_is_wrong_is_told(folder: Path) -> None:
    assert "is no name of a secret" in _run("set", "a b", stdin="x").output
    (folder / "myelin.yaml").write_text("secret: {}")
    done = _run("list")
    assert done.exit_code == 2
    assert "there is no setting 'secret'" in done.output
