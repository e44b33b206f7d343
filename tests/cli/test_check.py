"""What ``check`` finds where it is told to look; its output is in ``tests/e2e/test_commands.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.cars import artifact, sequence, write_car

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


def _project(home: Path) -> Path:
    artifacts = home / "shop/src/main/wso2mi/artifacts/sequences"
    artifacts.mkdir(parents=True)
    (home / "shop/pom.xml").write_text('<project xmlns="http://maven.apache.org/POM/4.0.0"/>')
    (artifacts / "a.xml").write_text(f'<sequence {NAMESPACE} name="a"/>')
    (artifacts / "b.xml").write_text(f'<sequence {NAMESPACE} name="b">\n  <ejb/></sequence>')
    (artifacts / "c.xml").write_text(f'<sequence {NAMESPACE} name="c">\n  <log levle="full"/></sequence>')
    return home / "shop"


def test_a_project_ends_with_a_migration_report(myelin: Any, home: Path) -> None:
    _project(home)
    done = myelin("check", "shop")
    assert done.stdout.startswith("\nMigration report\n")  # each problem is told once, there
    lines = done.stdout.partition("Migration report\n")[2].splitlines()
    folder = "shop/src/main/wso2mi/artifacts/sequences"
    assert lines[0] == f"  ready              sequence a  {folder}/a.xml:1:1"
    assert lines[1] == f"  needs work         sequence b  {folder}/b.xml:1:1"
    assert lines[2].startswith("                     2:3 error[unsupported]: <ejb> calls an Enterprise JavaBean")
    assert lines[3] == f"  ready with a note  sequence c  {folder}/c.xml:1:1"
    assert lines[4].startswith("                     2:15 warning[unknown-attribute]: <log> has no attribute 'levle'")
    assert lines[5:] == ["3 artifacts: 1 ready, 1 ready with a note, 1 needs work"]
    assert done.exit_code == 1


def test_the_report_is_in_the_json_too(myelin: Any, home: Path) -> None:
    _project(home)
    report = json.loads(myelin("check", "shop", "--format", "json").stdout)["report"]
    assert [(each["kind"], each["name"], each["state"], each["line"], each["column"]) for each in report] == [
        ("sequence", "a", "ready", 1, 1),
        ("sequence", "b", "needs work", 1, 1),
        ("sequence", "c", "ready with a note", 1, 1),
    ]
    [reason] = report[1]["reasons"]
    assert (reason["code"], reason["line"], reason["column"]) == ("unsupported", 2, 3)
    assert "Publish the bean over HTTP" in reason["message"]


def test_a_plain_folder_has_no_report(myelin: Any, flows: Path) -> None:
    assert "Migration report" not in myelin("check", str(flows)).stdout
    assert set(json.loads(myelin("check", str(flows), "--format", "json").stdout)) == {"files", "artifacts", "problems"}


def test_a_carbon_application_alone(myelin: Any, home: Path) -> None:
    write_car(home / "shop.car", sequence("one"), artifact("data", "service/dataservice", "data.dbs", "<data/>"))
    done = myelin("check", "shop.car")
    assert "  ready              sequence one  shop.car!one_1.0.0/one.xml:1:1\n" in done.stdout
    assert "  needs work         file shop.car!data_1.0.0/artifact.xml" in done.stdout
    assert done.exit_code == 0


def test_references_are_looked_up(myelin: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEVEL", "full")
    monkeypatch.delenv("NOWHERE", raising=False)
    (home / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"><log level="${{env:LEVEL}}"/></sequence>')
    assert codes(myelin("check", "--format", "json", "s.xml")) == []
    (home / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"><log separator="${{env:NOWHERE}}"/></sequence>')
    assert codes(myelin("check", "--format", "json", "s.xml")) == [("unknown-variable", "error")]


def test_a_wrong_configuration_is_told(myelin: Any, home: Path) -> None:
    (home / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"/>')
    (home / "myelin.yaml").write_text("servr: {}")
    done = myelin("check", "s.xml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is no setting 'servr'" in done.stderr
