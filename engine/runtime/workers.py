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


CANNOT_START = 2
"""Exit status of a worker for which starting again would not help: the port is taken, the folder is missing."""

_STOP = (signal.SIGTERM, signal.SIGINT)


def supervise(settings: Config, work: Callable[[int], None]) -> int:
    """Run ``work(number)`` in each worker until SIGTERM or SIGINT, then until all have drained; gives the status."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in _STOP:
        signal.signal(number, stop)
    workers = [_start(work, index) for index in range(settings.server.workers)]
    status = 0
    while not status and not stopping.wait(0.5):
        status = _replace_dead(workers, work)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(settings.server.drain + 5)
        if worker.is_alive():
            worker.kill()
    return status


def _replace_dead(workers: list[BaseProcess], work: Callable[[int], None]) -> int:
    """Gives the status to end with, 0 to go on."""
    for index, worker in enumerate(workers):
        if worker.is_alive():
            continue
        if worker.exitcode == CANNOT_START:
            return CANNOT_START
        log.error("worker %d ended with status %s; starting another", index, worker.exitcode)
        workers[index] = _start(work, index)
    return 0


def _start(work: Callable[[int], None], index: int) -> BaseProcess:
    process = _context.Process(target=_run, args=(work, index), name=f"myelin worker {index}")
    # A signal that came before the worker has handlers of its own would be lost on the supervisor's.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
    return process


def _run(work: Callable[[int], None], index: int) -> None:
    for number in _STOP:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
    work(index)
