"""The registry of a deployment: what was written at run time, and below it what applications and projects bring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.deploy.bundle import canonical
from engine.message.context import Registry


class LayeredRegistry:
    """Reads ``base`` first, so that what a flow wrote stays; ``resources`` are by ``canonical`` key."""

    def __init__(self, base: Registry, resources: Mapping[str, bytes]) -> None:
        self._base = base
        self._resources = resources

    def get(self, path: str) -> bytes | None:
        key = canonical(path)
        found = self._base.get(key)
        return self._resources.get(key) if found is None else found

    def put(self, path: str, content: bytes) -> None:
        self._base.put(canonical(path), content)

    def delete(self, path: str) -> None:
        self._base.delete(canonical(path))

    def file_of(self, path: str) -> Path:
        return self._base.file_of(canonical(path))
