from __future__ import annotations

import pytest

from engine.artifacts.import_ import Import
from engine.runtime.catalog import installed
from engine.testing.harness import Harness, LoadError


def problems(xml: str) -> list[str]:
    with pytest.raises(LoadError) as raised:
        Harness(xml, catalog=installed()[0])
    return [f"{each.code}: {each.message} {each.hint}".rstrip() for each in raised.value.problems]


def test_connector_that_is_there() -> None:
    xml = '<import name="gotowebinar" package="org.wso2.carbon.connector" status="enabled"/>'
    snapshot = Harness(xml, catalog=installed()[0]).snapshot
    [artifact] = snapshot.artifacts()
    assert isinstance(artifact, Import)
    assert (artifact.kind, artifact.name, artifact.address) == ("import", "gotowebinar", None)
    assert (artifact.package, artifact.status) == ("org.wso2.carbon.connector", "enabled")


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            '<import name="gotowebinr"/>',
            "unknown-connector: There is no connector 'gotowebinr'. Did you mean 'gotowebinar'?",
        ),
        ("<import/>", "missing-attribute: <import> needs the attribute 'name'."),
        (
            '<import name="gotowebinar" status="on"/>',
            "bad-choice: 'on' is not one of enabled, disabled.",
        ),
    ],
)
def test_mistakes_are_found_at_load(xml: str, problem: str) -> None:
    assert problems(xml) == [problem]


def test_a_disabled_connector_cannot_be_used() -> None:
    flow = '<sequence name="s"><gotowebinar.getWebinarById/></sequence>'
    [problem, *_] = problems(f'<import name="gotowebinar" status="disabled"/>{flow}')[-1:]
    assert problem.startswith("unknown-connector: The connector 'gotowebinar' is disabled. The <import> at test.xml:1:")
    Harness('<import name="nowhere" status="disabled"/>')
