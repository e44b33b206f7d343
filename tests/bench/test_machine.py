from __future__ import annotations

import datetime
import platform
import re
from pathlib import Path

import pytest

from bench import machine, tools

NOW = datetime.datetime(2026, 3, 20, 15, 4, 5)


def test_says_date_cores_and_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx, strange = tmp_path / "nginx", tmp_path / "wrk"
    nginx.write_text("#!/bin/sh\necho nginx version: nginx/1.22.1 >&2\n")
    strange.write_text("#!/bin/sh\necho no number\nexit 1\n")
    for program in (nginx, strange):
        program.chmod(0o755)
    paths = {"nginx": str(nginx), "wrk": str(strange)}
    monkeypatch.setattr(tools, "find", paths.get)
    said = machine.describe(NOW)
    assert re.match(r"2026-03-20 15:04, \d+ cores, ", said)
    assert said.endswith(f", Python {platform.python_version()}, nginx 1.22.1, wrk")
