"""From the start of the process until it is ready with every flow that ships, and its memory then."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, peers, tables
from bench.group import Group, Options, Outcome, temporary_folder
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
    cpu_seconds: float
    megabytes: float


def measure(folder: Path) -> Startup:
    """Start Myelin five times; the first one may have to compile its modules. Raises StartError."""
    seconds, cpu_seconds, megabytes = [], [], []
    for _ in range(RUNS):
        port = free_port()
        began = time.perf_counter()
        with peers.myelin(FLOWS, folder, port) as child:
            seconds.append(time.perf_counter() - began)
            cpu_seconds.append(cpu.cpu_seconds(child.pid))
            megabytes.append(cpu.resident_megabytes(child.pid))
    medians = map(statistics.median, (seconds, cpu_seconds, megabytes))
    return Startup(len(list(FLOWS.rglob("*.xml"))), *medians)


def report(figures: Startup) -> str:
    rows = [
        ("start to ready, s", f"{figures.seconds:.2f}", tables.below(figures.seconds, TARGET_SECONDS, "s")),
        ("of it CPU time, s", f"{figures.cpu_seconds:.2f}", ""),
        ("resident idle, MB", f"{figures.megabytes:.0f}", tables.below(figures.megabytes, TARGET_MEGABYTES, "MB")),
    ]
    return tables.table(f"Start with the {figures.flows} flows that ship", ("figure", "median", "target"), rows)


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        figures = measure(folder)
    return Outcome(report(figures), figures)


GROUP = Group("startup", "start to ready with the flows that ship, and memory then", 5, run)
