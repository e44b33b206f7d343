"""What a connector brings along so that ``myelin demo`` can show it without an account."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Demo:
    """A connector package offers one as ``demo`` in its module ``demo``.

    ``simulator()`` serves the connector's API on this machine and gives its base URL; ``request(base_url)`` is the JSON
    to POST to the service ``service`` of ``flows``; ``title`` names the API for people.
    """

    title: str
    flows: Path
    service: str
    simulator: Callable[[], AbstractContextManager[str]]
    request: Callable[[str], dict[str, Any]]
