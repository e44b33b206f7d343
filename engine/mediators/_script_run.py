"""Runs of JavaScript for one mediator: in the event loop while they are quick, else in a thread."""

from __future__ import annotations

import asyncio
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from engine.core.env import env_of
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from engine.scripting.sandbox import Program

QUICK = 0.005
"""Seconds that a script may run in the event loop. A run that takes longer is repeated in a thread, where the real
limit holds; nothing of the first is left, for effects are applied at the end."""
PATIENCE = 100
"""Quick runs in a thread after which a script is tried in the event loop again."""
LARGE = 64 * 1024
"""Characters that a script may be given in the event loop."""
THREADS = 4


class Runs:
    """The runs of one mediator's script."""

    def __init__(self) -> None:
        self.in_threads = 0
        """Runs that must be quick in a thread before the script runs in the event loop again."""

    async def run(self, message: MessageContext, program: Program, given: str) -> dict[str, Any]:
        """What ``sandbox.run`` gives, within the limits of the configuration. Raises sandbox.ScriptError."""
        from engine.scripting import sandbox

        limits = env_of(message).scripts
        if not self.in_threads and len(given) < LARGE and limits.time > QUICK:
            try:
                return sandbox.run(program, given, limits, QUICK)
            except sandbox.ScriptError as error:
                if not error.out_of_time:
                    raise
                self.in_threads = PATIENCE
        work = functools.partial(sandbox.run, program, given, limits, limits.time)
        began = time.perf_counter()
        result: dict[str, Any] = await asyncio.get_running_loop().run_in_executor(_threads(), work)
        was_quick = time.perf_counter() - began < QUICK
        self.in_threads = max(0, self.in_threads - 1) if was_quick else PATIENCE
        return result


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """Where long scripts run; it bounds them all together."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="script")
