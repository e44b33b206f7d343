"""Sequences, endpoints and templates by their path in the registry."""

from __future__ import annotations

import pytest

from engine.declare.build import Reference
from engine.deploy import registry_artifacts
from engine.deploy.loader import Loaded
from engine.deploy.registry_artifacts import is_registry_key, resource_problems
from engine.errors import Fault, Where
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient, response

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


def put(harness: Harness, key: str, xml: str) -> None:
    harness.services.registry.put(key, xml.encode())


@pytest.mark.parametrize(
    ("name", "is_key"), [("conf:/a", True), ("gov:a", True), ("a/b.xml", True), ("a", False), ("", False)]
)
def test_keys(name: str, is_key: bool) -> None:
    assert is_registry_key(name) is is_key


@pytest.mark.parametrize("key", ["conf:/s", "gov:/a/s.xml", "a/s.xml"])
@pytest.mark.parametrize("name", ["", 'name="other"', 'name="gov:/x"'])
async def test_a_sequence_runs_and_changes_with_its_resource(key: str, name: str) -> None:
    harness = Harness()
    message = harness.message()
    put(harness, key, f'<sequence {NAMESPACE} {name}><property name="p" value="1"/></sequence>')
    await harness.run(f'<sequence key="{key}"/>', message)
    first = harness.snapshot.sequence(key)
    assert message.properties["p"] == "1"
    assert harness.snapshot.sequence(key) is first
    put(harness, key, f'<sequence {NAMESPACE} {name}><property name="p" value="2"/></sequence>')
    message.properties["key"] = key
    await harness.run('<sequence key="{$ctx:key}"/>', message)
    assert message.properties["p"] == "2"


async def test_an_endpoint_and_a_template() -> None:
    client = StubClient(lambda request: response(200, request.url.encode(), "text/plain"))
    harness = Harness(http=client)
    put(harness, "conf:/e", f'<endpoint {NAMESPACE}><address uri="http://b/"/></endpoint>')
    put(
        harness,
        "conf:/t",
        f'<template {NAMESPACE} name="t"><parameter name="a"/><sequence><property name="p" expression="$func:a"/>'
        "</sequence></template>",
    )
    message = harness.message()
    await harness.run('<call><endpoint key="conf:/e"/></call>', message)
    assert message.payload.text() == "http://b/"
    await harness.run('<call-template target="conf:/t"><with-param name="a" value="1"/></call-template>', message)
    assert message.properties["p"] == "1"


async def test_a_local_entry_may_hold_a_sequence_or_an_endpoint() -> None:
    inside = f'<sequence {NAMESPACE}><property name="p" value="1"/></sequence>'
    harness = Harness(
        f'<localEntry key="s">{inside}</localEntry><localEntry key="t"><![CDATA[{inside}]]></localEntry>'
        f'<localEntry key="e"><endpoint {NAMESPACE}><address uri="http://b/"/></endpoint></localEntry>'
        '<localEntry key="x">text</localEntry>'
        '<sequence name="all"><sequence key="s"/><call><endpoint key="e"/></call><sequence key="t"/></sequence>'
    )
    message = harness.message()
    await harness.run('<sequence key="all"/>', message)
    assert message.properties["p"] == "1"
    with pytest.raises(Fault, match="is no sequence"):
        harness.snapshot.sequence("x")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<sequence", "is no sequence"),
        ("<sequence/>", "is no sequence that can run"),
        (f"<sequence {NAMESPACE}><lgo/></sequence>", "is no sequence that can run"),
        (f"<endpoint {NAMESPACE}><default/></endpoint>", "is no sequence that can run"),
    ],
)
def test_a_resource_that_is_no_sequence_is_a_fault(content: str, text: str) -> None:
    harness = Harness()
    put(harness, "conf:/s", content)
    with pytest.raises(Fault, match=text):
        harness.snapshot.sequence("conf:/s")


def test_a_resource_that_is_not_there() -> None:
    with pytest.raises(Fault, match="there is no sequence 'conf:/s'"):
        Harness().snapshot.sequence("conf:/s")


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_artifacts, "MAX_KEPT", 2)
    harness = Harness()
    for number in range(4):
        put(harness, f"conf:/{number}", f"<sequence {NAMESPACE}/>")
        harness.snapshot.sequence(f"conf:/{number}")
    assert len(harness.snapshot._in_registry._kept) == 2


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (f"<sequence {NAMESPACE}/>", []),
        (
            f"<sequence {NAMESPACE}><lgo/></sequence>",
            [
                "a.xml:1:9: error[bad-resource]: The resource 'conf:/s' is no sequence that can run. "
                "conf:/s:1:51: error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?"
            ],
        ),
        ("<sequence", None),
    ],
)
def test_resources_that_artifacts_name_are_checked(content: str, problems: list[str] | None) -> None:
    harness = Harness()
    put(harness, "conf:/s", content)
    artifact = harness.snapshot  # anything with a place will do
    reference = Reference("sequence", "conf:/s", Where("a.xml", 1, 9))
    loaded = Loaded(artifact, (reference, Reference("local-entry", "conf:/s", Where("a.xml"))))  # type: ignore[arg-type]
    found = [str(each) for each in resource_problems({("proxy", "p"): loaded}, harness.services.registry, language())]
    assert found == problems if problems is not None else len(found) == 1


@pytest.mark.parametrize(
    ("root", "version", "installed", "lacking"),
    [
        ("xsl:stylesheet", "2.0", False, True),
        ("xsl:transform", "3.0", False, True),
        ("xsl:stylesheet", "1.0", False, False),
        ("xsl:stylesheet", "2.0", True, False),
        ("other", "2.0", False, False),
    ],
)
@pytest.mark.parametrize("key", ["conf:/t.xsl", "inline"])
def test_stylesheets_that_need_saxon_are_told(
    monkeypatch: pytest.MonkeyPatch, key: str, root: str, version: str, installed: bool, lacking: bool
) -> None:
    monkeypatch.setattr("engine.mediators._saxon.is_installed", lambda: installed)
    content = f'<{root} xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="{version}"/>'
    harness = Harness(f'<localEntry key="inline">{content}</localEntry>')
    put(harness, "conf:/t.xsl", content)
    loaded = Loaded(harness.snapshot, (Reference("local-entry", key, Where("a.xml", 1, 9)),))  # type: ignore[arg-type]
    artifacts = {**harness.snapshot.loaded, ("proxy", "p"): loaded}
    found = [str(each) for each in resource_problems(artifacts, harness.services.registry, language())]
    told = (
        f"a.xml:1:9: error[unsupported]: The stylesheet '{key}' is of a version that needs Saxon. "
        "Install it: pip install 'myelin[saxon]'"
    )
    assert found == [told] * lacking


def test_a_local_entry_may_point_to_a_sequence_in_the_registry() -> None:
    harness = Harness('<localEntry key="s" src="gov:/s.xml"/>')
    put(harness, "gov:/s.xml", f"<sequence {NAMESPACE}/>")
    assert harness.snapshot.sequence("s") is harness.snapshot.sequence("s")
