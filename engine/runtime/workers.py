"""Several processes on one port: a supervisor that starts them, passes signals on, and replaces one that dies."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType

from engine.runtime.config import Config

log = logging.getLogger("myelin")

_context = multiprocessing.get_context("fork")


def supervise(settings: Config, work: Callable[[int], None]) -> None:
    """Run ``work(number)`` in each worker until SIGTERM or SIGINT; then wait for all to drain."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    workers = [_start(work, index) for index in range(settings.server.workers)]
    while not stopping.wait(0.5):
        for index, worker in enumerate(workers):
            if not worker.is_alive():
                log.error("worker %d ended with status %s; starting another", index, worker.exitcode)
                workers[index] = _start(work, index)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(settings.server.drain + 5)
        if worker.is_alive():
            worker.kill()


def _start(work: Callable[[int], None], index: int) -> BaseProcess:
    process = _context.Process(target=work, args=(index,), name=f"myelin worker {index}")
    process.start()
    return process
