"""``python -m bench`` on a machine that lacks its programs. What it measures is not for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import tools
from bench.__main__ import NAMES, main

CHECKOUT = Path(__file__).parents[2]


def test_empty_path(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--only", "direct", "--only", "xslt", "--only", "cbr"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PATH"}
        | {"PATH": str(tmp_path), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert "wrk is missing: sudo apt-get install wrk\n" in done.stderr
    assert "### DirectProxy, JSON\n\nnot measured: " in done.stdout
    assert "wrk missing\n" in done.stdout
    assert done.stdout.count("not measured: ") == 3


def test_nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "find", lambda program: None)
    done = CliRunner().invoke(main, ["--only", "direct", "--only", "connector", "--json", str(tmp_path / "all.json")])
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "nginx is missing: sudo apt-get install nginx",
        "node is missing: sudo apt-get install nodejs",
        "openssl is missing: sudo apt-get install openssl",
        "wrk is missing: sudo apt-get install wrk",
    ]
    assert done.stdout.count("not measured: nginx and wrk missing") == 2
    assert (tmp_path / "all.json").read_text() == '{\n  "scenarios": []\n}\n'


def test_unknown_group() -> None:
    done = CliRunner().invoke(main, ["--only", "dircet"])
    assert done.exit_code == 2
    assert "direct" in NAMES
    assert "'dircet' is not one of" in done.stderr
