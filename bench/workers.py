"""Two workers beside one: what a request costs, and whether both serve evenly.

Each worker has fifty connections: with fewer, one turn of its loop would serve fewer requests, which costs more.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import cpu, load, payloads, peers, tables, tools
from bench.compare import MISSING, NOT_STARTED
from bench.group import Group, Options, Outcome, temporary_folder
from bench.load import Sample, WrongAnswer
from bench.peers import Peer
from bench.processes import StartError
from bench.scenarios import FLOWS

NAMES = ("nginx", "myelin")
"""Node.js is left out: its own module for several processes is another program."""
ROUNDS = 5
SECONDS = 4
TARGET_COST = 1.1
"""The most that a request may cost with two workers, as a multiple of its cost with one."""
TARGET_SHARE = 0.4
"""The least share of the work that the idler of two workers may do."""


@dataclass(slots=True)
class Workers:
    """One peer: samples with one worker and with two, of the same rounds."""

    peer: str
    one: list[Sample] = field(default_factory=list)
    two: list[Sample] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    """The share of the CPU time that the idler of the two workers used, by round."""
    problem: str = ""

    @property
    def failed(self) -> bool:
        errors = sum(sample.errors for sample in (*self.one, *self.two))
        return errors > 0 or self.problem not in ("", MISSING)

    @property
    def cost(self) -> float:
        """CPU time of a request with two workers as a multiple of that with one: the median of the rounds."""
        pairs = zip(self.two, self.one, strict=True)
        return statistics.median([two.cpu_per_request / one.cpu_per_request for two, one in pairs])


def measure(folder: Path) -> list[Workers]:
    """Raises StartError when the back end does not start."""
    body = folder / "body"
    body.write_bytes(payloads.orders("json", "500 B").body)
    with peers.back_end(folder) as port:
        return [_measure_peer(name, folder, port, body) for name in NAMES]


def _measure_peer(name: str, folder: Path, back_end: int, body: Path) -> Workers:
    if {name, "wrk"} & tools.missing().keys():
        return Workers(name, problem=MISSING)
    result = Workers(name)
    try:
        with contextlib.ExitStack() as stack:
            one, two = (stack.enter_context(_start(name, folder, back_end, workers)) for workers in (1, 2))
            for peer, workers in ((one, 1), (two, 2)):
                _load(peer, body, workers)
            for _ in range(ROUNDS):
                result.one.append(_load(one, body, 1))
                before = _used(two)
                result.two.append(_load(two, body, 2))
                spent = [after - used for after, used in zip(_used(two), before, strict=True)]
                result.shares.append(min(spent) / sum(spent))
    except (StartError, WrongAnswer) as error:
        sys.stderr.write(f"{error}\n")
        result.problem = NOT_STARTED
    return result


@contextlib.contextmanager
def _start(name: str, folder: Path, back_end: int, workers: int) -> Iterator[Peer]:
    own = folder / f"{name}-{workers}"
    own.mkdir()
    with peers.start(name, own, back_end, [FLOWS / "DirectProxy.xml"], workers=workers) as peer:
        yield peer


def _load(peer: Peer, body: Path, workers: int) -> Sample:
    payload = payloads.orders("json", "500 B")
    url = peer.url("DirectProxy", "/RealService")
    answer = load.check(url, payload)
    return load.run(peer.pid, url, payload, body, SECONDS, answer, workers * load.CONNECTIONS)


def _used(peer: Peer) -> list[float]:
    """CPU seconds of each worker: the processes below the one that was started."""
    return [cpu.cpu_seconds(pid) for pid in cpu.family(peer.pid)[1:]]


def report(results: Iterable[Workers]) -> str:
    columns = ("peer", "requests/s, one", "two", "CPU µs/request, one", "two", "two / one", "idler's share", "target")
    return tables.table("Two workers, DirectProxy 500 B, 50 connections each", columns, map(_line, results))


def _line(result: Workers) -> tuple[str, ...]:
    if result.problem:
        return (result.peer, result.problem, "", "", "", "", "", "")
    if result.failed:
        return (result.peer, "errors: **invalid**", "", "", "", "", "", "")
    rates = [statistics.median([sample.per_second for sample in samples]) for samples in (result.one, result.two)]
    costs = [statistics.median([sample.cpu_per_request for sample in samples]) for samples in (result.one, result.two)]
    share = statistics.median(result.shares)
    target = ""
    if result.peer == "myelin":
        target = f"≤ {TARGET_COST:g}: {tables.verdict(result.cost <= TARGET_COST)}"
        target += f", share ≥ {TARGET_SHARE:g}: {tables.verdict(share >= TARGET_SHARE)}"
    return (
        result.peer,
        *(f"{rate:,.0f}" for rate in rates),
        *(f"{cost * 1e6:.0f}" for cost in costs),
        f"{result.cost:.2f}",
        f"{share:.2f}",
        target,
    )


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        results = measure(folder)
    return Outcome(report(results), results, any(result.failed for result in results))


GROUP = Group("workers", "two workers beside one: CPU time of a request, and their shares", 105, run)
