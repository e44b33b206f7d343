"""Loaded files -> the artifacts that may run: names are unique, and every name an artifact uses exists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from engine.declare.build import Reference
from engine.deploy.loader import Loaded, LoadedFile
from engine.deploy.snapshot import REGISTRY_PREFIXES
from engine.errors import Problems, did_you_mean

Id = tuple[str, str]


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
    for file in files:
        _add_file(file, linked)
    _keep_last_good(files, linked.artifacts, previous)
    resolves = _resolver(linked.artifacts, connectors, has_resource)
    broken = {id_ for file in files for id_ in file.broken}
    for reference in (reference for file in files for reference in file.dangling):
        if not resolves(reference) and (reference.kind, reference.name) not in broken:
            _report(reference, linked, files, connectors)
    seen: set[tuple[Reference, Id]] = set()
    while unresolved := _unresolved(linked.artifacts, resolves):
        for id_, reference in unresolved:
            if (reference, id_) not in seen:
                seen.add((reference, id_))
                _report(reference, linked, files, connectors)
            _fall_back(id_, reference, linked.artifacts, previous)
    return linked


def _add_file(file: LoadedFile, linked: Linked) -> None:
    linked.problems.extend(file.problems)
    for each in file.artifacts:
        first = linked.artifacts.get(each.id)
        if first is None:
            linked.artifacts[each.id] = each
            continue
        kind, name = each.id
        linked.problems.error(
            "duplicate-name",
            each.artifact.where,
            f"There is already a {kind} '{name}', at {first.artifact.where}.",
            "The first one runs; rename or remove this one.",
        )


def _keep_last_good(files: list[LoadedFile], artifacts: dict[Id, Loaded], previous: Mapping[Id, Loaded]) -> None:
    # Also what the file does not seem to hold any more: a mistake in its tag or name looks like that.
    faulty = {file.file for file in files if file.problems.has_errors}
    for id_, old in previous.items():
        if old.artifact.where.file in faulty:
            artifacts.setdefault(id_, old)


def _resolver(
    artifacts: Mapping[Id, Loaded], connectors: Collection[str], has_resource: Callable[[str], bool]
) -> Callable[[Reference], bool]:
    def resolves(reference: Reference) -> bool:
        if reference.kind == "connector":
            return reference.name in connectors
        if (reference.kind, reference.name) in artifacts:
            return True
        if reference.kind != "local-entry":
            return False  # sequences and endpoints in the registry are not deployed from there yet
        return reference.name.startswith(REGISTRY_PREFIXES) and has_resource(reference.name)

    return resolves


def _unresolved(artifacts: Mapping[Id, Loaded], resolves: Callable[[Reference], bool]) -> list[tuple[Id, Reference]]:
    return [(id_, ref) for id_, each in artifacts.items() for ref in each.references if not resolves(ref)]


def _report(reference: Reference, linked: Linked, files: list[LoadedFile], connectors: Collection[str]) -> None:
    kind, name = reference.kind, reference.name
    if any((kind, name) in file.broken for file in files):
        message, hint = f"The {kind} '{name}' has errors.", ""
    else:
        message = f"There is no {kind} '{name}'."
        deployed = [each for each_kind, each in linked.artifacts if each_kind == kind]
        known = connectors if kind == "connector" else deployed
        hint = did_you_mean(name, known)
    linked.problems.error(f"unknown-{kind}", reference.where, message, hint)


def _fall_back(id_: Id, reference: Reference, artifacts: dict[Id, Loaded], previous: Mapping[Id, Loaded]) -> None:
    """Keep what ran before: first the missing artifact, then the old version of its user; else leave the user out."""
    wanted = (reference.kind, reference.name)
    if wanted in previous and id_ in previous:
        artifacts.setdefault(wanted, previous[wanted])
    elif id_ in previous and artifacts.get(id_) is not previous[id_]:
        artifacts[id_] = previous[id_]
    else:
        artifacts.pop(id_, None)
