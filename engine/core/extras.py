"""Libraries that are not installed with the engine: the extras of ``pyproject.toml``."""

from __future__ import annotations

import importlib.util

from engine.declare.convert import Unacceptable


def needs(module: str, library: str, extra: str) -> None:
    """Raises Unacceptable, with the way to install it, when a library is not there. It is not imported."""
    if importlib.util.find_spec(module) is None:
        raise Unacceptable(
            f"the library {library} is not installed.",
            code="unsupported",
            hint=f"Install it: pip install 'myelin[{extra}]'.",
        )
