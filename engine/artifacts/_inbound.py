"""What an inbound endpoint listens to: one module ``_inbound_PROTOCOL.py`` for each protocol.

A module has a class ``Listener`` that is made from ``Inbound`` at load. To add a protocol, add such a file.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from engine.artifacts._schedule import Schedule, check_cron
from engine.core.background import to_its_end
from engine.core.env import Environment
from engine.core.flow import Flow
from engine.declare.convert import Unacceptable

_PREFIX = "_inbound_"
_INTERVAL = 1000
_BRIDGE = "Let a bridge of the broker or the server call a <proxy> or an <api> over HTTP"
_CLASS = "Or write a Python class that takes the messages, and name it with class in place of protocol."
_ELSEWHERE = {
    "jms": f"{_BRIDGE}; brokers such as ActiveMQ and Artemis speak MQTT too, which is a protocol here. {_CLASS}",
    "kafka": f"{_BRIDGE}: an HTTP sink of Kafka Connect does. {_CLASS}",
}


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a listener is made from."""

    name: str
    parameters: Mapping[str, str]
    sequence: Flow | None
    sequential: bool = True

    @property
    def flow(self) -> Flow:
        """What runs on each message. Raises Unacceptable when no sequence is given."""
        if self.sequence is None:
            hint = 'Add sequence="…".'
            raise Unacceptable("an inbound endpoint needs a sequence.", code="missing-attribute", hint=hint)
        return self.sequence

    @property
    def label(self) -> str:
        return f"inbound endpoint '{self.name}'"

    def required(self, name: str) -> str:
        """Raises Unacceptable when it is missing."""
        value = self.parameters.get(name, "")
        if not value:
            raise Unacceptable(f"the parameter '{name}' is missing.", code="missing-element")
        return value

    def without_stores(self, prefix: str) -> Iterator[tuple[str, str]]:
        """The remarks on keystores and truststores, which are Java's."""
        for name, value in self.parameters.items():
            if value and name.startswith((f"{prefix}keystore.location", f"{prefix}truststore.location")):
                yield f"the parameter '{name}' has no effect.", "The settings back_ends say whom to trust."

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


class UnderWay:
    """Work on messages that a listener has begun: ``width`` at the same time.

    It comes to its end also when the listener is cancelled (``core/background.py``, to_its_end).
    """

    def __init__(self, width: int) -> None:
        self._width, self._tasks = width, set[asyncio.Task[None]]()

    async def begin(self, env: Environment, work: Coroutine[Any, Any, None], name: str) -> None:
        """Begin ``work``; wait until there is room for more."""
        task = asyncio.create_task(to_its_end(env, work, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        while len(self._tasks) >= self._width:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def ended(self) -> None:
        """Wait until all has ended."""
        if self._tasks:
            await asyncio.wait(self._tasks)


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
            hint=_ELSEWHERE.get(protocol, f"{_BRIDGE}. {_CLASS}"),
        )
    module = importlib.import_module(f"engine.artifacts.{_PREFIX}{protocol}")
    return cast(type[Listener], module.Listener)
