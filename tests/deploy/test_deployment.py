"""The transaction: load, link, swap."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.deploy.deployment import Deployment
from engine.errors import Problem, Where
from engine.runtime.catalog import language
from engine.runtime.config import Config, Secrets
from engine.runtime.services import ProcessServices
from engine.stores.secrets import SecretStore
from engine.testing.harness import StubClient

Write = Callable[[str, str], Path]

SEQUENCE = '<sequence name="s"><drop/></sequence>'
BROKEN = '<sequence name="s"><lgo/></sequence>'
PROXY = '<proxy name="p"><target inSequence="s"/></proxy>'


def names(deployment: Deployment) -> list[tuple[str, str]]:
    return [(artifact.kind, artifact.name) for artifact in deployment.snapshot.artifacts()]


def test_nothing_is_deployed_before_the_first_time(deployment: Deployment, write: Write) -> None:
    write("s.xml", SEQUENCE)
    assert (names(deployment), deployment.problems, deployment.stamps) == ([], (), {})
    deployment.deploy()
    assert names(deployment) == [("sequence", "s")]


def test_prepare_changes_nothing(deployment: Deployment, write: Write) -> None:
    write("s.xml", SEQUENCE)
    prepared = deployment.prepare(deployment.find())
    assert (names(deployment), deployment.stamps) == ([], {})
    deployment.swap(prepared)
    assert deployment.snapshot is prepared.snapshot


def test_message_in_flight_keeps_its_snapshot(deployment: Deployment, write: Write) -> None:
    write("s.xml", SEQUENCE)
    deployment.deploy()
    before = deployment.snapshot
    write("s.xml", '<sequence name="other"><drop/></sequence>')
    deployment.deploy()
    assert [artifact.name for artifact in before.artifacts()] == ["s"]
    assert names(deployment) == [("sequence", "other")]


def test_unchanged_file_is_not_built_again(deployment: Deployment, write: Write) -> None:
    """Its endpoints keep their state."""
    write("s.xml", SEQUENCE)
    write("p.xml", PROXY)
    deployment.deploy()
    before = {artifact.name: artifact for artifact in deployment.snapshot.artifacts()}
    write("p.xml", PROXY + " ")
    deployment.deploy()
    after = {artifact.name: artifact for artifact in deployment.snapshot.artifacts()}
    assert after["s"] is before["s"]
    assert after["p"] is not before["p"]


def test_broken_file_keeps_its_last_good_version_until_it_is_right_again(deployment: Deployment, write: Write) -> None:
    write("s.xml", SEQUENCE)
    write("p.xml", PROXY)
    deployment.deploy()
    good = deployment.snapshot.sequence("s")
    for content in (BROKEN, "<not xml", '<sequnce name="s"/>'):
        write("s.xml", content)
        deployment.deploy()
        assert [problem.where.line for problem in deployment.errors] == [1]
        assert deployment.snapshot.sequence("s") is good
        assert names(deployment) == [("proxy", "p"), ("sequence", "s")]
        assert deployment.kept == {("sequence", "s")}
    write("s.xml", SEQUENCE)
    deployment.deploy()
    assert deployment.errors == []
    assert deployment.kept == set()
    assert deployment.snapshot.sequence("s") is not good


def test_each_problem_is_logged_once(deployment: Deployment, write: Write, caplog: pytest.LogCaptureFixture) -> None:
    file = write("s.xml", BROKEN)
    write("p.xml", '<proxy name="p" nmae="x"><target/></proxy>')
    with caplog.at_level(logging.WARNING, "myelin.deploy"):
        deployment.deploy()
        write("t.xml", '<sequence name="t"><drop/></sequence>')
        deployment.deploy()
    assert [(record.levelname, record.getMessage().split(": ", 1)[1].split(":")[0]) for record in caplog.records] == [
        ("WARNING", "warning[unknown-attribute]"),
        ("ERROR", "error[unknown-mediator]"),
    ]
    assert caplog.records[1].getMessage().startswith(f"{file}:1:")


def test_log_tells_what_keeps_running(deployment: Deployment, write: Write, caplog: pytest.LogCaptureFixture) -> None:
    write("p.xml", PROXY)
    with caplog.at_level(logging.INFO, "myelin.deploy"):
        for content in (SEQUENCE, BROKEN, f"{BROKEN} ", SEQUENCE):
            write("s.xml", content)
            deployment.deploy()
        write("new.xml", BROKEN.replace('"s"', '"new"'))
        deployment.deploy()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert said == ["sequence 's' keeps running as its last good version"]


def test_problem_that_comes_back_is_logged_again(
    deployment: Deployment, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "myelin.deploy"):
        for content in (BROKEN, SEQUENCE, BROKEN):
            write("s.xml", content)
            deployment.deploy()
    assert len(caplog.records) == 2


def test_problems_are_in_the_order_of_places_with_those_given(deployment: Deployment, write: Write) -> None:
    given = Problem("connector", Where("zzz.yaml"), "It is bad.")
    with_given = Deployment(deployment._root, deployment._catalog, deployment._services, [given])
    write("b.xml", BROKEN)
    write("a.xml", BROKEN.replace('"s"', '"r"'))
    with_given.deploy()
    assert [Path(problem.where.file).name for problem in with_given.problems] == ["a.xml", "b.xml", "zzz.yaml"]


def test_artifact_may_use_a_registry_resource(deployment: Deployment, write: Write) -> None:
    factory = '<payloadFactory media-type="text"><format key="conf:/t"/></payloadFactory>'
    write("s.xml", f'<sequence name="s">{factory}</sequence>')
    deployment.deploy()
    assert [problem.code for problem in deployment.errors] == ["unknown-local-entry"]
    deployment._services.registry.put("conf:/t", b"text")
    deployment.deploy()
    assert deployment.errors == []


def test_sequences_are_taken_from_the_registry(deployment: Deployment, write: Write) -> None:
    write("p.xml", '<proxy name="p"><target inSequence="conf:/s"/></proxy>')
    deployment.deploy()
    assert [problem.code for problem in deployment.errors] == ["unknown-sequence"]
    deployment._services.registry.put("conf:/s", b"<sequence/>")
    deployment.deploy()
    assert [problem.code for problem in deployment.errors] == ["bad-resource"]
    deployment._services.registry.put("conf:/s", b'<sequence xmlns="http://ws.apache.org/ns/synapse"/>')
    deployment.deploy()
    assert deployment.errors == []


def test_a_file_that_sorts_earlier_does_not_take_the_place_of_what_runs(deployment: Deployment, write: Write) -> None:
    running = write("m.xml", '<proxy name="p"/>')
    deployment.deploy()
    write("a.xml", '<proxy name="p" startOnLoad="false"/>')
    deployment.deploy()
    assert [each.where.file for each in deployment.snapshot.artifacts()] == [str(running)]
    assert [problem.code for problem in deployment.errors] == ["duplicate-name"]
    running.unlink()
    deployment.deploy()
    assert [each.address for each in deployment.snapshot.artifacts()] == [None]


def test_files_of_local_entries_lie_in_the_folder_of_the_flows(
    deployment: Deployment, write: Write, folder: Path
) -> None:
    write("deep/er/e.xml", '<localEntry key="k" src="file:data/k.txt"/>')
    deployment.deploy()
    assert [problem.code for problem in deployment.errors] == ["unreadable"]
    (folder / "data").mkdir()
    (folder / "data" / "k.txt").write_text("one")
    write("deep/er/e.xml", '<localEntry key="k" src="file:data/k.txt"/><!-- again -->')
    deployment.deploy()
    assert deployment.snapshot.entry("k") == "one"
    (folder / "data" / "k.txt").write_text("one more")
    assert deployment.snapshot.entry("k") == "one more"


def test_folder_that_does_not_exist(deployment: Deployment, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        deployment.deploy()


def test_secrets_that_change_are_read_by_the_files_that_use_them(
    folder: Path, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MYELIN_SECRETS_KEY", raising=False)
    secrets = Secrets(str(tmp_path / "secrets.enc"), str(tmp_path / "secrets.key"))
    services = ProcessServices(Config(registry=str(tmp_path / "registry"), secrets=secrets), StubClient())
    deployment = Deployment(folder, language(), services)
    write("secret.xml", '<localEntry key="k">$secret{shop}</localEntry>')
    write("plain.xml", SEQUENCE)
    deployment.deploy()
    plain = deployment.snapshot.sequence("s")
    assert [each.code for each in deployment.problems] == ["unknown-secret"]
    for value in ("one-value", "another-value"):
        SecretStore(tmp_path / "secrets.enc", tmp_path / "secrets.key").set("shop", value)
        assert deployment.find() != deployment.stamps
        deployment.deploy()
        assert deployment.snapshot.entry("k") == value
        assert deployment.problems == ()
    assert deployment.snapshot.sequence("s") is plain
    assert deployment.find() == deployment.stamps
