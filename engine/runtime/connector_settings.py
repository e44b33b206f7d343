"""What the configuration says of connectors, looked through at the start: a mistake there shows with no call before."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.errors import ConfigurationError, Fault, did_you_mean
from engine.plugins.settings import DEFAULTS

log = logging.getLogger("myelin.deploy")

_SETTINGS = ("timeout", "callsPerSecond")


def tell(settings: Mapping[str, Mapping[str, Any]], connectors: Collection[str]) -> None:
    """Log what ``check`` finds. Raises ConfigurationError as it does."""
    for sentence in check(settings, connectors):
        log.warning("%s", sentence)


def check(settings: Mapping[str, Mapping[str, Any]], connectors: Collection[str]) -> Iterator[str]:
    """Sentences about names that nothing has, in the order of the configuration.

    They are no errors: a connector may come later, and may have settings of its own. Raises ConfigurationError for a
    value that no call could be made with.
    """
    for connector, given in settings.items():
        try:
            DEFAULTS.overridden(connector, given)
        except Fault as fault:
            raise ConfigurationError(fault.message) from None
        if connector not in connectors:
            hint = did_you_mean(connector, connectors)
            yield f"connectors.{connector} in the configuration: there is no such connector. {hint}".rstrip()
        for name in given:
            hint = "" if name in _SETTINGS else did_you_mean(name, _SETTINGS)
            if hint:
                yield f"connectors.{connector}.{name} in the configuration: it is not one of the settings. {hint}"
