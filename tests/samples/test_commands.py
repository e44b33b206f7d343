"""The commands that the README files print, run by a shell as they are printed, but for the ports.

A block is what stands between ```sh and ```. Each runs in a terminal (a shell) of its own: those that serve stay until
the end of their test. The block after a command that is no command is what the command should print.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.conftest import CHECKOUT, PATIENCE, eventually, free_ports

SAMPLES = sorted(file.parent.name for file in (CHECKOUT / "samples").glob("*/README.md"))
NOT_RUN = {
    "make demo": "it installs from the package registry; tests/cli/test_demo.py runs the demo itself",
    "make test": "this is it",
    "myelin check my-project/        # a project, a server's folder, a .car: ends with a migration report\n"
    "myelin run my-project/ --connectors my-connectors/": "the reader has the project",
}
"""Blocks that no test runs, and why."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_BACK_END = re.compile(r"`(python samples/back_end\.py samples/[\w-]+)`")
_ASKED = re.compile(r"# asks for the value: (\S+)")
_VARIABLES = re.compile(r"^(?:\w+=\S+ )*")
_STATUS = re.compile(r"status (\d+)")


def blocks_of(readme: Path) -> list[tuple[str, str]]:
    """Language and text of each block."""
    return [(language, text.rstrip("\n")) for language, text in _BLOCK.findall(readme.read_text("utf-8"))]


@dataclass
class Terminals:
    """A copy of the samples and the flows where the reader stands, and the shells that are open there.

    The ports in all files and commands are free ones of the machine.
    """

    home: Path
    ports: dict[str, str]
    serving: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def typed(self, command: str) -> str:
        """The command with our ports."""
        admin = self.ports["9201"]
        command = command.replace("myelin run", f"myelin run --port {self.ports['8290']} --admin-port {admin}")
        return _with_ports(command, self.ports)

    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {"PATH": path, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}

    def serve(self, block: str, ready: str) -> None:
        """Run a block that serves; its shell becomes the last command. Wait until it has printed ``ready``."""
        *first, last = self.typed(block).split("\n")
        script = "\n".join(["set -e", *first, _VARIABLES.sub(r"\g<0>exec ", last, count=1)])
        output = self.home / f"terminal-{len(self.serving)}.txt"
        with output.open("wb") as printed:
            process = subprocess.Popen(
                ["sh", "-c", script],
                cwd=self.home,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        self.serving.append(process)
        assert process.stdin is not None
        process.stdin.write("".join(f"{value}\n" for value in _ASKED.findall(block)).encode())
        process.stdin.close()
        eventually(lambda: ready in output.read_text() or process.poll() is not None)
        assert process.poll() is None, output.read_text()

    def run(self, block: str, folder: str = ".") -> str:
        """Run a block to its end; gives what it prints."""
        done = subprocess.run(
            ["sh", "-ec", self.typed(block)],
            cwd=self.home / folder,
            env=self.environment(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def close(self) -> None:
        """Ctrl-C in each, which ends it."""
        try:
            for process in self.serving:
                process.send_signal(signal.SIGINT)
            for process in self.serving:
                process.wait(PATIENCE)
        finally:
            for process in self.serving:
                process.kill()


def _with_ports(text: str, ports: dict[str, str]) -> str:
    return re.sub(r"\b(8290|8391|9201)\b", lambda match: ports[match[0]], text)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    ports = dict(zip(("8290", "8391", "9201"), map(str, free_ports(3)), strict=True))
    for folder in ("samples", "flows"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_text(_with_ports(file.read_text("utf-8"), ports), "utf-8")
    opened = Terminals(tmp_path, ports)
    with contextlib.closing(opened):
        yield opened


def _same(printed: str, expected: str) -> bool:
    """JSON as JSON, and arrays in any order: who answers first comes first; all else as text."""
    try:
        got, wanted = json.loads(printed), json.loads(expected)
    except ValueError:
        return printed.strip() == expected.strip()
    if isinstance(got, list) and isinstance(wanted, list):
        return sorted(map(json.dumps, got)) == sorted(map(json.dumps, wanted))
    return bool(got == wanted)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_runs_as_its_page_says(sample: str, terminals: Terminals) -> None:
    readme = terminals.home / "samples" / sample / "README.md"
    blocks = blocks_of(readme)
    [server] = [text for language, text in blocks if language == "sh" and "myelin run" in text]
    for command in _BACK_END.findall(readme.read_text("utf-8")):
        terminals.serve(command, "Ctrl-C ends it.")
    terminals.serve(server, "myelin serves")
    for (language, command), (kind, expected) in itertools.pairwise([*blocks, ("", "")]):
        if language != "sh" or command == server:
            continue
        printed = terminals.run(command, f"samples/{sample}")
        if " -i " in command:
            head, _, printed = printed.partition("\r\n\r\n")
            told = _STATUS.findall(readme.read_text("utf-8").partition(command)[2])
            assert head.split()[1] == told[0]
        if kind not in ("", "sh"):
            assert _same(printed, expected), printed


def test_all_operations_of_gotowebinar_from_top_to_bottom(terminals: Terminals) -> None:
    blocks = blocks_of(terminals.home / "samples" / "README.md")
    simulator, engine = blocks[0][1].split("\n")
    terminals.serve(simulator, "http://127.0.0.1")
    terminals.serve(engine, "myelin serves")
    answered = 0
    for (language, command), (kind, expected) in itertools.pairwise(blocks[1:]):
        if language == "sh":
            printed = terminals.run(command)
            assert kind == "sh" or _same(printed, expected), f"{command}\n{printed}"
            answered += kind != "sh"
    assert answered == 14


def test_the_first_five_minutes(terminals: Terminals) -> None:
    blocks = blocks_of(CHECKOUT / "README.md")
    commands = [text for language, text in blocks if language == "sh" and text not in NOT_RUN]
    run, simulator, call, call_own = commands
    terminals.serve(run, "myelin serves")
    terminals.serve(simulator, "http://127.0.0.1")
    assert json.loads(terminals.run(call))["subject"] == "Getting started with integration"
    [own] = [text for language, text in blocks if language == "xml"]
    (terminals.home / "flows" / "hello.xml").write_text(own)
    command, _, expected = call_own.rpartition("\n# ")
    eventually(lambda: terminals.run(command) == expected)


def test_what_is_not_run_is_still_printed() -> None:
    printed = [text for language, text in blocks_of(CHECKOUT / "README.md") if language == "sh"]
    assert [text for text in printed if text in NOT_RUN] == list(NOT_RUN)
