from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from bench.processes import StartError, accepts, free_port, running


def test_child_runs_until_the_block_ends(tmp_path: Path) -> None:
    with running([sys.executable, "-c", "import signal; signal.pause()"], tmp_path, "waits") as child:
        child.wait_until(lambda: True)
        os.kill(child.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_child_that_ends_early_tells_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('first'); sys.exit('no port')"]
    with running(command, tmp_path, "speaks") as child, pytest.raises(StartError) as raised:
        child.wait_until(lambda: False)
    assert str(raised.value).startswith("speaks ended with status 1: ")
    assert "no port" in str(raised.value)


def test_checkout_can_be_imported_from_anywhere(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import engine, sys; sys.exit(engine.__name__)"]
    with running(command, tmp_path, "imports") as child, pytest.raises(StartError, match="status 1: engine"):
        child.wait_until(lambda: False)


def test_accepts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert accepts(port)
    assert not accepts(port)


def test_free_ports_are_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert accepts(server.getsockname()[1])
