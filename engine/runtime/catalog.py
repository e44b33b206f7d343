"""The catalogue of this installation: the language, and every connector found."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from engine.declare.catalog import Catalog
from engine.errors import Problems
from engine.plugins.discovery import discover, discover_packages

ROOMS = ("engine.mediators", "engine.endpoints", "engine.artifacts")


@cache
def language() -> Catalog:
    """Mediators, endpoints and artifacts of the engine itself."""
    return Catalog.scan(*ROOMS)


def installed(connectors: Iterable[Path] = ()) -> tuple[Catalog, Problems]:
    """The language with the connectors that pip installed, those that ship and those in the given folders.

    Later ones replace earlier ones.
    """
    packages, problems = discover_packages()
    specs, more = discover([shipped_connectors(), *connectors])
    problems.extend(more)
    return language().with_specs([*packages, *specs]), problems


def shipped_connectors() -> Path:
    """The folder of the connectors that come with Myelin."""
    import connectors

    return Path(connectors.__path__[0])
