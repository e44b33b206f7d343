"""Reading ``/proc``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import cpu

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")

BURN = "import time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    children = []

    def start_one(*command: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield start_one
    for child in children:
        child.kill()
        child.communicate()


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_time_is_that_of_the_process(start: Start) -> None:
    child = start(sys.executable, "-c", BURN)
    assert line(child) == "done"
    assert 0.15 <= cpu.cpu_seconds(child.pid) < 2


@pytest.mark.parametrize("name", ["a b", "a) R 1 (b", ")"])
def test_name_of_a_process_may_be_anything(start: Start, tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.symlink_to(shutil.which("cat") or "/bin/cat")
    child = start(str(program))
    assert child.stdin is not None
    print("running", file=child.stdin, flush=True)
    assert line(child) == "running"
    assert f"({name})" in Path(f"/proc/{child.pid}/stat").read_text()
    assert 0 <= cpu.cpu_seconds(child.pid) < 2


def test_family_is_the_process_with_its_descendants(start: Start) -> None:
    child = start("/bin/sh", "-c", "sh -c 'echo $$; read x; true'; true")
    grandchild = int(line(child))
    assert cpu.family(child.pid) == [child.pid, grandchild]
    assert cpu.family(grandchild) == [grandchild]
    alone = cpu.resident_megabytes(grandchild)
    assert 0 < alone < cpu.resident_megabytes(child.pid)


def test_memory() -> None:
    resident, peak = cpu.resident_megabytes(os.getpid()), cpu.peak_megabytes(os.getpid())
    assert 10 < resident <= peak


def test_process_that_is_gone(start: Start) -> None:
    child = start("/bin/true")
    child.wait(10)
    assert (cpu.family(child.pid), cpu.cpu_seconds(child.pid), cpu.peak_megabytes(child.pid)) == ([child.pid], 0, 0)
