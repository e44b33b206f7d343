"""From the start of the process until it is ready with every flow that ships, and its memory then."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, peers
from bench.processes import ROOT, free_port

RUNS = 5
FLOWS = ROOT / "flows"

TARGET_SECONDS = 0.8
TARGET_MEGABYTES = 70


@dataclass(frozen=True, slots=True)
class Startup:
    """Medians of the runs."""

    flows: int
    seconds: float
    megabytes: float


def measure(folder: Path) -> Startup:
    """Start Myelin five times; the first one may have to compile its modules. Raises StartError."""
    seconds, megabytes = [], []
    for _ in range(RUNS):
        port = free_port()
        began = time.perf_counter()
        with peers.myelin(FLOWS, folder, port) as child:
            seconds.append(time.perf_counter() - began)
            megabytes.append(cpu.resident_megabytes(child.pid))
    return Startup(len(list(FLOWS.rglob("*.xml"))), statistics.median(seconds), statistics.median(megabytes))
