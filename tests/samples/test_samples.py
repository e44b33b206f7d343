"""Every sample does what its ``sample.yaml`` says: requests, their answers, and a back end that is played."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from samples.back_end import PORT, BackEnd
from tests.deploy.cars import zipped
from tests.e2e.conftest import CHECKOUT, PATIENCE, eventually, start_engine

SAMPLES = CHECKOUT / "samples"
FOLDERS = sorted(
    each for each in SAMPLES.iterdir() if each.is_dir() and each.name not in ("gotowebinar", "__pycache__")
)


@contextlib.contextmanager
def _playing(sample: Path, answers: dict[str, Any]) -> Iterator[BackEnd]:
    with BackEnd(sample, answers, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _compare(got: str, expected: Path, any_order: bool = False) -> None:
    """JSON as JSON, all else byte for byte, but for the newline at the end of a file.

    any_order: both are JSON arrays of the same items; which comes first is decided by who answers first.
    """
    text = expected.read_text("utf-8")
    if any_order:
        assert sorted(map(json.dumps, json.loads(got))) == sorted(map(json.dumps, json.loads(text)))
    elif expected.suffix == ".json":
        assert json.loads(got) == json.loads(text)
    else:
        assert got.rstrip("\n") == text.rstrip("\n")


def _send(sample: Path, port: int, request: dict[str, Any]) -> None:
    method, path = request["send"].split(" ", 1)
    body = (sample / request["body"]).read_bytes() if "body" in request else None
    url = f"http://127.0.0.1:{port}{path}"
    answer = requests.request(method, url, data=body, headers=request.get("headers", {}), timeout=PATIENCE)
    assert answer.status_code == request.get("status", 200), answer.text
    if "answer" in request:
        got = answer.content.decode().replace(f"127.0.0.1:{port}", "127.0.0.1:8290")
        _compare(got, sample / request["answer"], request.get("any_order", False))
    else:
        assert answer.content == b""


def _keep_secrets(home: Path, secrets: dict[str, str]) -> None:
    for alias, value in secrets.items():
        command = [sys.executable, "-m", "engine", "secret", "set", alias]
        subprocess.run(
            command, cwd=home, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, input=value, text=True, check=True
        )


def _flows(sample: Path, plan: dict[str, Any], port: int) -> dict[str, str | bytes]:
    """The files beneath ``flows/``, with the port of the back end, and the folders that are to lie there zipped."""
    folder = sample / "flows"
    found: dict[str, str | bytes] = {
        str(file.relative_to(folder)): file.read_text("utf-8").replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{port}")
        for file in folder.rglob("*")
        if file.is_file()
    }
    for name, zipped_folder in plan.get("zips", {}).items():
        files = (file for file in (sample / zipped_folder).rglob("*") if file.is_file())
        found[name] = zipped({str(file.relative_to(sample / zipped_folder)): file.read_bytes() for file in files})
    return found


def _got(sample: Path, back_end: BackEnd, expected: dict[str, Any]) -> bool:
    """Whether the back end got such a request, as often as it should."""
    body = json.loads((sample / expected["body"]).read_bytes()) if "body" in expected else None
    found = [
        request
        for request, headers, content in list(back_end.got)
        if request == expected["request"]
        and (body is None or json.loads(content) == body)
        and expected.get("headers", {}).items() <= headers.items()
    ]
    return len(found) == expected.get("times", 1)


@pytest.mark.parametrize("sample", FOLDERS, ids=lambda each: each.name)
def test_a_sample_does_what_it_says(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = yaml.safe_load((sample / "sample.yaml").read_text())
    assert plan.get("requests") or plan.get("back_end_gets"), "it tests nothing"
    for name, value in plan.get("environment", {}).items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    shutil.copytree(sample, home, ignore=shutil.ignore_patterns("__pycache__", "flows"))
    _keep_secrets(home, plan.get("secrets", {}))
    settings = sample / "myelin.yaml"
    with _playing(sample, plan.get("back_end", {})) as back_end:
        flows = _flows(sample, plan, back_end.server_port)
        config = settings.read_text() if settings.exists() else ""
        engine = start_engine(home, flows, config, *plan.get("options", []))
        try:
            assert engine.health().status_code == 200, engine.log()
            for request in plan.get("requests", []):
                _send(sample, engine.port, request)
            for expected in plan.get("back_end_gets", []):
                eventually(functools.partial(_got, sample, back_end, expected))
        finally:
            engine.stop()
            engine.ended()


@pytest.mark.parametrize("sample", FOLDERS, ids=lambda each: each.name)
def test_a_sample_is_explained(sample: Path) -> None:
    readme = (sample / "README.md").read_text("utf-8")
    plan = yaml.safe_load((sample / "sample.yaml").read_text())
    for request in plan.get("requests", []):
        assert request["send"].partition(" ")[2] in readme
    assert f"]({sample.name}/README.md)" in (SAMPLES / "README.md").read_text("utf-8")
