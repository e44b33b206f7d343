"""``myelin demo``: the simulator, the flows of this connector, and one call of getWebinarById."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.gotowebinar.simulator import Simulator
from engine.testing.demo import Demo


def _flows() -> Path:
    """The flows beside this file in an installed wheel, at the top of a source checkout otherwise."""
    installed = Path(__file__).parent / "flows"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "flows"


@contextlib.contextmanager
def _simulator() -> Iterator[str]:
    with Simulator() as simulator:
        yield simulator.base_url


def _request(base_url: str) -> dict[str, Any]:
    return {
        "apiUrl": base_url,
        "accessToken": "demo-token",
        "organizerKey": "3697511743350317068",
        "clientId": "demo-client",
        "refreshToken": "demo-refresh-token",
        "webinarKey": "5452440042032782081",
    }


demo = Demo("GoToWebinar", _flows(), "gotowebinar_getWebinarById", _simulator, _request)
