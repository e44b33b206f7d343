"""Commands run inside the test's process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import main

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def flows(home: Path) -> Path:
    """A good proxy, a sequence with a warning, and one with an error."""
    folder = home / "flows"
    folder.mkdir()
    (folder / "good.xml").write_text(f'<proxy {NAMESPACE} name="good"/>')
    (folder / "warned.xml").write_text(f'<sequence {NAMESPACE} name="warned"><log levle="full"/></sequence>')
    (folder / "bad.xml").write_text(f'<sequence {NAMESPACE} name="bad">\n<lgo/></sequence>')
    return folder


@pytest.fixture
def myelin(home: Path) -> Iterator[Run]:
    """``myelin`` with arguments, as typed. What a server changes in its garbage collector is put back."""
    runner, threshold = CliRunner(), gc.get_threshold()
    yield lambda *arguments: runner.invoke(main, arguments, prog_name="myelin")
    gc.set_threshold(*threshold)
    gc.unfreeze()
