"""What one file of a deployment gives: artifacts, resources of the registry, or several files when it is an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.deploy import capp, loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.deploy.references import References
from engine.errors import Where


@dataclass(frozen=True, slots=True)
class Contents:
    """``files`` were built from it, ``resources`` are by ``canonical`` key."""

    stamp: Stamp
    files: tuple[LoadedFile, ...] = ()
    resources: Mapping[str, bytes] = field(default_factory=dict)


def read(path: Path, stamp: Stamp, catalog: Catalog, folder: Path, references: References | None) -> Contents:
    """Read one file as what it is. Never raises for what is in it."""
    if stamp.resource:
        return _resource(path, stamp)
    if capp.is_car(path):
        return _application(path, stamp, catalog, folder, references)
    if path.suffix == ".dbs":
        return _data_service(path, stamp)
    return Contents(stamp, (loader.load(path, stamp, catalog, folder=folder, references=references),))


def _resource(path: Path, stamp: Stamp) -> Contents:
    try:
        return Contents(stamp, resources={stamp.resource: path.read_bytes()})
    except OSError as error:
        file = LoadedFile(str(path), stamp)
        file.problems.error("unreadable", Where(file.file), f"The file cannot be read: {error.strerror}.")
        return Contents(stamp, (file,))


def _application(path: Path, stamp: Stamp, catalog: Catalog, folder: Path, references: References | None) -> Contents:
    bundle = capp.read(path)
    itself = LoadedFile(str(path), stamp)
    itself.problems.extend(bundle.problems)
    flows = (
        loader.load_text(label, content, catalog, stamp, folder, references) for label, content in bundle.flows.items()
    )
    return Contents(stamp, (itself, *flows), bundle.resources)


def _data_service(path: Path, stamp: Stamp) -> Contents:
    file = LoadedFile(str(path), stamp)
    hint = "Use <dblookup> and <dbreport> behind an <api>, or keep the service where it runs."
    file.problems.warning("left-out", Where(file.file), "Data services are not run here.", hint)
    return Contents(stamp, (file,))
