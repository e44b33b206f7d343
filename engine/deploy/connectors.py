"""WSO2 connectors among the files: found, read and put into the catalogue; hot, like any file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.deploy import capp, loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.deploy.progress import Progress, silent
from engine.errors import Problem, Problems, Where
from engine.plugins.wso2_archive import BadArchive
from engine.plugins.wso2_calls import Library
from engine.plugins.wso2_connector import Connector, is_connector, read_connector
from engine.source import Source, SourceError


def find(folders: Iterable[Path]) -> dict[Path, Stamp]:
    """The connectors beneath these folders: zips, and folders with a ``connector.xml``. Hidden ones are left out."""
    found = (path for folder in folders if folder.exists() for path in _walk(folder))
    return {path: stamp for path in found if (stamp := _stamp(path)) is not None}


def _walk(folder: Path) -> Iterator[Path]:
    if is_connector(folder):
        yield folder
        return
    if not folder.is_dir():
        return
    for each in sorted(folder.iterdir()):
        if each.name.startswith(".") or each.is_symlink():
            continue
        if each.is_dir():
            yield from _walk(each)
        elif is_connector(each):
            yield each


def _stamp(path: Path) -> Stamp | None:
    """Of a folder: the newest change and the size of all its files."""
    try:
        if path.is_file():
            status = path.stat()
            return Stamp(status.st_mtime_ns, status.st_size)
        all_status = [Path(folder, name).lstat() for folder, _, names in os.walk(path) for name in names]
    except FileNotFoundError:
        return None  # removed since it was listed
    newest = max((status.st_mtime_ns for status in all_status), default=0)
    return Stamp(newest, sum(status.st_size for status in all_status) + len(all_status))


@dataclass(slots=True)
class Read:
    """One connector as it was read last. A broken one keeps its last good version."""

    stamp: Stamp
    connector: Connector | None
    problems: Problems


@dataclass(slots=True)
class Connectors:
    """The connectors of one deployment: the catalogue with their operations, and their local entries as files.

    ``stamps`` are the files they come from: zips, folders, and carbon applications, which may hold several.
    """

    stamps: Mapping[Path, Stamp] = field(default_factory=dict)
    reads: dict[Path, Read] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog)
    files: list[LoadedFile] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    connector_library: Library | None = None

    def unusable(self, files: Iterable[str]) -> list[Problem]:
        """What keeps operations from running that these files use. Such a flow is deployed and faults when it comes to
        the operation, as in Synapse: the others that it calls go on."""
        if self.connector_library is None:
            return []
        return [each for file in files for each in self.connector_library.unusable.get(file, ())]

    def forget(self, file: str) -> None:
        """A file is about to be built anew."""
        if self.connector_library is not None:
            for known in list(self.connector_library.unusable):
                if known == file or known.startswith(f"{file}!"):  # a carbon application has several
                    del self.connector_library.unusable[known]


def load(
    stamps: Mapping[Path, Stamp], base: Catalog, before: Connectors | None = None, progress: Progress = silent
) -> Connectors:
    """Read what changed since ``before`` and extend ``base``. Never raises for what is in the files."""
    old = before.reads if before is not None else {}
    reads = {}
    for path, stamp in progress(stamps.items(), "connectors"):
        if not capp.is_car(path):
            reads[path] = _read(path, stamp, old.get(path))
            continue
        reads.update(_read_application(path, stamp, old))
    result = Connectors(stamps, reads)
    for read in reads.values():
        result.problems.extend(read.problems)
    running = before.connector_library.connectors if before is not None and before.connector_library else {}
    chosen = _one_of_each_name(reads, running, base, result.problems)
    result.connector_library = Library(chosen, base) if chosen else None
    result.catalog = result.connector_library.catalog if result.connector_library is not None else base
    for connector in chosen:
        _add_local_entries(connector, result)
        _add_endpoint_templates(connector, result)
    return result


def _read_application(path: Path, stamp: Stamp, old: Mapping[Path, Read]) -> dict[Path, Read]:
    """The connectors inside of a carbon application; those of its last good version when it cannot be read."""
    bundle = capp.read(path)
    found = {
        Path(name): _read(Path(name), stamp, old.get(Path(name)), content)
        for name, content in bundle.connectors.items()
    }
    if not found and bundle.problems.has_errors:
        return {inner: read for inner, read in old.items() if str(inner).startswith(f"{path}!")}
    return found


def _read(path: Path, stamp: Stamp, old: Read | None, content: bytes | None = None) -> Read:
    if old is not None and old.stamp == stamp:
        return old
    problems = Problems()
    connector = read_connector(path, problems, content)
    if connector is None and old is not None:
        connector = old.connector
    return Read(stamp, connector, problems)


def _one_of_each_name(
    reads: Mapping[Path, Read], running: Mapping[str, Connector], base: Catalog, problems: Problems
) -> list[Connector]:
    """Of two the one that runs already: a file that is added never takes its place. Else the first by its path."""
    ran_from = {each.path for each in running.values()}
    chosen: dict[str, Connector] = {}
    for path in sorted(reads, key=lambda path: (path not in ran_from, path)):
        connector = reads[path].connector
        if connector is None:
            continue
        first = chosen.get(connector.name)
        if first is not None:
            message = f"There is already a connector '{connector.name}', at {first.path}."
            problems.error("duplicate-connector", Where(str(path)), message, "That one runs; remove one of them.")
            continue
        chosen[connector.name] = connector
        if connector.name in base.connectors:
            message = f"The connector '{connector.name}' takes the place of the one of that name that is installed."
            problems.warning("replaces-connector", Where(str(path)), message)
    return list(chosen.values())


def _add_local_entries(connector: Connector, result: Connectors) -> None:
    try:
        for label, content in connector.local_entries():
            result.files.append(loader.load_text(label, content, result.catalog))
    except BadArchive as error:
        result.problems.warning("incomplete-connector", Where(str(connector.path)), error.message)


def _add_endpoint_templates(connector: Connector, result: Connectors) -> None:
    """Templates of endpoints have the connector's package in their names."""
    for operation in connector.operations.values():
        if not operation.is_endpoint:
            continue
        label = connector.archive.label(operation.file)
        loaded = LoadedFile(label, loader.NO_STAMP)
        try:
            root = Source(label, connector.archive.read(operation.file)).parse()
        except (BadArchive, SourceError) as error:
            result.problems.warning("incomplete-connector", Where(label), str(error))
            continue
        root.attributes["name"] = f"{connector.package}.{connector.name}.{operation.name}"
        loader.build_all(root, result.catalog, loaded)
        result.files.append(loaded)
