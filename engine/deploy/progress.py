"""How far a long step of the deployment is, for those who wait for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Gives the items one by one, and may tell somebody how many are done. ``what`` is ``files``, for instance."""

    def __call__(self, items: Collection[T], what: str) -> Iterable[T]: ...


def silent(items: Collection[T], what: str) -> Iterable[T]:
    """Nobody is told."""
    return items
