"""What ``python -m bench`` can measure beside the comparison of the peers."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. ``seconds`` of load is for the groups that load for as long as one likes."""

    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A Markdown table, and the figures in it. A missed target is in the table and no failure."""

    table: str
    figures: object
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """``takes`` is the usual number of seconds; ``alone`` says that it is measured only when asked for."""

    name: str
    what: str
    takes: int
    run: Callable[[Options], Outcome]
    alone: bool = False


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="myelin-bench-") as folder:
        yield Path(folder)
