from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ConfigurationError
from engine.runtime.connector_settings import check


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, []),
        ({"gotowebinar": {"timeout": 3, "callsPerSecond": 0}}, []),
        ({"gotowebinar": {"colour": "of its own"}}, []),
        (
            {"gotowebinr": {"timeout": 3}, "other": {}},
            [
                "connectors.gotowebinr in the configuration: there is no such connector. Did you mean 'gotowebinar'?",
                "connectors.other in the configuration: there is no such connector.",
            ],
        ),
        (
            {"gotowebinar": {"timeot": 3, "calls_per_second": 1}},
            [
                "connectors.gotowebinar.timeot in the configuration: it is not one of the settings. "
                "Did you mean 'timeout'?",
                "connectors.gotowebinar.calls_per_second in the configuration: it is not one of the settings. "
                "Did you mean 'callsPerSecond'?",
            ],
        ),
    ],
)
def test_names_that_nothing_has_are_told(settings: dict[str, dict[str, Any]], told: list[str]) -> None:
    assert list(check(settings, {"gotowebinar", "acme"})) == told


@pytest.mark.parametrize("settings", [{"timeout": "10s"}, {"timeout": 0}, {"callsPerSecond": 1.5}])
def test_a_value_that_no_call_could_be_made_with_is_an_error(settings: dict[str, Any]) -> None:
    [name] = settings
    with pytest.raises(ConfigurationError, match=f"connectors.gotowebinar.{name} in the configuration must be"):
        list(check({"gotowebinar": settings}, {"gotowebinar"}))
