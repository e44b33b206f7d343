"""Which artifacts run, and what is said about the others. Each step is one state of the folder after another."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from engine.declare.build import Reference
from engine.deploy.linker import Id, Linked, link
from engine.deploy.loader import Loaded, LoadedFile, Stamp
from engine.errors import Fault, Where
from engine.testing.harness import Harness, LoadError


class FakeArtifact:
    def __init__(self, kind: str, name: str, where: Where) -> None:
        self.kind, self.identity, self.where = kind, name, where
        self.enabled = True


def artifact(kind: str, name: str, file: str, *uses: tuple[str, str], line: int = 1) -> Loaded:
    references = tuple(Reference(*used, Where(file, line, 9)) for used in uses)
    return Loaded(FakeArtifact(kind, name, Where(file, line)), references)  # type: ignore[arg-type]


def file(name: str, *artifacts: Loaded, broken: Iterable[Id] = (), error: str = "") -> LoadedFile:
    loaded = LoadedFile(name, Stamp(0, 0), list(artifacts), list(broken))
    if error or loaded.broken:
        loaded.problems.error(error or "bad", Where(name), "It is bad.")
    return loaded


def linked(files: list[LoadedFile], previous: dict[Id, Loaded] | None = None) -> Linked:
    return link(files, previous or {}, {"gotowebinar"}, lambda path: path == "conf:/known")


def texts(result: Linked) -> list[str]:
    return [str(problem) for problem in result.problems]


P, S, E = ("proxy", "p"), ("sequence", "s"), ("endpoint", "e")


def test_all_that_resolves_runs() -> None:
    files = [
        file("a.xml", artifact(*P, "a.xml", S, E, ("connector", "gotowebinar"))),
        file("b.xml", artifact(*S, "b.xml"), artifact(*E, "b.xml")),
    ]
    result = linked(files)
    assert (set(result.artifacts), texts(result)) == ({P, S, E}, [])


@pytest.mark.parametrize(
    ("used", "problem"),
    [
        (("endpoint", "orers"), "unknown-endpoint]: There is no endpoint 'orers'. Did you mean 'orders'?"),
        (
            ("sequence", "orders"),
            "unknown-sequence]: There is no sequence 'orders'. "
            'Put <sequence name="orders"> into a file among the flows.',
        ),
        (
            ("local-entry", "style.xsl"),
            "unknown-local-entry]: There is no local entry 'style.xsl'. "
            'Put <localEntry key="style.xsl"> into a file among the flows.',
        ),
        (
            ("message-store", "late"),
            "unknown-message-store]: There is no message store 'late'. "
            'Put <messageStore name="late"> into a file among the flows.',
        ),
        (
            ("connector", "acme"),
            "unknown-connector]: There is no connector 'acme'. "
            "Put its zip or folder among the flows, or into a folder that --connectors names.",
        ),
        (
            ("local-entry", "resources:a.xsl"),
            "unknown-local-entry]: There is no local entry 'resources:a.xsl'. "
            "Put the file governance/mi-resources/a.xsl into the folder of the registry.",
        ),
        (
            ("connector", "gotowebiner"),
            "unknown-connector]: There is no connector 'gotowebiner'. Did you mean 'gotowebinar'?",
        ),
        (
            ("sequence", "conf:/nothing"),
            "unknown-sequence]: There is no sequence 'conf:/nothing'. "
            "Put the file config/nothing into the folder of the registry.",
        ),
    ],
)
def test_unknown_name_keeps_its_user_out_and_nobody_else(used: Id, problem: str) -> None:
    orders = artifact("endpoint", "orders", "a.xml")
    result = linked([file("a.xml", artifact(*P, "a.xml", used, line=4), orders)])
    assert (list(result.artifacts), texts(result)) == ([orders.id], [f"a.xml:4:9: error[{problem}"])


def test_the_sequence_fault_resolves_though_nobody_wrote_it() -> None:
    result = linked([file("a.xml", artifact(*P, "a.xml", ("sequence", "fault")))])
    assert (list(result.artifacts), texts(result)) == ([P], [])


def test_registry_resource_that_exists_resolves() -> None:
    result = linked([file("a.xml", artifact(*P, "a.xml", ("local-entry", "conf:/known")))])
    assert (list(result.artifacts), texts(result)) == ([P], [])


def test_users_of_a_user_stay_out_too_with_one_problem_each() -> None:
    result = linked([file("a.xml", artifact(*P, "a.xml", S, line=1), artifact(*S, "a.xml", E, E, line=2))])
    assert result.artifacts == {}
    assert sorted(texts(result)) == [
        "a.xml:1:9: error[unknown-sequence]: There is no sequence 's'. "
        'Put <sequence name="s"> into a file among the flows.',
        "a.xml:2:9: error[unknown-endpoint]: There is no endpoint 'e'. "
        'Put <endpoint name="e"> into a file among the flows.',
    ]


def test_name_that_is_broken_is_not_called_unknown() -> None:
    result = linked([file("a.xml", artifact(*P, "a.xml", S)), file("b.xml", broken=[S])])
    assert texts(result) == [
        "b.xml:1:1: error[bad]: It is bad.",
        "a.xml:1:9: error[unknown-sequence]: The sequence 's' has errors.",
    ]


def test_two_of_one_name() -> None:
    first, second = artifact(*P, "a.xml"), artifact(*P, "b.xml", line=7)
    result = linked([file("a.xml", first, artifact("sequence", "p", "a.xml")), file("b.xml", second)])
    assert result.artifacts[P] is first
    assert texts(result) == [
        "b.xml:7:1: error[duplicate-name]: There is already a proxy 'p', at a.xml:1:1. "
        "That one runs; rename or remove this one."
    ]


@pytest.mark.parametrize(
    ("ran_in", "runs"), [("b.xml", "b.xml"), ("a.xml", "a.xml"), ("c.xml", "a.xml"), (None, "a.xml")]
)
def test_of_two_with_one_name_the_one_that_ran_goes_on(ran_in: str | None, runs: str) -> None:
    previous = {P: artifact(*P, ran_in)} if ran_in else {}
    result = linked([file(name, artifact(*P, name)) for name in ("a.xml", "b.xml")], previous)
    assert result.artifacts[P].artifact.where.file == runs
    [problem] = result.problems
    assert problem.where.file == ({"a.xml", "b.xml"} - {runs}).pop()


def test_a_disabled_connector_may_be_missing_and_must_not_be_used() -> None:
    disabled = artifact("import", "gotowebinar", "i.xml", ("connector", "gotowebinar"), line=3)
    disabled.artifact.enabled = False  # type: ignore[misc]
    missing = artifact("import", "nowhere", "i.xml", ("connector", "nowhere"))
    missing.artifact.enabled = False  # type: ignore[misc]
    result = linked([file("i.xml", disabled, missing, artifact(*P, "i.xml", ("connector", "gotowebinar"), line=5))])
    assert set(result.artifacts) == {disabled.id, missing.id}
    assert texts(result) == [
        "i.xml:5:9: error[unknown-connector]: The connector 'gotowebinar' is disabled. "
        "The <import> at i.xml:3:1 says so."
    ]


@pytest.mark.parametrize("kind", ["sequence", "endpoint", "template"])
def test_artifacts_may_lie_in_the_registry(kind: str) -> None:
    result = linked([file("a.xml", artifact(*P, "a.xml", (kind, "conf:/known")))])
    assert (list(result.artifacts), texts(result)) == ([P], [])


OLD = {each.id: each for each in (artifact(*P, "a.xml", S), artifact(*S, "b.xml"))}
NEW_P, NEW_S = artifact(*P, "a.xml", S), artifact(*S, "b.xml")

KEPT = {
    "same": ([file("a.xml", NEW_P), file("b.xml", NEW_S)], {P: NEW_P, S: NEW_S}, []),
    "broken artifact": ([file("a.xml", broken=[P]), file("b.xml", NEW_S)], {P: OLD[P], S: NEW_S}, ["bad"]),
    "no XML any more": ([file("a.xml", error="not-xml"), file("b.xml", NEW_S)], {P: OLD[P], S: NEW_S}, ["not-xml"]),
    "mistake in the tag": (
        [file("a.xml", error="unknown-artifact"), file("b.xml", NEW_S)],
        {P: OLD[P], S: NEW_S},
        ["unknown-artifact"],
    ),
    "mistake in the new name": (
        [file("a.xml", broken=[("proxy", "p/2")]), file("b.xml", NEW_S)],
        {P: OLD[P], S: NEW_S},
        ["bad"],
    ),
    "removed": ([file("b.xml", NEW_S)], {S: NEW_S}, []),
    "removed though used": ([file("a.xml", NEW_P)], {P: NEW_P, S: OLD[S]}, ["unknown-sequence"]),
    "both removed": ([], {}, []),
    "uses a new name that does not exist": (
        [file("a.xml", artifact(*P, "a.xml", E)), file("b.xml", NEW_S)],
        {P: OLD[P], S: NEW_S},
        ["unknown-endpoint"],
    ),
    "used one is broken": ([file("a.xml", NEW_P), file("b.xml", broken=[S])], {P: NEW_P, S: OLD[S]}, ["bad"]),
    "moved while the old file is broken": (
        [file("a.xml", error="not-xml"), file("c.xml", NEW_P), file("b.xml", NEW_S)],
        {P: NEW_P, S: NEW_S},
        ["not-xml"],
    ),
    "a new one uses what was removed": (
        [file("c.xml", artifact("proxy", "new", "c.xml", S))],
        {},
        ["unknown-sequence"],
    ),
}


@pytest.mark.parametrize(("files", "runs", "codes"), KEPT.values(), ids=KEPT)
def test_what_runs_after_a_change(files: list[LoadedFile], runs: dict[Id, Loaded], codes: list[str]) -> None:
    result = linked(files, OLD)
    assert result.artifacts == runs
    assert [problem.code for problem in result.problems] == codes


def test_last_good_version_stays_through_further_changes() -> None:
    """The folder is read again and again; what was kept once is kept until the file is right."""
    runs = OLD
    for _ in range(3):
        runs = linked([file("a.xml", NEW_P)], runs).artifacts
    assert runs == {P: NEW_P, S: OLD[S]}
    assert linked([], runs).artifacts == {}


def test_names_that_broken_artifacts_use_are_told_too() -> None:
    # Everything wrong shows in one run, though nobody runs this sequence.
    with pytest.raises(LoadError) as raised:
        Harness('<sequence name="s"><lgo/><sequence key="nowhere"/><sequence key="s"/></sequence>')
    assert [problem.code for problem in raised.value.problems] == ["unknown-mediator", "unknown-sequence"]


def test_a_path_that_leaves_the_registry_is_no_name() -> None:
    def has_resource(path: str) -> bool:
        raise Fault(f"'{path}' is no path of a registry resource")

    result = link([file("a.xml", artifact(*P, "a.xml", ("sequence", "../x")))], {}, set(), has_resource)
    assert texts(result) == ["a.xml:1:9: error[unknown-sequence]: There is no sequence '../x'."]
