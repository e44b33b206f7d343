"""``myelin check`` and the first words of ``myelin run``: the contract that scripts rely on."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHECKOUT

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
GOOD = f'<proxy {NAMESPACE} name="good"><target><inSequence><respond/></inSequence></target></proxy>'
WARNED = f'<sequence {NAMESPACE} name="warned"><log levle="full"/></sequence>'
BAD = f'<sequence {NAMESPACE} name="bad">\n  <lgo/>\n  <call><endpoint key="nowhere"/></call>\n  <drpo/>\n</sequence>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {"good.xml": GOOD, "sub/warned.xml": WARNED, "bad/bad.xml": BAD}.items():
        (tmp_path / "flows" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "flows" / name).write_text(content)
    return tmp_path


def test_text_shows_all_problems_at_once(folder: Path, command: Any) -> None:
    done = command(folder, "check", "flows")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "flows/bad/bad.xml:2:3: error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?",
        "flows/bad/bad.xml:3:24: error[unknown-endpoint]: There is no endpoint 'nowhere'. "
        'Put <endpoint name="nowhere"> into a file among the flows.',
        "flows/bad/bad.xml:4:3: error[unknown-mediator]: <drpo> is not a mediator. Did you mean 'drop'?",
        "flows/sub/warned.xml:1:77: warning[unknown-attribute]: <log> has no attribute 'levle'; it is ignored. "
        "Did you mean 'level'?",
    ]
    assert done.stderr == "3 files, 2 artifacts, 3 errors, 1 warning\n"


def test_a_terminal_shows_the_line_and_the_place(folder: Path) -> None:
    """A terminal of its own, since a pipe gets one line for each problem."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    arguments = [sys.executable, "-m", "engine", "check", "flows/bad"]
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(arguments, cwd=folder, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode().replace("\r\n", "\n")
    os.close(ours)
    lines = re.sub(r"\x1b\[[0-9]*m", "", shown).splitlines()
    assert (done.returncode, lines[:6]) == (
        1,
        [
            "flows/bad/bad.xml:2:3: error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?",
            "      <lgo/>",
            "      ^",
            "flows/bad/bad.xml:3:24: error[unknown-endpoint]: There is no endpoint 'nowhere'. "
            'Put <endpoint name="nowhere"> into a file among the flows.',
            '      <call><endpoint key="nowhere"/></call>',
            "                           ^",
        ],
    )


def test_json(folder: Path, command: Any) -> None:
    done = command(folder, "check", "--format", "json", "flows/good.xml", "flows/sub")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "files": 2,
        "artifacts": [
            {"kind": "proxy", "name": "good", "file": "flows/good.xml"},
            {"kind": "sequence", "name": "warned", "file": "flows/sub/warned.xml"},
        ],
        "problems": [
            {
                "code": "unknown-attribute",
                "severity": "warning",
                "file": "flows/sub/warned.xml",
                "line": 1,
                "column": 77,
                "message": "<log> has no attribute 'levle'; it is ignored. Did you mean 'level'?",
            }
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("flows/good.xml",), 0),
        (("--strict", "flows/good.xml"), 0),
        (("flows/sub",), 0),
        (("--strict", "flows/sub"), 1),
        (("flows/bad",), 1),
        (("flows/nowhere",), 2),
        ((), 2),
    ],
)
def test_exit_status(folder: Path, command: Any, arguments: tuple[str, ...], status: int) -> None:
    assert command(folder, "check", *arguments).returncode == status


def test_strict_calls_warnings_errors(folder: Path, command: Any) -> None:
    done = command(folder, "check", "--strict", "--format", "json", "flows/sub")
    assert [problem["severity"] for problem in json.loads(done.stdout)["problems"]] == ["error"]


def test_file_named_twice_is_checked_once(folder: Path, command: Any) -> None:
    done = command(folder, "check", "flows/good.xml", "flows/good.xml", "flows/sub", "flows/sub/warned.xml")
    assert (done.returncode, done.stderr) == (0, "2 files, 2 artifacts, 0 errors, 1 warning\n")


def test_what_ships_has_no_problems(command: Any, tmp_path: Path) -> None:
    flows = Path(__file__).parents[2] / "flows"
    done = command(tmp_path, "check", "--strict", str(flows))
    assert (done.returncode, done.stdout) == (0, "")


def test_first_line_of_run_says_what_is_served_where(start: Any) -> None:
    engine = start({"good.xml": GOOD, "also.xml": GOOD.replace('"good"', '"also"')})
    engine.stop()
    said = engine.lines[0] + engine.process.stdout.read()
    assert said.splitlines() == [
        f"myelin serves 2 services at {engine.url}",
        f"  {engine.url}/services/also",
        f"  {engine.url}/services/good",
        f"State, and a picture of each flow: {engine.admin_url}/",
    ]


def test_first_line_of_run_counts_errors(start: Any) -> None:
    engine = start({"good.xml": GOOD, "bad.xml": BAD})
    assert "3 errors (see above)" in engine.lines[0]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("server: {prot: 1}", "there is no setting 'prot'. Did you mean 'port'?"),
        ("server: [", "not YAML"),
        ("limits: {head: big}", "limits: head: expected a whole number, found 'big'"),
    ],
)
def test_bad_configuration_ends_with_2(folder: Path, command: Any, config: str, message: str) -> None:
    (folder / "myelin.yaml").write_text(config)
    done = command(folder, "run", "flows")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("myelin: myelin.yaml: ")
    assert message in done.stderr


@pytest.mark.parametrize("arguments", [("run", "nowhere", "--port", "0", "--admin-port", "0"), ("check", "nowhere")])
def test_folder_that_does_not_exist_ends_with_2(command: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = command(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (2, "myelin: there is no folder or file 'nowhere'\n")
