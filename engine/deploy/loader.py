"""Files -> artifacts, each with its problems. One bad artifact never keeps another from loading."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from engine.artifacts.local_entry import LocalEntry
from engine.core.artifact import Artifact
from engine.core.mediator import Mediator
from engine.core.redaction import SECRETS
from engine.declare.build import Builder, Reference
from engine.declare.catalog import Catalog
from engine.declare.spec import SYNAPSE, Spec
from engine.declare.unsupported import ARTIFACTS as UNSUPPORTED_ARTIFACTS
from engine.deploy import http_connection, project
from engine.deploy.references import References
from engine.errors import Problem, Problems, Where, did_you_mean
from engine.plugins.wso2_connector import is_connector
from engine.source import Element, Source, SourceError

UNIT_TESTS = frozenset({"unit-test", "synapse-unit-test"})
"""The roots of files that test flows."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file has changed."""

    modified: int
    size: int
    resource: str = ""
    """The key of the registry resource that the file is; empty for all others."""


NO_STAMP = Stamp(0, 0)
"""Of a file that is part of another one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One artifact that could be built, and the names it depends on."""

    artifact: Artifact
    references: tuple[Reference, ...]

    @property
    def id(self) -> tuple[str, str]:
        return self.artifact.kind, self.artifact.identity


@dataclass(slots=True)
class LoadedFile:
    """What one file gave.

    ``broken`` are the artifacts that errors kept from being built, where their name is known, ``dangling`` the names
    that these use: nobody runs them, but all mistakes are told at once. ``places`` are all artifacts, built or not, by
    kind, name and where they begin.
    """

    file: str
    stamp: Stamp
    artifacts: list[Loaded] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    dangling: list[Reference] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    places: list[tuple[str, str, Where]] = field(default_factory=list)
    has_secrets: bool = False
    """Whether it refers to secrets, and is to be read again when they change."""


def find(root: Path) -> dict[Path, Stamp]:
    """The files beneath a folder that flows are made of, or the one file. Raises FileNotFoundError."""
    if not root.exists():
        raise FileNotFoundError(f"there is no folder or file '{root}'")
    if is_connector(root):
        return {}
    if not root.is_dir():
        return {root: _stamp(root.stat())}  # whatever it is: a shell's <(command) is a pipe
    layout = project.scan(root)
    paths = dict.fromkeys((*layout.flows, *layout.applications, *layout.data_services), "")
    return stamps_of(dict(sorted((paths | layout.resources).items())))


def folder_of(root: Path) -> Path:
    """Where the files lie that flows name: the folder, or that of the one file."""
    return root if root.is_dir() else root.parent


def load(
    path: Path,
    stamp: Stamp,
    catalog: Catalog,
    file: str | None = None,
    folder: Path | None = None,
    references: References | None = None,
) -> LoadedFile:
    """Read, parse and build one file of the flows in ``folder``. Never raises for what is in it.

    Without ``references`` those to the environment, to properties and secrets stay as they are written.
    """
    label = file or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        loaded = LoadedFile(label, stamp)
        loaded.problems.error("unreadable", Where(label), f"The file cannot be read: {error.strerror}.")
        return loaded
    return load_text(label, content, catalog, stamp, folder, references)


def load_text(
    label: str,
    content: bytes,
    catalog: Catalog,
    stamp: Stamp = NO_STAMP,
    folder: Path | None = None,
    references: References | None = None,
) -> LoadedFile:
    """Parse and build what a file holds; ``label`` is how messages call it."""
    loaded = LoadedFile(label, stamp)
    try:
        root = Source(label, content).parse()
    except SourceError as error:
        loaded.problems.extend([error.problem])
        return loaded
    if references is not None:
        loaded.has_secrets = references.resolve(root, loaded.problems)
    build_all(root, catalog, loaded, folder)
    loaded.problems.mask(SECRETS.masked)
    return loaded


def build_all(root: Element, catalog: Catalog, loaded: LoadedFile, folder: Path | None = None) -> None:
    """Build the artifact, or those inside ``<definitions>``, into ``loaded``."""
    for element in _artifact_elements(root, catalog, loaded.problems):
        build(element, catalog, loaded, folder)


def stamps_of(paths: Mapping[Path, str]) -> dict[Path, Stamp]:
    """The stamps of files, each with the key of the resource that it is; files that are not there have none.

    Nor have pipes and devices: who reads them may wait for ever.
    """
    found = {}
    for path, resource in paths.items():
        try:
            status = path.stat()
        except OSError:
            continue  # removed since it was listed
        if stat.S_ISREG(status.st_mode):
            found[path] = _stamp(status, resource)
    return found


def _stamp(status: os.stat_result, resource: str = "") -> Stamp:
    return Stamp(status.st_mtime_ns, status.st_size, resource)


def _artifact_elements(root: Element, catalog: Catalog, problems: Problems) -> list[Element]:
    if root.namespace != SYNAPSE:
        if root.tag == "localEntry" and not root.namespace:
            return [root]  # the reference looks at the attributes and the first child only
        if root.tag == "definitions" or catalog.get("artifact", root.tag) is not None:
            message = f"<{root.tag}> is not in the Synapse namespace."
            problems.error("wrong-namespace", root.where, message, f'Add xmlns="{SYNAPSE}".')
        else:
            hint = "`myelin test` runs it." if root.tag in UNIT_TESTS else ""
            message = f"<{root.tag}> is no Synapse artifact; the file is left out."
            problems.warning("not-synapse", root.where, message, hint)
        return []
    if root.tag != "definitions":
        return [root]
    return [child for child in root.children if child.tag != "description"]


def build(element: Element, catalog: Catalog, loaded: LoadedFile, folder: Path | None = None) -> None:
    """Build one artifact into ``loaded``; what is wrong with it is added to the problems.

    Files that it names lie in ``folder``; without one nobody looks for them. A local entry may bring its endpoint.
    """
    _build(element, catalog, loaded, folder)
    if element.tag == "localEntry" and (endpoint := http_connection.endpoint_of(element)) is not None:
        _build(endpoint, catalog, loaded, folder)


def _build(element: Element, catalog: Catalog, loaded: LoadedFile, folder: Path | None) -> None:
    spec = catalog.get("artifact", element.tag)
    name = element.attributes.get("name") or element.attributes.get("key") or ""
    loaded.places.append((_kind_of(spec) if spec is not None else element.tag, name, element.where))
    if spec is None:
        loaded.problems.extend([_unknown(element, catalog)])
        return
    builder = Builder(catalog, folder=folder)
    node = builder.node(spec, element)
    if isinstance(node, LocalEntry):
        node.connection = cast(tuple[Mediator, ...], builder.mediators(node.operations))
    loaded.problems.extend(builder.problems)
    if isinstance(node, Artifact) and not builder.problems.has_errors:
        loaded.artifacts.append(Loaded(node, tuple(builder.references)))
    else:
        loaded.dangling += builder.references
        loaded.broken.append((_kind_of(spec), name))


def _kind_of(spec: Spec) -> str:
    return str(getattr(spec.construct, "kind", spec.tag))


def _unknown(element: Element, catalog: Catalog) -> Problem:
    if element.tag in UNSUPPORTED_ARTIFACTS:
        entry = UNSUPPORTED_ARTIFACTS[element.tag]
        return Problem("unsupported", element.where, f"<{element.tag}> {entry.reason}.", entry.way_out)
    kinds = catalog.kinds_of(element.tag)
    hint = did_you_mean(element.tag, [*catalog.tags("artifact"), *UNSUPPORTED_ARTIFACTS])
    if "mediator" in kinds:
        hint = "Mediators stand inside a <sequence>, a <template> or a <proxy>."
    return Problem("unknown-artifact", element.where, f"<{element.tag}> is no artifact.", hint)
