"""``myelin demo`` from an empty folder, as a newcomer starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.gotowebinar.demo import demo as gotowebinar
from engine.cli import demo
from engine.errors import ConfigurationError
from engine.runtime import catalog

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="module")
def process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "engine", "demo", "--port", "0", "--admin-port", "0"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


@pytest.fixture(scope="module")
def said(process: subprocess.Popen[str]) -> str:
    """What it prints until it is done with its call."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "Ctrl-C ends it.\n":
            return "".join(lines)
    pytest.fail("the demonstration ended early:\n" + "".join(lines))


def test_it_shows_what_runs_the_call_and_the_answer(said: str) -> None:
    assert re.match(
        r"A simulated GoToWebinar API answers at http://127\.0\.0\.1:\d+\nmyelin serves 14 services at", said
    )
    assert "\nAnswer 200:\n" in said
    assert '\n  "webinarKey": 5452440042032782081,\n' in said


def test_the_call_can_be_repeated_as_printed(said: str) -> None:
    call = re.search(r"curl -H '(.+): (.+)' (\S+) \\\n    -d '(.+)'\n", said)
    assert call is not None
    name, value, url, body = call.groups()
    for _ in range(2):
        answer = requests.post(url, body, headers={name: value}, timeout=10)
        assert (answer.status_code, answer.json()["webinarKey"]) == (200, 5452440042032782081)


def test_sigterm_ends_it_with_status_0_and_leaves_nothing(
    said: str, process: subprocess.Popen[str], folder: Path
) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert list(folder.iterdir()) == []


def test_the_demo_of_the_shipped_connector_is_found() -> None:
    assert demo.find_demo() is gotowebinar


def test_without_a_connector_it_says_so(myelin: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "shipped_connectors", lambda: home)
    with pytest.raises(ConfigurationError, match="no connector with a demonstration is installed"):
        demo.find_demo()
    done = myelin("demo")
    assert (done.exit_code, done.stderr) == (2, "myelin: no connector with a demonstration is installed\n")


def test_a_port_that_is_asked_for_and_taken_is_an_error(myelin: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = myelin("demo", "--port", str(port), "--admin-port", "0")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"myelin: cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr


def test_usual_ports_are_left_to_those_who_have_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert demo._free(port) == 0
    assert demo._free(port) == port


def test_ports_that_are_given_are_kept() -> None:
    server = demo._settings(0, 0).server
    assert (server.port, server.admin_port) == (0, 0)
