"""Watches the folder by polling, which needs no dependency and works on every mount."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from engine.deploy.deployment import Deployment
from engine.deploy.loader import Stamp

log = logging.getLogger("myelin.deploy")

INTERVAL = 0.5
"""Seconds between two looks. A change is taken when two looks in a row agree, so that half-written files settle."""


class Watcher:
    """Keeps a deployment up to date."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._last: dict[Path, Stamp] | None = None

    async def watch(self) -> None:
        """Look for ever. A look that fails the same way as the one before is not logged again."""
        failure = ""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.look()
                failure = ""
            except Exception as error:
                before, failure = failure, f"{error}"
                if failure != before:
                    expected = isinstance(error, FileNotFoundError)
                    log.error("%s; what was deployed keeps running", error, exc_info=not expected)

    async def look(self) -> bool:
        """Look once; deploy when the files differ from what is deployed and have settled. Gives whether it did."""
        found = await asyncio.to_thread(self._deployment.find)
        settled, self._last = found == self._last, found
        if not settled or found == self._deployment.stamps:
            return False
        before = self._deployment.stamps
        prepared = await asyncio.to_thread(self._deployment.prepare, found)
        self._deployment.swap(prepared)
        _log_changes(before, found)
        return True


def _log_changes(before: dict[Path, Stamp], now: dict[Path, Stamp]) -> None:
    for path in sorted(before.keys() | now.keys()):
        if path not in now:
            log.info("removed %s", path)
        elif path not in before:
            log.info("added %s", path)
        elif before[path] != now[path]:
            log.info("changed %s", path)
