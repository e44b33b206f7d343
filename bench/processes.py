"""Child processes: output in a file, watched until ready, stopped by pid."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import cpu

ROOT = Path(__file__).parent.parent
READY_LIMIT = 15.0
STOP_LIMIT = 10.0
POLL = 0.002


class StartError(Exception):
    """A process ended, or was not ready in time. The message holds the end of its output."""


class Child:
    """A running process with those it started."""

    def __init__(self, command: Sequence[str], folder: Path, name: str) -> None:
        self._name = name
        self._output = folder / f"{name}.log"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - every command is written in this package
                command,
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the runner, which then stops its children in order
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return when ``ready`` says so. Raises StartError after 15 s, or as soon as the process has ended."""
        limit = time.monotonic() + READY_LIMIT
        while not ready():
            if self._process.poll() is not None:
                raise StartError(f"{self._name} ended with status {self._process.returncode}: {self._tail()}")
            if time.monotonic() > limit:
                raise StartError(f"{self._name} was not ready after {READY_LIMIT:.0f} s: {self._tail()}")
            time.sleep(POLL)

    def stop(self) -> None:
        """SIGTERM; SIGKILL, for the whole family, when that takes more than 10 s."""
        family = cpu.family(self.pid)
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def kill(self) -> None:
        """SIGKILL to the process alone, as when its machine fails."""
        self._process.kill()
        self._process.wait()

    def output(self) -> str:
        """What it has written so far."""
        return self._output.read_text("utf-8", "replace")

    def _tail(self) -> str:
        return self.output()[-2000:].strip()


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, name: str) -> Iterator[Child]:
    """A child that is stopped when the block ends, however it ends."""
    child = Child(command, folder, name)
    try:
        yield child
    finally:
        child.stop()


def accepts(port: int) -> bool:
    """Whether something listens on the port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def allow_open_files(wanted: int) -> int:
    """Raise the limit of open files for us and the children we start from now on; gives what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _environment() -> dict[str, str]:
    """Ours, with the checkout importable and without the switch that makes Python compile at every start."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    return environment
