"""Sequences, endpoints and templates that lie in the registry or in a local entry, and are used by its key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.artifacts.local_entry import LocalEntry, RegistryKey
from engine.core.artifact import Artifact
from engine.declare.catalog import Catalog
from engine.deploy import loader
from engine.deploy.loader import Loaded, LoadedFile, Stamp
from engine.errors import Fault, Problem
from engine.mediators import _saxon, _xslt
from engine.message.context import Registry
from engine.source import Source, SourceError

IN_REGISTRY = frozenset({"sequence", "endpoint", "template", "local-entry"})
"""Kinds of artifacts that a registry path may name."""

MAX_KEPT = 512
"""Artifacts kept for one deployment; more are read again."""


def is_registry_key(name: str) -> bool:
    """Whether a name is a path of the registry: ``conf:/x``, ``gov:/x``, ``local:/x``, ``resources:x`` or ``a/x``."""
    return name.startswith(("conf:", "gov:", "local:", "resources:")) or "/" in name


class RegistryArtifacts:
    """Reads artifacts, once for each content: a resource that changes is read again at its next use.

    What it uses is looked up when it runs, since it is not part of the deployment. ``entry`` gives the value of a local
    entry (text or an element), or None.
    """

    def __init__(self, registry: Registry, entry: Callable[[str], Any], catalog: Catalog) -> None:
        self._registry = registry
        self._entry = entry
        self._catalog = catalog
        self._kept: OrderedDict[tuple[str, str], tuple[bytes, Artifact]] = OrderedDict()

    def get(self, kind: str, key: str) -> Artifact | None:
        """The artifact, or None when there is no such resource. Raises Fault when it is not what ``kind`` says."""
        content = self.content(key)
        if content is None:
            return None
        known = self._kept.get((kind, key))
        if known is not None and known[0] == content:
            self._kept.move_to_end((kind, key))
            return known[1]
        artifact = self._read(kind, key, content)
        self._kept[kind, key] = content, artifact
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return artifact

    def content(self, key: str) -> bytes | None:
        """The bytes of a local entry or a resource; None when there is neither."""
        value = self._entry(key)
        if isinstance(value, RegistryKey):
            return self._registry.get(value.key)
        if isinstance(value, etree._Element):
            return etree.tostring(value)
        if isinstance(value, str):
            return value.encode()
        return self._registry.get(key) if is_registry_key(key) else None

    def _read(self, kind: str, key: str, content: bytes) -> Artifact:
        loaded = LoadedFile(key, Stamp(0, len(content)))
        try:
            root = Source(key, content).parse()
        except SourceError as error:
            raise Fault(f"the resource '{key}' is no {kind}", detail=str(error)) from None
        if kind == LocalEntry.kind:
            root = replace(root, tag="localEntry", attributes={"key": key}, children=[root], text="")
        else:
            # Most name themselves by something else than their path, or not at all.
            root.attributes["name"] = key
        loader.build_all(root, self._catalog, loaded)
        errors = [str(problem) for problem in loaded.problems if problem.severity == "error"]
        artifact = next((each.artifact for each in loaded.artifacts if each.artifact.kind == kind), None)
        if errors or artifact is None:
            raise Fault(f"the resource '{key}' is no {kind} that can run", detail="\n".join(errors))
        return artifact


def resource_problems(
    artifacts: Mapping[tuple[str, str], Loaded], registry: Registry, catalog: Catalog
) -> Iterator[Problem]:
    """What is wrong with the resources that artifacts name as sequences, endpoints, templates, and with stylesheets.

    Nobody is kept from running: a resource may be put right at any time, and until then it is a fault of its user.
    """

    def entry(key: str) -> Any:
        found = artifacts.get(("local-entry", key))
        return found.artifact.value if found is not None and isinstance(found.artifact, LocalEntry) else None

    reader = RegistryArtifacts(registry, entry, catalog)
    for reference in {reference for each in artifacts.values() for reference in each.references}:
        if reference.kind == "local-entry":
            if _xslt.lacks_saxon(reader.content(reference.name) or b""):
                text = f"The stylesheet '{reference.name}' is of a version that needs Saxon."
                yield Problem("unsupported", reference.where, text, f"Install it: {_saxon.HINT}")
            continue
        if reference.kind not in IN_REGISTRY or (reference.kind, reference.name) in artifacts:
            continue
        try:
            reader.get(reference.kind, reference.name)
        except Fault as fault:
            first = fault.detail.partition("\n")[0]
            yield Problem("bad-resource", reference.where, f"{fault.message[0].upper()}{fault.message[1:]}.", first)
