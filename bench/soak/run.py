"""Runs the soak: a real engine, two back ends in processes of their own, clients, and the faults."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import peers, tables
from bench.group import Group, Options, Outcome, temporary_folder
from bench.processes import Child, accepts, free_port
from bench.soak import flows
from bench.soak.clients import ask_until
from bench.soak.faults import LIVE_WITHIN, Faults
from bench.soak.judge import Judge

SECONDS = 20
CONNECTIONS = 16
REDEPLOY_EVERY = 1.0
LIVES, DEAD = 1.5, 0.7
"""Seconds between two deaths, and until the back end that died is started again. One is dead at a time."""
GRACE = 0.1 + flows.RESTS
"""Seconds for which a back end that is up again may still be missed."""
PRESENT, ABSENT = 5, 2
"""Redeployments for which the fleeting flow is there, and is not."""


@dataclass(frozen=True, slots=True)
class Soak:
    """``log_errors`` counts exceptions that the engine did not expect."""

    seconds: float
    requests: int
    right: int
    explained: dict[str, int]
    mistakes: dict[str, int]
    samples: list[str]
    redeployments: int
    deaths: int
    log_errors: int

    @property
    def failed(self) -> bool:
        return bool(self.mistakes) or self.log_errors > 0 or self.right == 0


class BackEnds:
    """Named back ends, each on a port that stays its own."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._ports = {name: free_port() for name in names}
        self._children: dict[str, Child] = {}
        for name in names:
            self.start(name)

    @property
    def urls(self) -> Mapping[str, str]:
        return {name: f"http://127.0.0.1:{port}/" for name, port in self._ports.items()}

    def start(self, name: str) -> None:
        """Raises StartError."""
        port = self._ports[name]
        child = Child([sys.executable, "-m", "bench.soak.back_end", str(port)], self._folder, f"back_end_{name}")
        self._children[name] = child
        child.wait_until(lambda: accepts(port))

    def kill(self, name: str) -> None:
        self._children[name].kill()

    def stop(self) -> None:
        for child in self._children.values():
            child.kill()


def measure(folder: Path, seconds: float) -> Soak:
    """Raises StartError."""
    staged = folder / "flows"
    staged.mkdir()
    with contextlib.ExitStack() as stack:
        back_ends = BackEnds(folder, ("one", "two"))
        stack.callback(back_ends.stop)
        flows.write(staged, 0, back_ends.urls, without_fleeting=False)
        port = free_port()
        engine = stack.enter_context(peers.myelin(staged, folder, port))
        now = time.monotonic()
        faults = Faults(versions=[(0, now, now)])
        judge = Judge(faults)
        took = asyncio.run(_soak(staged, back_ends, port, judge, seconds))
        log = engine.output()
    return Soak(
        took,
        judge.requests,
        judge.right,
        dict(judge.explained),
        dict(judge.mistakes),
        [f"{kind}: {each}" for kind, samples in judge.samples.items() for each in samples],
        len(faults.versions) - 1,
        faults.deaths,
        log.count("Traceback"),
    )


async def _soak(staged: Path, back_ends: BackEnds, port: int, judge: Judge, seconds: float) -> float:
    """Load with faults for so long; gives the seconds that it took until the last answer."""
    began = time.monotonic()
    end = began + seconds

    def over() -> bool:
        return time.monotonic() > end

    async with asyncio.TaskGroup() as group:
        injecting = [
            group.create_task(_redeploy(staged, back_ends.urls, judge.faults)),
            group.create_task(_kill_and_start(back_ends, judge.faults)),
        ]
        await asyncio.gather(*(ask_until(over, number, port, judge) for number in range(CONNECTIONS)))
        for task in injecting:
            task.cancel()
    return time.monotonic() - began


async def _redeploy(staged: Path, urls: Mapping[str, str], faults: Faults) -> None:
    """A new version of every flow each second; the fleeting one is removed at times."""
    [fleeting] = [flow.name for flow in flows.FLOWS if flow.fleeting]
    version = 0
    was_absent = False
    while True:
        await asyncio.sleep(REDEPLOY_EVERY)
        version += 1
        absent = version % (PRESENT + ABSENT) >= PRESENT
        began = time.monotonic()
        if absent and not was_absent:
            faults.begin(fleeting, began)
        faults.versions.append((version, began, float("inf")))
        flows.write(staged, version, urls, without_fleeting=absent)
        faults.versions[-1] = (version, began, time.monotonic())
        if was_absent and not absent:
            faults.end(fleeting, time.monotonic() + LIVE_WITHIN)
        was_absent = absent


async def _kill_and_start(back_ends: BackEnds, faults: Faults) -> None:
    """One back end after the other dies at once, as by a failing machine, and comes back."""
    while True:
        for name in back_ends.urls:
            await asyncio.sleep(LIVES)
            faults.begin(name, time.monotonic())
            faults.deaths += 1
            await asyncio.to_thread(back_ends.kill, name)
            await asyncio.sleep(DEAD)
            await asyncio.to_thread(back_ends.start, name)
            faults.end(name, time.monotonic() + GRACE)


def report(result: Soak) -> str:
    explained = ", ".join(f"{count} x {what}" for what, count in sorted(result.explained.items())) or "none"
    mistakes = ", ".join(f"{count} x {what}" for what, count in sorted(result.mistakes.items())) or "none"
    rows = [
        ("seconds of load", f"{result.seconds:.0f}", ""),
        ("redeployments of every flow", str(result.redeployments), ""),
        ("deaths of a back end", str(result.deaths), ""),
        ("requests", f"{result.requests:,}", ""),
        ("right answers", f"{result.right:,}", ""),
        ("explained by a fault", explained, ""),
        ("no answer, wrong or unexplained", mistakes, f"none: {tables.verdict(not result.mistakes)}"),
        ("exceptions in the log", str(result.log_errors), f"none: {tables.verdict(result.log_errors == 0)}"),
    ]
    text = tables.table("Soak under faults", ("what", "measured", "target"), rows)
    return "\n".join([text, *(["", *result.samples] if result.samples else [])])


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        result = measure(folder, options.seconds or SECONDS)
    return Outcome(report(result), result, result.failed)


GROUP = Group("soak", "flows redeployed every second, back ends that die and come back", SECONDS + 3, run)
