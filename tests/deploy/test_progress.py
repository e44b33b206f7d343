"""The steps that tell how far they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

from engine.deploy.deployment import Deployment
from engine.deploy.progress import silent

T = TypeVar("T")

Write = Callable[[str, str], Path]


def test_each_file_of_the_first_deployment_is_followed(deployment: Deployment, write: Write) -> None:
    followed: list[tuple[str, int]] = []

    def noting(items: Collection[T], what: str) -> Iterable[T]:
        followed.append((what, len(items)))
        return items

    for name in ("s", "t"):
        write(f"{name}.xml", f'<sequence name="{name}"><drop/></sequence>')
    deployment.deploy(noting)
    assert followed == [("files", 2)]
    assert {artifact.name for artifact in deployment.snapshot.artifacts()} == {"s", "t"}


def test_silence_gives_the_items_as_they_are() -> None:
    items = [1, 2]
    assert silent(items, "files") is items
