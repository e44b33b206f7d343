"""The catalogue: which elements exist. A value that is built once and passed in, never a global."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType

from engine.declare.spec import Node, Spec


class Catalog:
    """Specs by kind and tag. Connector operations are mediators with a dot in their tag."""

    def __init__(self, specs: Iterable[Spec] = ()) -> None:
        self._specs: dict[str, dict[str, Spec]] = {}
        self._others: dict[str, Callable[[str], Spec]] = {}
        for spec in specs:
            self._add(spec)

    @classmethod
    def scan(cls, *packages: str) -> Catalog:
        """Every declared class in the modules of these packages. Raises ValueError when two claim one tag."""
        return cls(spec for package in packages for spec in _declared_in(package))

    def with_specs(self, specs: Iterable[Spec]) -> Catalog:
        """A larger catalogue; a new spec replaces an older one of the same kind and tag."""
        larger = Catalog()
        larger._specs = {kind: dict(tags) for kind, tags in self._specs.items()}
        larger._others = dict(self._others)
        for spec in specs:
            for kind in spec.kinds:
                larger._specs.setdefault(kind, {})[spec.tag] = spec
        return larger

    def without_connectors(self, names: Iterable[str]) -> Catalog:
        """A smaller catalogue, without the operations of these connectors."""
        gone = frozenset(names)
        smaller = Catalog()
        smaller._specs = {
            kind: {tag: spec for tag, spec in tags.items() if "." not in tag or tag.partition(".")[0] not in gone}
            for kind, tags in self._specs.items()
        }
        smaller._others = {name: make for name, make in self._others.items() if name not in gone}
        return smaller

    def with_other_operations(self, connector: str, make: Callable[[str], Spec]) -> Catalog:
        """A catalogue that also takes operations this connector does not have; ``make`` declares one by its tag."""
        larger = self.with_specs(())
        larger._others[connector] = make
        return larger

    @property
    def connectors(self) -> frozenset[str]:
        """The names of the connectors that have operations here."""
        return frozenset(tag.partition(".")[0] for tag in self._specs.get("mediator", {}) if "." in tag)

    def get(self, kind: str, tag: str) -> Spec | None:
        spec = self._specs.get(kind, {}).get(tag)
        if spec is None and kind == "mediator" and self._others:
            make = self._others.get(tag.partition(".")[0]) if "." in tag else None
            return None if make is None else make(tag)
        return spec

    def tags(self, kind: str) -> list[str]:
        return sorted(self._specs.get(kind, {}))

    def kinds_of(self, tag: str) -> list[str]:
        """The kinds under which a tag is known: what a misplaced element should have been."""
        return [kind for kind, tags in self._specs.items() if tag in tags]

    def __iter__(self) -> Iterator[Spec]:
        """Every spec once, by kind and tag."""
        seen: set[int] = set()
        for kind in sorted(self._specs):
            for tag in self.tags(kind):
                spec = self._specs[kind][tag]
                if id(spec) not in seen:
                    seen.add(id(spec))
                    yield spec

    def _add(self, spec: Spec) -> None:
        for kind in spec.kinds:
            tags = self._specs.setdefault(kind, {})
            if spec.tag in tags:
                raise ValueError(f"two classes declare <{spec.tag}> as {kind}")
            tags[spec.tag] = spec


def _declared_in(package: str) -> Iterator[Spec]:
    for module in _modules(package):
        for _, member in inspect.getmembers(module, inspect.isclass):
            declared_here = member.__module__ == module.__name__ and issubclass(member, Node)
            spec = member.__dict__.get("spec") if declared_here else None
            if isinstance(spec, Spec) and spec.kinds:
                yield spec


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(root.__path__), key=lambda info: info.name):
        yield importlib.import_module(f"{package}.{info.name}")
