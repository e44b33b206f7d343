"""Loaded files -> the artifacts that may run: names are unique, and every name an artifact uses exists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.core.faults import DEFAULT_SEQUENCE
from engine.declare.build import Reference
from engine.deploy.bundle import canonical
from engine.deploy.loader import Loaded, LoadedFile
from engine.deploy.registry_artifacts import IN_REGISTRY, is_registry_key
from engine.errors import Fault, Problems, did_you_mean, with_article
from engine.stores.registry import FileRegistry

Id = tuple[str, str]

_ALWAYS_THERE: Id = ("sequence", DEFAULT_SEQUENCE)


@dataclass(slots=True)
class Linked:
    """What may be deployed, and what was found wrong on the way."""

    artifacts: dict[Id, Loaded] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


def link(
    files: Iterable[LoadedFile],
    previous: Mapping[Id, Loaded],
    connectors: Collection[str],
    has_resource: Callable[[str], bool],
) -> Linked:
    """Resolve names.

    A file with errors keeps what it gave in ``previous``. So does an artifact whose names no longer resolve, together
    with the artifacts it still uses. Without a previous version it stays out, and so do those that depend on it.
    """
    files = list(files)
    linked = Linked()
    _choose(files, previous, linked)
    _keep_last_good(files, linked.artifacts, previous)
    disabled = {name for (kind, name), each in linked.artifacts.items() if kind == "import" and not _enabled(each)}
    usable = [name for name in connectors if name not in disabled]
    resolves = _resolver(linked.artifacts, usable, has_resource)
    broken = {id_ for file in files for id_ in file.broken}
    for reference in (reference for file in files for reference in file.dangling):
        if not resolves(reference) and (reference.kind, reference.name) not in broken:
            _report(reference, linked, files, usable, disabled)
    seen: set[tuple[Reference, Id]] = set()
    while unresolved := _unresolved(linked.artifacts, previous, disabled, resolves):
        for id_, reference in unresolved:
            if (reference, id_) not in seen:
                seen.add((reference, id_))
                _report(reference, linked, files, usable, disabled)
        # One for each artifact at a time: what it falls back to has names of its own.
        for id_, reference in dict(reversed(unresolved)).items():
            _fall_back(id_, reference, linked.artifacts, previous)
    return linked


def _choose(files: list[LoadedFile], previous: Mapping[Id, Loaded], linked: Linked) -> None:
    """One artifact for each name: of two, the one in the file that ran before, else the first.

    So a file that is added never takes the place of what runs, wherever it stands in the order of files.
    """
    candidates: dict[Id, list[Loaded]] = {}
    for file in files:
        linked.problems.extend(file.problems)
        for each in file.artifacts:
            candidates.setdefault(each.id, []).append(each)
    for id_, same in candidates.items():
        ran_in = previous[id_].artifact.where.file if id_ in previous else None
        chosen = next((each for each in same if each.artifact.where.file == ran_in), same[0])
        linked.artifacts[id_] = chosen
        for each in same:
            if each is not chosen:
                linked.problems.error(
                    "duplicate-name",
                    each.artifact.where,
                    f"There is already {with_article(id_[0])} '{id_[1]}', at {chosen.artifact.where}.",
                    "That one runs; rename or remove this one.",
                )


def _keep_last_good(files: list[LoadedFile], artifacts: dict[Id, Loaded], previous: Mapping[Id, Loaded]) -> None:
    # Also what the file does not seem to hold any more: a mistake in its tag or name looks like that.
    faulty = {file.file for file in files if file.problems.has_errors}
    for id_, old in previous.items():
        # What lies in an archive is called ARCHIVE!FILE.
        if not faulty.isdisjoint((old.artifact.where.file, old.artifact.where.file.partition("!")[0])):
            artifacts.setdefault(id_, old)


def _resolver(
    artifacts: Mapping[Id, Loaded], connectors: Collection[str], has_resource: Callable[[str], bool]
) -> Callable[[Reference], bool]:
    def resolves(reference: Reference) -> bool:
        if reference.kind == "connector":
            return reference.name in connectors
        if (reference.kind, reference.name) in artifacts or (reference.kind, reference.name) == _ALWAYS_THERE:
            return True
        if reference.kind not in IN_REGISTRY:
            return False
        if ("local-entry", reference.name) in artifacts:
            return True
        try:
            return is_registry_key(reference.name) and has_resource(reference.name)
        except Fault:
            return False  # no path of the registry

    return resolves


def _unresolved(
    artifacts: Mapping[Id, Loaded],
    previous: Mapping[Id, Loaded],
    disabled: Collection[str],
    resolves: Callable[[Reference], bool],
) -> list[tuple[Id, Reference]]:
    def is_kept(id_: Id, each: Loaded, reference: Reference) -> bool:
        """What ran before holds the operations of its connectors itself."""
        return reference.kind == "connector" and reference.name not in disabled and previous.get(id_) is each

    return [
        (id_, reference)
        for id_, each in artifacts.items()
        if _enabled(each)
        for reference in each.references
        if not resolves(reference) and not is_kept(id_, each, reference)
    ]


def _enabled(each: Loaded) -> bool:
    return each.artifact.enabled


def _report(
    reference: Reference, linked: Linked, files: list[LoadedFile], connectors: Collection[str], disabled: set[str]
) -> None:
    kind, name = reference.kind, reference.name
    if kind == "connector" and name in disabled:
        where = linked.artifacts["import", name].artifact.where
        message, hint = f"The connector '{name}' is disabled.", f"The <import> at {where} says so."
    elif any((kind, name) in file.broken for file in files):
        message, hint = f"The {kind} '{name}' has errors.", ""
    else:
        message = f"There is no {kind.replace('-', ' ')} '{name}'."
        deployed = [each for each_kind, each in linked.artifacts if each_kind == kind]
        known = connectors if kind == "connector" else deployed
        hint = did_you_mean(name, known) or _where_to_define(kind, name)
    linked.problems.error(f"unknown-{kind}", reference.where, message, hint)


def _where_to_define(kind: str, name: str) -> str:
    """What makes the name known: kinds are called as their tags, with hyphens for capitals."""
    if kind == "connector":
        return "Put its zip or folder among the flows, or into a folder that --connectors names."
    if kind in IN_REGISTRY and is_registry_key(name):
        try:
            file = FileRegistry(Path()).file_of(canonical(name))
        except Fault:
            return ""  # no path of the registry
        return f"Put the file {file} into the folder of the registry."
    first, *rest = kind.split("-")
    tag = first + "".join(word.capitalize() for word in rest)
    attribute = "key" if tag == "localEntry" else "name"
    return f'Put <{tag} {attribute}="{name}"> into a file among the flows.'


def _fall_back(id_: Id, reference: Reference, artifacts: dict[Id, Loaded], previous: Mapping[Id, Loaded]) -> None:
    """Keep what ran before: first the missing artifact, then the old version of its user; else leave the user out."""
    wanted = (reference.kind, reference.name)
    if wanted in previous and id_ in previous:
        artifacts.setdefault(wanted, previous[wanted])
    elif id_ in previous and artifacts.get(id_) is not previous[id_]:
        artifacts[id_] = previous[id_]
    else:
        artifacts.pop(id_, None)
