"""Carbon applications: ``.car`` files. Read where they lie; nothing is unpacked to disk.

artifacts.xml                        <artifacts><artifact type="carbon/application"><dependency artifact version/>…
NAME_VERSION/artifact.xml            <artifact name version type><file>NAME.xml</file></artifact>
NAME_VERSION/NAME.xml                the artifact
NAME_VERSION/registry-info.xml       for resources: <resources><item><file/><path/></item>…, files in resources/
dependencies/OTHER.car               applications that a fat one brings along
"""

from __future__ import annotations

from pathlib import Path

from engine.deploy.bundle import Bundle, key_below
from engine.errors import Where
from engine.plugins.wso2_archive import MAX_TOTAL, Archive, BadArchive, open_archive
from engine.source import Element, Source, SourceError

MAX_NESTING = 3
"""Applications inside one another."""

_JAVA = "it is Java, which does not run here"
_UNSUPPORTED = {
    "lib/synapse/mediator": (_JAVA, 'Register a Python class of the same name for <class name="…"/>.'),
    "lib/connector/dependency": (_JAVA, "Connectors that need it fault when they come to their Java class."),
    "service/dataservice": (
        "data services are not run here",
        "Use <dblookup> and <dbreport> behind an <api>, or keep the service where it runs.",
    ),
    "datasource/datasource": (
        "data sources are settings here",
        "Give it under 'datasources' in myelin.yaml, under the same name.",
    ),
    "config/property": ("its properties are settings here", "Name its file as 'properties_file' in myelin.yaml."),
}
_IGNORED = frozenset({"synapse/metadata", "carbon/application", "synapse/import-metadata"})


def is_car(path: Path) -> bool:
    """Whether a file is a carbon application, by its name."""
    return path.suffix == ".car"


def read(path: Path) -> Bundle:
    """What an application yields. Never raises for what is in it."""
    bundle = Bundle()
    try:
        _read(open_archive(path), str(path), bundle, 1)
    except BadArchive as error:
        bundle.problems.error("bad-car", Where(str(path)), error.message, "Build it again.")
    return bundle


def _read(archive: Archive, label: str, bundle: Bundle, nesting: int) -> None:
    if "artifacts.xml" not in archive.names:
        raise BadArchive("It has no artifacts.xml.")
    artifacts = _artifacts(archive)
    for each in _parsed(archive, "artifacts.xml").children:
        for dependency in each.children:
            if dependency.tag == "dependency" and dependency.attributes.get("include", "true") != "false":
                _read_dependency(archive, dependency, artifacts, label, bundle)
    for name in sorted(archive.names):
        if name.startswith("dependencies/") and name.endswith(".car"):
            _read_nested(archive, name, label, bundle, nesting)


def _artifacts(archive: Archive) -> dict[str, dict[str, tuple[str, Element]]]:
    """Name -> version -> folder and descriptor. Folders are named in more than one way; the descriptors tell."""
    found: dict[str, dict[str, tuple[str, Element]]] = {}
    for name in sorted(archive.names):
        folder, _, file = name.rpartition("/")
        if file == "artifact.xml" and folder and "/" not in folder:
            artifact = _parsed(archive, name)
            versions = found.setdefault(artifact.attributes.get("name", ""), {})
            versions[artifact.attributes.get("version", "")] = folder, artifact
    return found


def _read_dependency(
    archive: Archive,
    dependency: Element,
    artifacts: dict[str, dict[str, tuple[str, Element]]],
    label: str,
    bundle: Bundle,
) -> None:
    name, version = dependency.attributes.get("artifact", ""), dependency.attributes.get("version", "")
    versions = artifacts.get(name, {})
    # Old tools wrote 1.0.0 here and 1.0.0.v20120124 there.
    wanted = version if version in versions else next((each for each in versions if each.startswith(version)), None)
    if wanted is None:
        message = f"The artifact '{name}' of the version {version} is not in it."
        bundle.problems.warning(
            "incomplete-car", dependency.where, message, "It is left out; build the application again."
        )
        return
    _read_artifact(archive, *versions[wanted], label, bundle)


def _read_nested(archive: Archive, name: str, label: str, bundle: Bundle, nesting: int) -> None:
    where = f"{label}!{name}"
    if nesting >= MAX_NESTING:
        raise BadArchive(f"{name} is nested deeper than {MAX_NESTING} applications.")
    inner = Bundle()
    try:
        _read(open_archive(Path(where), archive.read(name, MAX_TOTAL)), where, inner, nesting + 1)
    except BadArchive as error:
        bundle.problems.error("bad-car", Where(where), error.message, "Build it again.")
    bundle.add(inner)


def _read_artifact(archive: Archive, folder: str, artifact: Element, label: str, bundle: Bundle) -> None:
    type_, file = artifact.attributes.get("type", ""), _text(artifact, "file")
    path = f"{folder}/{file}"
    if type_ in _IGNORED:
        return
    if type_ == "registry/resource":
        _read_resources(archive, folder, path, bundle)
    elif type_ in _UNSUPPORTED:
        why, way_out = _UNSUPPORTED[type_]
        name = artifact.attributes.get("name", folder)
        bundle.problems.warning("left-out", artifact.where, f"'{name}' ({type_}) is left out: {why}.", way_out)
    elif path not in archive.names:
        bundle.problems.error("bad-car", artifact.where, f"There is no {path} in it.", "Build it again.")
    elif type_ == "synapse/lib" and file.endswith(".zip"):
        bundle.connectors[f"{label}!{path}"] = archive.read(path, MAX_TOTAL)
    elif file.endswith(".xml"):
        bundle.flows[f"{label}!{path}"] = archive.read(path)
    else:
        message = f"Artifacts of the type '{type_}' are not known; it is left out."
        bundle.problems.warning("left-out", artifact.where, message)


def _read_resources(archive: Archive, folder: str, descriptor: str, bundle: Bundle) -> None:
    for entry in _parsed(archive, descriptor).children:
        base = _text(entry, "path")
        if entry.tag == "item":
            name = f"{folder}/resources/{_text(entry, 'file')}"
            if name not in archive.names:
                bundle.problems.error("bad-car", entry.where, f"There is no {name} in it.", "Build it again.")
                continue
            bundle.resources[key_below(base, _text(entry, "file"))] = archive.read(name)
        elif entry.tag == "collection":
            inside = f"{folder}/resources/{_text(entry, 'directory')}/"
            for name in sorted(archive.names):
                if name.startswith(inside):
                    bundle.resources[key_below(base, name[len(inside) :])] = archive.read(name)


def _parsed(archive: Archive, name: str) -> Element:
    if name not in archive.names:
        raise BadArchive(f"There is no {name} in it.")
    try:
        return Source(archive.label(name), archive.read(name)).parse()
    except SourceError as error:
        raise BadArchive(f"{name} cannot be read: {error.problem.message}") from None


def _text(element: Element, tag: str) -> str:
    child = element.find(tag)
    return child.text.strip() if child is not None else ""
