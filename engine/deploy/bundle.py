"""What a carbon application or a project of WSO2's tools yields: flows, resources of the registry, connectors."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import Problems

_PLACES = {"/_system/governance": "gov:", "/_system/config": "conf:", "/_system/local": ""}
_RESOURCES = "resources:"
_RESOURCES_FOLDER = "gov:mi-resources/"
"""Where the newer tools put what flows call ``resources:x``."""


@dataclass(slots=True)
class Bundle:
    """``flows`` are XML files by the name that messages show, ``resources`` contents by ``canonical`` key.

    ``connectors`` are zips by name. ``problems`` tell what does not run here, each at the place that names it.
    """

    flows: dict[str, bytes] = field(default_factory=dict)
    resources: dict[str, bytes] = field(default_factory=dict)
    connectors: dict[str, bytes] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)

    def add(self, other: Bundle) -> None:
        """Take in what another one yields; what is here goes first."""
        self.flows = {**other.flows, **self.flows}
        self.resources = {**other.resources, **self.resources}
        self.connectors = {**other.connectors, **self.connectors}
        self.problems.extend(other.problems)


def canonical(key: str) -> str:
    """A registry key in one form: ``conf:/a/b`` and ``conf:a/b`` are ``conf:a/b``, ``resources:x`` is where it lies."""
    key = key.strip()
    for prefix, short in _PLACES.items():
        if key == prefix or key.startswith(f"{prefix}/"):
            return short + key[len(prefix) :].strip("/")
    if key.startswith(_RESOURCES):
        return _RESOURCES_FOLDER + key[len(_RESOURCES) :].strip("/")
    for short in ("conf:", "gov:"):
        if key.startswith(short):
            return short + key[len(short) :].strip("/")
    return key.strip("/")


def key_below(folder: str, file: str) -> str:
    """The key of a file in a folder of the registry, as descriptors give it: ``/_system/config/xslt``, ``a.xsl``."""
    base = canonical(folder)
    separator = "" if base in ("", "conf:", "gov:") else "/"
    return f"{base}{separator}{file}"
