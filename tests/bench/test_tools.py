from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import tools


def install(folder: Path, *programs: str) -> None:
    for program in programs:
        (folder / program).write_text("#!/bin/sh\n")
        (folder / program).chmod(0o755)


def test_programs_of_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    install(tmp_path, *tools.PACKAGES)
    assert tools.find("wrk") == str(tmp_path / "wrk")
    assert tools.missing() == {}


def test_each_missing_program_comes_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    install(tmp_path, "nginx")  # it may lie in /usr/sbin as well
    assert tools.missing() == {
        "node": "node is missing: sudo apt-get install nodejs",
        "openssl": "openssl is missing: sudo apt-get install openssl",
        "wrk": "wrk is missing: sudo apt-get install wrk",
    }


def test_nginx_is_found_where_debian_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    searched = []
    monkeypatch.setattr(shutil, "which", lambda program, path: searched.append((program, path)))
    assert tools.find("nginx") is None
    assert searched == [("nginx", f"{tmp_path}:/usr/sbin")]
