"""``connectors.NAME`` of the configuration: what an operator may set for a connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Fault

LONGEST_TIMEOUT = 600.0
"""Seconds. Catches a timeout that was meant in milliseconds."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``timeout`` is in seconds, for each request to the API. ``calls_per_second`` counts per account; 0 = no limit."""

    timeout: float = 10.0
    calls_per_second: int = 0

    def overridden(self, connector: str, configured: Mapping[str, Any]) -> Settings:
        """With the operator's ``timeout`` and ``callsPerSecond``. Raises Fault 500 that names the wrong setting."""
        if not configured:
            return self
        timeout = configured.get("timeout", self.timeout)
        calls = configured.get("callsPerSecond", self.calls_per_second)
        if not is_timeout(timeout):
            raise _wrong(connector, "timeout", f"seconds, up to {LONGEST_TIMEOUT:g}")
        if not isinstance(calls, int) or isinstance(calls, bool) or calls < 0:
            raise _wrong(connector, "callsPerSecond", "a whole number, 0 = no limit")
        return Settings(float(timeout), calls)


DEFAULTS = Settings()


def _wrong(connector: str, setting: str, rule: str) -> Fault:
    return Fault(f"connectors.{connector}.{setting} in the configuration must be {rule}")


def is_timeout(value: object) -> bool:
    """Whether ``value`` is a number of seconds that a timeout may have."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= LONGEST_TIMEOUT
