"""protocol="file": the files of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.artifacts._file_poller import FilePoller
from engine.artifacts._file_settings import FileSettings, without_effect
from engine.artifacts._inbound import Inbound
from engine.core.env import Environment


class Listener:
    """Takes the files of ``transport.vfs.FileURI`` every ``interval`` ms, or at the times of ``cron``."""

    def __init__(self, inbound: Inbound) -> None:
        properties = {"isInbound": True, "inbound.endpoint.name": inbound.name}
        settings = FileSettings.read(inbound.parameters)
        self._parameters = inbound.parameters
        self._poller = FilePoller(
            inbound.label, settings, inbound.flow, inbound.schedule(), properties, at_once=not inbound.sequential
        )

    def remarks(self) -> Iterable[tuple[str, str]]:
        return without_effect(self._parameters)

    async def run(self, current: Callable[[], Environment]) -> None:
        await self._poller.run(current)
