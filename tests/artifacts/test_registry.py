from __future__ import annotations

import pytest

from engine.deploy import loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.runtime.catalog import language
from engine.source import Source


@pytest.mark.parametrize(
    ("xml", "artifact"),
    [
        ('<registry provider="x.Y"><parameter name="root">file:x</parameter></registry>', ("registry", "registry")),
        ("<registry/>", ("registry", "registry")),
        ('<taskManager provider="x.Y"/>', ("task-manager", "taskManager")),
    ],
)
def test_declarations_of_the_reference_are_accepted_with_a_remark(xml: str, artifact: tuple[str, str]) -> None:
    loaded = LoadedFile("a.xml", Stamp(0, 0))
    text = f'<d xmlns="http://ws.apache.org/ns/synapse">{xml}</d>'
    loader.build(Source("a.xml", text.encode()).parse().children[0], language(), loaded)
    assert [each.id for each in loaded.artifacts] == [artifact]
    assert [(problem.code, problem.severity) for problem in loaded.problems] == [("no-effect", "warning")]
