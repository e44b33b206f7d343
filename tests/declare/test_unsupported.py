from __future__ import annotations

from pathlib import Path

import pytest

from engine.declare import unsupported
from engine.deploy import loader
from engine.deploy.loader import LoadedFile
from engine.runtime.catalog import language
from engine.testing.harness import Harness

NEVER = (
    "annotatedCommand",
    "bean",
    "dataServiceCall",
    "ejb",
    "entitlementService",
    "oauthService",
    "opa",
    "pojoCommand",
    "smooks",
    "spring",
)


@pytest.mark.parametrize("tag", NEVER)
def test_what_does_not_run_here_says_why_and_names_the_way_out(tag: str) -> None:
    entry = unsupported.MEDIATORS[tag]
    [problem] = Harness().problems(f"\n <{tag}/>")
    assert problem == f"2:2: error[unsupported]: <{tag}> {entry.reason}. {entry.way_out}"


def _load(tmp_path: Path, xml: str) -> LoadedFile:
    path = tmp_path / "flows.xml"
    path.write_text(f'<definitions xmlns="http://ws.apache.org/ns/synapse">{xml}</definitions>')
    return loader.load(path, loader.find(path)[path], language())


def test_the_other_artifacts_of_the_file_load(tmp_path: Path) -> None:
    loaded = _load(tmp_path, '<sequence name="a"><ejb/></sequence><sequence name="b"><log/></sequence>')
    assert [each.id for each in loaded.artifacts] == [("sequence", "b")]
    assert loaded.broken == [("sequence", "a")]
    assert [problem.code for problem in loaded.problems] == ["unsupported"]


@pytest.mark.parametrize("tag", [tag for tag in unsupported.ARTIFACTS if not language().get("artifact", tag)])
def test_artifacts_of_later_versions_say_so(tmp_path: Path, tag: str) -> None:
    [problem] = _load(tmp_path, f'<{tag} name="x"/>').problems
    entry = unsupported.ARTIFACTS[tag]
    assert (problem.code, problem.message, problem.hint) == (
        "unsupported",
        f"<{tag}> {entry.reason}.",
        entry.way_out,
    )


@pytest.mark.parametrize(("kind", "tag"), [(kind, tag) for kind, tags in unsupported.SLOTS.items() for tag in tags])
def test_kinds_of_endpoints_that_only_a_jvm_has(kind: str, tag: str) -> None:
    entry = unsupported.SLOTS[kind][tag]
    assert language().get(kind, tag) is None
    [problem] = Harness().problems(f"\n <call><endpoint><{tag}/></endpoint></call>")
    assert problem == f"2:18: error[unsupported]: <{tag}> {entry.reason}. {entry.way_out}"


ENTRIES = [
    *unsupported.MEDIATORS.values(),
    *unsupported.ARTIFACTS.values(),
    *unsupported.SLOTS["endpoint-type"].values(),
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_texts_are_sentences(entry: unsupported.Unsupported) -> None:
    assert entry.reason
    assert not entry.reason.endswith(".")
    assert entry.way_out.endswith(".")
