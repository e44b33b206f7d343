"""What ``check`` finds where it is told to look; its output is in ``tests/e2e/test_commands.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
ENTRY_USER = (
    f'<sequence {NAMESPACE} name="s"><payloadFactory media-type="text"><format key="conf:/greeting.txt"/>'
    "</payloadFactory></sequence>"
)
CONNECTOR_USER = f'<sequence {NAMESPACE} name="s"><mine.ping/></sequence>'
CONNECTOR = """\
connector: mine
summary: A connector.
operations:
  ping: {summary: Ping the API., method: GET, path: /ping}
"""


def codes(done: Any) -> list[tuple[str, str]]:
    return [(each["code"], each["severity"]) for each in json.loads(done.stdout)["problems"]]


@pytest.mark.parametrize(
    ("options", "status", "found"),
    [
        ((), 1, [("unknown-mediator", "error"), ("unknown-attribute", "warning")]),
        (("--strict",), 1, [("unknown-mediator", "error"), ("unknown-attribute", "error")]),
    ],
)
def test_strict(myelin: Any, flows: Path, options: tuple[str, ...], status: int, found: list[tuple[str, str]]) -> None:
    done = myelin("check", "--format", "json", *options, str(flows))
    assert (done.exit_code, codes(done)) == (status, found)


def test_registry(myelin: Any, home: Path) -> None:
    (home / "s.xml").write_text(ENTRY_USER)
    (home / "mine" / "config").mkdir(parents=True)
    (home / "mine" / "config" / "greeting.txt").write_text("hello")
    assert codes(myelin("check", "--format", "json", "s.xml")) == [("unknown-local-entry", "error")]
    assert codes(myelin("check", "--format", "json", "s.xml", "--registry", "mine")) == []


def test_connectors(myelin: Any, home: Path) -> None:
    (home / "s.xml").write_text(CONNECTOR_USER)
    (home / "own" / "mine").mkdir(parents=True)
    (home / "own" / "mine" / "connector.yaml").write_text(CONNECTOR)
    assert codes(myelin("check", "--format", "json", "s.xml")) == [("unknown-mediator", "error")]
    assert codes(myelin("check", "--format", "json", "s.xml", "--connectors", "own")) == []


def test_mistakes_in_a_connector_are_found_too(myelin: Any, home: Path) -> None:
    (home / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"/>')
    (home / "own" / "mine").mkdir(parents=True)
    (home / "own" / "mine" / "connector.yaml").write_text(CONNECTOR.replace("GET", "GTE"))
    done = myelin("check", "s.xml", "--connectors", "own")
    assert done.exit_code == 1
    assert done.stdout.startswith("own/mine/connector.yaml:4:34: error[bad-choice]: ")
    assert done.stderr == "1 file, 1 artifact, 1 error, 0 warnings\n"


def test_empty_folder(myelin: Any, home: Path) -> None:
    done = myelin("check", ".")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 files, 0 artifacts, 0 errors, 0 warnings\n")
