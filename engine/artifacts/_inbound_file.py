"""protocol="file": the files of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.artifacts._file_poller import FilePoller
from engine.artifacts._file_settings import FileSettings, without_effect
from engine.artifacts._inbound import Inbound
from engine.artifacts._schedule import Schedule, check_cron
from engine.core.env import Environment

_INTERVAL = 1000


class Listener:
    """Takes the files of ``transport.vfs.FileURI`` every ``interval`` ms, or at the times of ``cron``."""

    def __init__(self, inbound: Inbound) -> None:
        cron = inbound.parameters.get("cron", "")
        if cron:
            check_cron(cron)
        schedule = Schedule(max(inbound.number("interval", _INTERVAL), 1) / 1000, cron)
        properties = {"isInbound": True, "inbound.endpoint.name": inbound.name}
        settings = FileSettings.read(inbound.parameters)
        self._parameters = inbound.parameters
        self._poller = FilePoller(
            inbound.label, settings, inbound.flow, schedule, properties, at_once=not inbound.sequential
        )

    def remarks(self) -> Iterable[tuple[str, str]]:
        return without_effect(self._parameters)

    async def run(self, current: Callable[[], Environment]) -> None:
        await self._poller.run(current)
