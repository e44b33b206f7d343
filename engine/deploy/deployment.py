"""The deployment of a folder: load, link, swap; and again when files change. A transaction each time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.deploy import capp, connectors, contents, loader
from engine.deploy.connectors import Connectors
from engine.deploy.contents import Contents
from engine.deploy.layered_registry import LayeredRegistry
from engine.deploy.linker import Id, link
from engine.deploy.loader import Stamp
from engine.deploy.progress import Progress, silent
from engine.deploy.references import References
from engine.deploy.registry_artifacts import resource_problems
from engine.deploy.snapshot import Services, Snapshot
from engine.errors import Problem
from engine.plugins.wso2_connector import is_connector

log = logging.getLogger("myelin.deploy")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of reading the files once, not yet in force."""

    stamps: dict[Path, Stamp]
    contents: dict[Path, Contents]
    connectors: Connectors
    snapshot: Snapshot
    problems: tuple[Problem, ...]
    kept: frozenset[Id]


class Deployment:
    """What is deployed now: ``snapshot`` and ``problems``. ``prepare`` may run in a thread, ``swap`` in the loop."""

    def __init__(
        self,
        root: Path,
        catalog: Catalog,
        services: Services,
        problems: Iterable[Problem] = (),
        connector_folders: Iterable[Path] = (),
    ) -> None:
        """``catalog`` is what is there without the WSO2 connectors beneath ``root`` and ``connector_folders``."""
        self._root = root
        self._connector_folders = tuple(connector_folders)
        self._catalog = catalog
        self._services = services
        self._references = References(services.secret, services.settings)
        self._given = tuple(problems)
        """Problems found before: in connectors, for instance."""
        self._contents: dict[Path, Contents] = {}
        self._connectors = Connectors(catalog=catalog)
        self.stamps: dict[Path, Stamp] = {}
        self.listeners: list[Callable[[], None]] = []
        """Told after each swap."""
        self.snapshot = Snapshot({}, services, catalog)
        self.problems: tuple[Problem, ...] = ()
        self.kept: frozenset[Id] = frozenset()
        """What runs as its last good version, for its file has errors now."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def connectors(self) -> frozenset[str]:
        """The names of those that flows may use."""
        return self._connectors.catalog.connectors

    def find(self) -> dict[Path, Stamp]:
        """The files there are now. Raises FileNotFoundError when the folder itself is gone."""
        outside = loader.stamps_of(dict.fromkeys(self._services.outside, ""))
        return loader.find(self._root) | connectors.find([self._root, *self._connector_folders]) | outside

    def prepare(self, stamps: dict[Path, Stamp], progress: Progress = silent) -> Prepared:
        """Read what changed, check and link everything. Changes nothing."""
        libraries = self._read_connectors(stamps, progress)
        catalog = libraries.catalog
        others = {*libraries.reads, *self._services.outside}
        same_outside = all(stamps.get(path) == self.stamps.get(path) for path in self._services.outside)
        flows = [path for path in stamps if path not in others]
        read = {path: self._read(path, stamps[path], libraries, same_outside) for path in progress(flows, "files")}
        files = [file for each in read.values() for file in each.files]
        resources = {key: content for each in read.values() for key, content in each.resources.items()}
        registry = LayeredRegistry(self._services.registry, resources)
        given, previous = [*files, *libraries.files], self.snapshot.loaded
        linked = link(given, previous, catalog.connectors, lambda path: registry.get(path) is not None)
        unusable = libraries.unusable(each.file for each in files)
        resources_wrong = resource_problems(linked.artifacts, registry, catalog)
        found = (*self._given, *libraries.problems, *linked.problems, *unusable, *resources_wrong)
        problems = tuple(sorted(found, key=lambda problem: problem.where))
        snapshot = Snapshot(linked.artifacts, self._services, catalog, resources)
        read_now = {id(each) for file in given for each in file.artifacts}
        kept = frozenset(id_ for id_, each in linked.artifacts.items() if id(each) not in read_now)
        return Prepared(stamps, read, libraries, snapshot, problems, kept)

    def swap(self, prepared: Prepared) -> None:
        """Put a prepared deployment into force. Messages in flight keep the snapshot they have."""
        before = set(self.problems)
        for problem in prepared.problems:
            if problem not in before:
                log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        for kind, name in sorted(prepared.kept - self.kept):
            log.info("%s '%s' keeps running as its last good version", kind, name)
        self.stamps, self._contents, self._connectors = prepared.stamps, prepared.contents, prepared.connectors
        self.snapshot, self.problems, self.kept = prepared.snapshot, prepared.problems, prepared.kept
        for listener in self.listeners:
            listener()

    def deploy(self, progress: Progress = silent) -> None:
        """Find, prepare and swap in one go: the first deployment."""
        self.swap(self.prepare(self.find(), progress))

    def _read_connectors(self, stamps: Mapping[Path, Stamp], progress: Progress) -> Connectors:
        """The connectors there are now; the same object when nothing about them changed."""
        now = {path: stamp for path, stamp in stamps.items() if is_connector(path) or capp.is_car(path)}
        if now == self._connectors.stamps:
            return self._connectors
        return connectors.load(now, self._catalog, self._connectors, progress)

    def _read(self, path: Path, stamp: Stamp, libraries: Connectors, same_outside: bool) -> Contents:
        known = self._contents.get(path)
        # Other connectors, other secrets: what flows are made of has changed.
        same_around = known is not None and (same_outside or not any(file.has_secrets for file in known.files))
        if known is not None and known.stamp == stamp and libraries is self._connectors and same_around:
            return known
        libraries.forget(str(path))
        now = contents.read(path, stamp, libraries.catalog, loader.folder_of(self._root), self._references)
        broken = any(file.problems.has_errors for file in now.files)
        if broken and known is not None and not now.resources:
            return replace(now, resources=known.resources)  # its flows keep their last good version too
        return now
