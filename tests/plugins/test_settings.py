from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.plugins.settings import Settings, is_timeout


@pytest.mark.parametrize(
    ("configured", "settings"),
    [
        ({}, Settings(10.0, 7)),
        ({"timeout": 2}, Settings(2.0, 7)),
        ({"callsPerSecond": 0, "timeout": 0.5}, Settings(0.5, 0)),
        ({"other": 1}, Settings(10.0, 7)),
    ],
)
def test_overridden(configured: dict[str, Any], settings: Settings) -> None:
    assert Settings(10.0, 7).overridden("acme", configured) == settings


@pytest.mark.parametrize(
    ("configured", "setting"),
    [
        ({"timeout": "1"}, "connectors.acme.timeout"),
        ({"timeout": 601}, "connectors.acme.timeout"),
        ({"timeout": True}, "connectors.acme.timeout"),
        ({"callsPerSecond": 1.5}, "connectors.acme.callsPerSecond"),
        ({"callsPerSecond": -1}, "connectors.acme.callsPerSecond"),
    ],
)
def test_wrong_settings_are_named(configured: dict[str, Any], setting: str) -> None:
    with pytest.raises(Fault) as caught:
        Settings().overridden("acme", configured)
    assert caught.value.message.startswith(f"{setting} in the configuration must be ")


@pytest.mark.parametrize(
    ("value", "fits"), [(1, True), (600, True), (0.001, True), (0, False), (float("nan"), False), ("5", False)]
)
def test_is_timeout(value: object, fits: bool) -> None:
    assert is_timeout(value) == fits
