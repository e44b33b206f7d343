"""The supervisor, in a process of its own, since it forks and handles signals. With servers: tests/e2e/test_stop.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

PROGRAM = """
import logging, os, signal, sys
from engine.runtime.config import Config, Server
from engine.runtime.workers import supervise

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # in one piece: several processes write

def work(number):
{work}

logging.basicConfig(level=logging.ERROR, stream=sys.stdout, format="%(message)s")
status = supervise(Config(server=Server(workers=2, drain=5.0)), work)
say("ended", status)
sys.exit(status)
"""
SERVE = """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    say("ready", number, os.getpid())
    signal.sigwait([signal.SIGTERM])
    say("stopped", number)
"""

Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    processes = []

    def start_one(work: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(work=work)],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start_one
    for process in processes:
        process.terminate()
        process.communicate(timeout=20)


def lines(process: subprocess.Popen[str], count: int) -> list[list[str]]:
    """The next lines, as words, in alphabetical order: two workers write at once."""
    assert process.stdout is not None
    return sorted(process.stdout.readline().split() for _ in range(count))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_every_worker(start: Start, number: signal.Signals) -> None:
    process = start(SERVE)
    assert [words[:2] for words in lines(process, 2)] == [["ready", "0"], ["ready", "1"]]
    process.send_signal(number)
    assert lines(process, 2) == [["stopped", "0"], ["stopped", "1"]]
    assert lines(process, 1) == [["ended", "0"]]
    assert process.wait(10) == 0


def test_worker_that_dies_is_replaced(start: Start) -> None:
    process = start(SERVE)
    _, (_, _, pid) = lines(process, 2)
    os.kill(int(pid), signal.SIGKILL)
    assert process.stdout is not None
    assert process.stdout.readline() == "worker 1 ended with status -9; starting another\n"
    [(word, number, new)] = lines(process, 1)
    assert (word, number) == ("ready", "1")
    assert new != pid


def test_worker_that_cannot_start_ends_all(start: Start) -> None:
    process = start("    sys.exit(2) if number else signal.pause()")
    assert lines(process, 1) == [["ended", "2"]]
    assert process.wait(10) == 2
