"""Watches the folder by polling, which needs no dependency and works on every mount."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from engine.deploy.deployment import Deployment
from engine.deploy.loader import Stamp

log = logging.getLogger("myelin.deploy")

INTERVAL = 0.5
"""Seconds between two looks."""
SETTLE = 0.2
"""Seconds until the next look when something has changed: it is taken when two looks in a row agree, so that
half-written files settle, and files that are written together are deployed together."""
RESTLESS = 4
"""Looks in a row that may disagree. Then what has settled is taken without the rest: a file that changes all the time
must not hold up the others."""

Stamps = dict[Path, Stamp]


class Watcher:
    """Keeps a deployment up to date."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._last: Stamps | None = None
        self._restless = 0

    async def watch(self) -> None:
        """Look for ever. A look that fails the same way as the one before is not logged again."""
        failure = ""
        while True:
            await asyncio.sleep(SETTLE if self._restless else INTERVAL)
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
        last, self._last = self._last, found
        before = self._deployment.stamps
        if found == before:
            self._restless = 0
            return False
        if found != last:
            self._restless += 1
            if last is None or self._restless <= RESTLESS:
                return False
            found = _settled(before, last, found)
        self._restless = 0
        if found == before:
            return False
        prepared = await asyncio.to_thread(self._deployment.prepare, found)
        self._deployment.swap(prepared)
        _log_changes(before, found)
        return True


def _settled(deployed: Stamps, last: Stamps, found: Stamps) -> Stamps:
    """What was found, and where the last look found something else, what is deployed."""
    settled = {}
    for path in deployed.keys() | last.keys() | found.keys():
        now = found.get(path)
        stamp = now if now == last.get(path) else deployed.get(path)
        if stamp is not None:
            settled[path] = stamp
    return settled


def _log_changes(before: Stamps, now: Stamps) -> None:
    for path in sorted(before.keys() | now.keys()):
        if path not in now:
            log.info("removed %s", path)
        elif path not in before:
            log.info("added %s", path)
        elif before[path] != now[path]:
            log.info("changed %s", path)
