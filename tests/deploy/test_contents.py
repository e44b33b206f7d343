from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.deploy.deployment import Deployment
from engine.errors import Fault
from engine.testing.harness import Harness
from tests.deploy.cars import SYNAPSE, artifact, sequence, write_car, zipped

Write = Callable[[str, str], Path]

RESOURCE = artifact(
    "res",
    "registry/resource",
    "registry-info.xml",
    "<resources><item><file>a.txt</file><path>/_system/config</path></item></resources>",
) | {"res_1.0.0/resources/a.txt": b"packaged"}


def _names(deployment: Deployment) -> list[str]:
    return [each.name for each in deployment.snapshot.artifacts()]


def _codes(deployment: Deployment) -> list[str]:
    return [each.code for each in deployment.problems]


def test_an_application_among_the_flows(deployment: Deployment, folder: Path, write: Write) -> None:
    write("own.xml", '<sequence name="own"><sequence key="one"/></sequence>')
    write_car(folder / "a.car", sequence("one", '<sequence key="own"/>'), RESOURCE)
    deployment.deploy()
    assert _names(deployment) == ["one", "own"]
    assert deployment.snapshot.registry.get("conf:/a.txt") == b"packaged"
    assert deployment.problems == ()


def test_it_is_replaced_and_removed_like_any_file(deployment: Deployment, folder: Path) -> None:
    car = write_car(folder / "a.car", sequence("one"), RESOURCE)
    deployment.deploy()
    before = deployment.snapshot
    write_car(car, sequence("two"), sequence("three"))
    deployment.deploy()
    assert _names(deployment) == ["three", "two"]
    assert deployment.snapshot.registry.get("conf:/a.txt") is None
    assert before.registry.get("conf:/a.txt") == b"packaged"  # for messages in flight
    car.unlink()
    deployment.deploy()
    assert _names(deployment) == []


def test_a_broken_one_keeps_its_last_good_version(deployment: Deployment, folder: Path) -> None:
    car = write_car(folder / "a.car", sequence("one"), RESOURCE)
    deployment.deploy()
    car.write_bytes(b"half written")
    deployment.deploy()
    assert _names(deployment) == ["one"]
    assert deployment.snapshot.registry.get("conf:/a.txt") == b"packaged"
    assert _codes(deployment) == ["bad-car"]


def test_a_mistake_inside_is_told_with_its_place_and_disturbs_no_other(deployment: Deployment, folder: Path) -> None:
    car = write_car(folder / "a.car", sequence("one", "<lgo/>"), sequence("two"))
    deployment.deploy()
    assert _names(deployment) == ["two"]
    [problem] = deployment.problems
    assert str(problem).startswith(f"{car}!one_1.0.0/one.xml:1:")


def test_resources_of_a_project_are_hot(deployment: Deployment, folder: Path) -> None:
    file = folder / "src/main/wso2mi/resources/xslt/a.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    deployment.deploy()
    assert deployment.snapshot.entry("resources:xslt/a.json") == "{}"
    file.write_text("[1, 2]")
    deployment.deploy()
    assert deployment.snapshot.entry("gov:/mi-resources/xslt/a.json") == "[1, 2]"


def test_a_name_that_leads_to_a_packaged_resource_resolves(deployment: Deployment, folder: Path, write: Write) -> None:
    write(
        "own.xml",
        '<sequence name="own"><payloadFactory media-type="json"><format key="conf:/a.txt"/></payloadFactory>'
        "</sequence>",
    )
    deployment.deploy()
    assert _codes(deployment) == ["unknown-local-entry"]
    write_car(folder / "a.car", RESOURCE)
    deployment.deploy()
    assert _names(deployment) == ["own"]


PING = '<sequence><property name="pinged" value="yes"/></sequence>'
CONNECTOR = {
    "connector.xml": '<connector><component name="acme"><dependency component="ops"/></component></connector>',
    "ops/component.xml": '<component name="ops" type="synapse/template"><subComponents><component name="ping">'
    "<file>ping.xml</file></component></subComponents></component>",
    "ops/ping.xml": f'<template {SYNAPSE} name="ping">{PING}</template>',
}


def test_a_connector_inside_of_an_application(deployment: Deployment, folder: Path, write: Write) -> None:
    write("own.xml", '<sequence name="own"><acme.ping/></sequence>')
    library = artifact("acme", "synapse/lib", "acme.zip", zipped(CONNECTOR))
    car = write_car(folder / "a.car", library)
    deployment.deploy()
    assert _names(deployment) == ["own"]
    assert deployment.problems == ()
    car.write_bytes(b"half written")
    deployment.deploy()
    assert (_names(deployment), _codes(deployment)) == (["own"], ["bad-car"])
    write_car(car, sequence("one"))
    deployment.deploy()
    assert "unknown-mediator" in _codes(deployment)


def test_a_data_service_is_told(deployment: Deployment, folder: Path) -> None:
    (folder / "d.dbs").write_text("<data/>")
    deployment.deploy()
    assert _codes(deployment) == ["left-out"]


def test_a_snapshot_without_resources_reads_what_was_written() -> None:
    harness = Harness()
    harness.services.registry.put("conf:/x", b"1")
    assert harness.snapshot.entry("conf:x") == "1"
    with pytest.raises(Fault):
        harness.snapshot.entry("conf:/../x")
