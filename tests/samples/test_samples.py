"""Every sample does what its ``sample.yaml`` says: requests, their answers, and a back end that is played."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from samples.back_end import PORT, BackEnd
from tests.e2e.conftest import CHECKOUT, PATIENCE, start_engine

SAMPLES = CHECKOUT / "samples"
FOLDERS = sorted(
    each for each in SAMPLES.iterdir() if each.is_dir() and each.name not in ("gotowebinar", "__pycache__")
)


@contextlib.contextmanager
def _playing(sample: Path, answers: dict[str, Any]) -> Iterator[BackEnd]:
    with BackEnd(sample, answers, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _compare(got: str, expected: Path) -> None:
    """JSON as JSON, all else byte for byte, but for the newline at the end of a file."""
    text = expected.read_text("utf-8")
    if expected.suffix == ".json":
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
        _compare(answer.content.decode().replace(f"127.0.0.1:{port}", "127.0.0.1:8290"), sample / request["answer"])
    else:
        assert answer.content == b""


@pytest.mark.parametrize("sample", FOLDERS, ids=lambda each: each.name)
def test_a_sample_does_what_it_says(sample: Path, tmp_path: Path) -> None:
    plan = yaml.safe_load((sample / "sample.yaml").read_text())
    assert plan["requests"], "it tests nothing"
    settings = sample / "myelin.yaml"
    with _playing(sample, plan.get("back_end", {})) as back_end:
        flows = {
            file.name: file.read_text("utf-8").replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{back_end.server_port}")
            for file in (sample / "flows").iterdir()
        }
        engine = start_engine(tmp_path / "home", flows, settings.read_text() if settings.exists() else "")
        try:
            assert engine.health().status_code == 200, engine.log()
            for request in plan["requests"]:
                _send(sample, engine.port, request)
        finally:
            engine.stop()
            engine.ended()


@pytest.mark.parametrize("sample", FOLDERS, ids=lambda each: each.name)
def test_a_sample_is_explained(sample: Path) -> None:
    readme = (sample / "README.md").read_text("utf-8")
    plan = yaml.safe_load((sample / "sample.yaml").read_text())
    for request in plan["requests"]:
        assert request["send"].partition(" ")[2] in readme
    assert f"]({sample.name}/README.md)" in (SAMPLES / "README.md").read_text("utf-8")
