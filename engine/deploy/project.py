"""Which files of a folder are what: flow files, carbon applications, resources of the registry.

A plain folder of flows has XML files only. The folders of WSO2's tools and servers have more, and run in place:

* a project of MI for VS Code: ``src/main/wso2mi/artifacts`` are flows; of ``src/main/wso2mi/resources``,
  ``registry/gov`` and ``registry/conf`` are the registry, the rest is what flows call ``resources:…``;
* a project of Integration Studio: ``artifact.xml`` beside the files names resources and their paths in the registry;
* a server: ``synapse-configs`` are flows, ``carbonapps`` applications, ``registry/{config,governance,local}`` beside
  ``repository`` or ``synapse-configs`` the registry.

Descriptors of build tools, tests and build results are left out.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.deploy.bundle import key_below
from engine.plugins.wso2_connector import is_connector
from engine.source import Source, SourceError

DESCRIPTORS = frozenset({"pom.xml", "artifact.xml", "artifacts.xml", "registry-info.xml"})
"""Files of build tools, which are no artifacts."""

_REGISTRY = {"config": "conf:", "conf": "conf:", "governance": "gov:", "gov": "gov:", "local": ""}
_WSO2MI = ("src", "main", "wso2mi", "resources")
_SOURCES = ("wso2mi", "synapse-config")
_NOT_RESOURCES = frozenset({"registry", "connectors", "metadata"})


@dataclass(slots=True)
class Layout:
    """The files of a folder. ``resources`` are keys of the registry by file."""

    flows: list[Path] = field(default_factory=list)
    applications: list[Path] = field(default_factory=list)
    data_services: list[Path] = field(default_factory=list)
    resources: dict[Path, str] = field(default_factory=dict)
    is_project: bool = False
    """Whether it is more than a plain folder of flows."""


def scan(root: Path) -> Layout:
    """Sort the files beneath a folder. Hidden ones and links to folders are left out."""
    layout = Layout()
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _is_left_out(here, name))
        visible = sorted(name for name in names if not name.startswith("."))
        if not DESCRIPTORS.isdisjoint(visible) or "synapse-configs" in folders:
            layout.is_project = True
        layout.resources.update(_described(here, visible))
        for name in list(folders):
            if found := _resources_below(here, name):
                folders.remove(name)
                layout.resources.update(found)
                layout.is_project = True
        for name in visible:
            _add(here / name, layout)
    return layout


def _add(path: Path, layout: Layout) -> None:
    if path in layout.resources or path.name in DESCRIPTORS:
        return
    if path.suffix == ".xml":
        layout.flows.append(path)
    elif path.suffix == ".car":
        layout.applications.append(path)
    elif path.suffix == ".dbs":
        layout.data_services.append(path)


def _is_left_out(folder: Path, name: str) -> bool:
    """Hidden folders, connectors with their templates, tests and build results of a project."""
    if name.startswith(".") or is_connector(folder / name):
        return True
    if name == "target":
        return (folder / "pom.xml").exists()
    # Only beside flows: elsewhere a folder of this name is like any other.
    return name == "test" and folder.name == "src" and any((folder / "main" / each).is_dir() for each in _SOURCES)


def _described(folder: Path, names: list[str]) -> dict[Path, str]:
    """The resources that ``artifact.xml`` of this folder names."""
    if "artifact.xml" not in names:
        return {}
    descriptor = folder / "artifact.xml"
    try:
        status = descriptor.stat()
    except OSError:
        return {}
    found: dict[Path, str] = {}
    for file, path, is_folder in _items(descriptor, status.st_mtime_ns, status.st_size):
        if is_folder:
            below = folder / file
            found.update({each: key_below(path, each.relative_to(below).as_posix()) for each in _files(below)})
        elif _is_inside(folder, folder / file):
            found[folder / file] = key_below(path, Path(file).name)
    return found


@functools.lru_cache(maxsize=256)
def _items(descriptor: Path, modified: int, size: int) -> tuple[tuple[str, str, bool], ...]:
    """File or folder, path in the registry, and whether it is a folder; nothing for a descriptor of another kind."""
    try:
        root = Source(str(descriptor), descriptor.read_bytes()).parse()
    except (OSError, SourceError):
        return ()
    found = []
    for artifact in root.children:
        for entry in artifact.children if artifact.attributes.get("type") == "registry/resource" else ():
            file, path = entry.find("directory" if entry.tag == "collection" else "file"), entry.find("path")
            if entry.tag in ("item", "collection") and file is not None and path is not None:
                found.append((file.text.strip(), path.text.strip(), entry.tag == "collection"))
    return tuple(found)


def _resources_below(folder: Path, name: str) -> dict[Path, str]:
    """The resources in the folder ``name`` when it is a registry, or holds the resources of a project."""
    here = folder / name
    if here.parts[-4:] == _WSO2MI:
        return _project_resources(here)
    if name == "registry" and ((folder / "repository").is_dir() or (folder / "synapse-configs").is_dir()):
        return _tree(here)
    return {}


def _project_resources(folder: Path) -> dict[Path, str]:
    found = _tree(folder / "registry")
    for each in _files(folder):
        relative = each.relative_to(folder)
        if relative.parts[0] not in _NOT_RESOURCES and each.name not in DESCRIPTORS:
            found[each] = key_below("gov:mi-resources", relative.as_posix())
    return found


def _tree(registry: Path) -> dict[Path, str]:
    """The files of a registry's folders by their keys."""
    return {
        each: key_below(prefix, each.relative_to(registry / name).as_posix())
        for name, prefix in _REGISTRY.items()
        for each in _files(registry / name)
        if each.name not in DESCRIPTORS
    }


def _files(folder: Path) -> Iterator[Path]:
    """All visible files beneath a folder; none when it is not there or leads elsewhere."""
    if folder.is_symlink():
        return
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _is_inside(folder: Path, path: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())
