"""What an inbound endpoint listens to: one module ``_inbound_PROTOCOL.py`` for each protocol.

A module has a class ``Listener`` that is made from ``Inbound`` at load. To add a protocol, add such a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from engine.artifacts._schedule import Schedule, check_cron
from engine.core.env import Environment
from engine.core.flow import Flow
from engine.declare.convert import Unacceptable

_PREFIX = "_inbound_"
_INTERVAL = 1000
_BRIDGE = "Let a bridge of the broker or the server call a <proxy> or an <api> over HTTP"
_ELSEWHERE = {
    "https": "Let what ends TLS in front of the engine call an inbound endpoint of the protocol http.",
    "jms": f"{_BRIDGE}; brokers such as ActiveMQ and Artemis speak MQTT too, which is a protocol here.",
    "kafka": f"{_BRIDGE}: an HTTP sink of Kafka Connect does.",
    "rabbitmq": f"{_BRIDGE}, or let RabbitMQ's MQTT plugin serve them to the protocol mqtt.",
}


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a listener is made from."""

    name: str
    parameters: Mapping[str, str]
    flow: Flow
    sequential: bool = True

    @property
    def label(self) -> str:
        return f"inbound endpoint '{self.name}'"

    def number(self, name: str, default: int) -> int:
        """A whole number that is not negative. Raises Unacceptable."""
        text = self.parameters.get(name, "") or str(default)
        if not text.isdecimal():
            raise Unacceptable(f"the parameter '{name}' is '{text}', which is no whole number.")
        return int(text)

    def schedule(self) -> Schedule:
        """Every ``interval`` ms, or at the times of ``cron``. Raises Unacceptable."""
        cron = self.parameters.get("cron", "")
        if cron:
            check_cron(cron)
        return Schedule(max(self.number("interval", _INTERVAL), 1) / 1000, cron)


class Listener(Protocol):
    """Takes messages and hands each to the flow."""

    def __init__(self, inbound: Inbound) -> None:
        """Raises Unacceptable for parameters that are wrong, and for a library that is not installed."""

    def remarks(self) -> Iterable[tuple[str, str]]:
        """Which of the parameters have no effect, as message and hint."""

    async def run(self, current: Callable[[], Environment]) -> None:
        """Listen until cancelled. What has begun then ends by itself; nothing new begins."""


def protocols() -> tuple[str, ...]:
    """Those there is a module for."""
    names = (each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return tuple(sorted(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)))


def listener_of(protocol: str) -> type[Listener]:
    """The listener of a protocol. Raises Unacceptable when there is none."""
    known = protocols()
    if protocol not in known:
        raise Unacceptable(
            f"the protocol '{protocol}' is not for this engine, which has {', '.join(known)}.",
            code="unsupported",
            hint=_ELSEWHERE.get(protocol, f"{_BRIDGE}."),
        )
    module = importlib.import_module(f"engine.artifacts.{_PREFIX}{protocol}")
    return cast(type[Listener], module.Listener)
