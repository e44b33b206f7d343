"""The deployment of a folder: load, link, swap; and again when files change. A transaction each time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.deploy import connectors, loader
from engine.deploy.connectors import Connectors
from engine.deploy.linker import link
from engine.deploy.loader import LoadedFile, Stamp
from engine.deploy.references import References
from engine.deploy.snapshot import Services, Snapshot
from engine.errors import Problem
from engine.plugins.wso2_connector import is_connector

log = logging.getLogger("myelin.deploy")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of reading the files once, not yet in force."""

    stamps: dict[Path, Stamp]
    files: dict[Path, LoadedFile]
    connectors: Connectors
    snapshot: Snapshot
    problems: tuple[Problem, ...]


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
        self._files: dict[Path, LoadedFile] = {}
        self._connectors = Connectors(catalog=catalog)
        self.stamps: dict[Path, Stamp] = {}
        self.listeners: list[Callable[[], None]] = []
        """Told after each swap."""
        self.snapshot = Snapshot({}, services, catalog)
        self.problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    def find(self) -> dict[Path, Stamp]:
        """The files there are now. Raises FileNotFoundError when the folder itself is gone."""
        return loader.find(self._root) | connectors.find([self._root, *self._connector_folders])

    def prepare(self, stamps: dict[Path, Stamp]) -> Prepared:
        """Read what changed, check and link everything. Changes nothing."""
        libraries = self._read_connectors(stamps)
        files = {
            path: self._loaded(path, stamp, libraries) for path, stamp in stamps.items() if path not in libraries.reads
        }
        catalog = libraries.catalog
        given = [*files.values(), *libraries.files]
        linked = link(given, self.snapshot.loaded, catalog.connectors, self._has_resource)
        unusable = libraries.unusable(each.file for each in files.values())
        found = (*self._given, *libraries.problems, *linked.problems, *unusable)
        problems = tuple(sorted(found, key=lambda problem: problem.where))
        return Prepared(stamps, files, libraries, Snapshot(linked.artifacts, self._services, catalog), problems)

    def swap(self, prepared: Prepared) -> None:
        """Put a prepared deployment into force. Messages in flight keep the snapshot they have."""
        before = set(self.problems)
        for problem in prepared.problems:
            if problem not in before:
                log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        self.stamps, self._files, self._connectors = prepared.stamps, prepared.files, prepared.connectors
        self.snapshot, self.problems = prepared.snapshot, prepared.problems
        for listener in self.listeners:
            listener()

    def deploy(self) -> None:
        """Find, prepare and swap in one go: the first deployment."""
        self.swap(self.prepare(self.find()))

    def _read_connectors(self, stamps: Mapping[Path, Stamp]) -> Connectors:
        """The connectors there are now; the same object when nothing about them changed."""
        now = {path: stamp for path, stamp in stamps.items() if is_connector(path)}
        if now == {path: read.stamp for path, read in self._connectors.reads.items()}:
            return self._connectors
        return connectors.load(now, self._catalog, self._connectors)

    def _loaded(self, path: Path, stamp: Stamp, libraries: Connectors) -> LoadedFile:
        known = self._files.get(path)
        # Other connectors: what flows are made of has changed.
        if known is not None and known.stamp == stamp and libraries is self._connectors:
            return known
        libraries.forget(str(path))
        folder = loader.folder_of(self._root)
        return loader.load(path, stamp, libraries.catalog, folder=folder, references=self._references)

    def _has_resource(self, path: str) -> bool:
        return self._services.registry.get(path) is not None
