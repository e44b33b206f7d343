"""The deployment of a folder: load, link, swap; and again when files change. A transaction each time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.deploy import loader
from engine.deploy.linker import link
from engine.deploy.loader import LoadedFile, Stamp
from engine.deploy.references import References
from engine.deploy.snapshot import Services, Snapshot
from engine.errors import Problem

log = logging.getLogger("myelin.deploy")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of reading the files once, not yet in force."""

    stamps: dict[Path, Stamp]
    files: dict[Path, LoadedFile]
    snapshot: Snapshot
    problems: tuple[Problem, ...]


class Deployment:
    """What is deployed now: ``snapshot`` and ``problems``. ``prepare`` may run in a thread, ``swap`` in the loop."""

    def __init__(self, root: Path, catalog: Catalog, services: Services, problems: Iterable[Problem] = ()) -> None:
        self._root = root
        self._catalog = catalog
        self._services = services
        self._references = References(services.secret, services.settings)
        self._given = tuple(problems)
        """Problems found before: in connectors, for instance."""
        self._files: dict[Path, LoadedFile] = {}
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
        return loader.find(self._root)

    def prepare(self, stamps: dict[Path, Stamp]) -> Prepared:
        """Read what changed, check and link everything. Changes nothing."""
        files = {path: self._loaded(path, stamp) for path, stamp in stamps.items()}
        linked = link(files.values(), self.snapshot.loaded, _connectors(self._catalog), self._has_resource)
        problems = sorted((*self._given, *linked.problems), key=lambda problem: problem.where)
        return Prepared(stamps, files, Snapshot(linked.artifacts, self._services, self._catalog), tuple(problems))

    def swap(self, prepared: Prepared) -> None:
        """Put a prepared deployment into force. Messages in flight keep the snapshot they have."""
        before = set(self.problems)
        for problem in prepared.problems:
            if problem not in before:
                log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        self.stamps, self._files = prepared.stamps, prepared.files
        self.snapshot, self.problems = prepared.snapshot, prepared.problems
        for listener in self.listeners:
            listener()

    def deploy(self) -> None:
        """Find, prepare and swap in one go: the first deployment."""
        self.swap(self.prepare(self.find()))

    def _loaded(self, path: Path, stamp: Stamp) -> LoadedFile:
        known = self._files.get(path)
        if known is not None and known.stamp == stamp:
            return known
        folder = loader.folder_of(self._root)
        return loader.load(path, stamp, self._catalog, folder=folder, references=self._references)

    def _has_resource(self, path: str) -> bool:
        return self._services.registry.get(path) is not None


def _connectors(catalog: Catalog) -> Collection[str]:
    return {tag.partition(".")[0] for tag in catalog.tags("mediator") if "." in tag}
