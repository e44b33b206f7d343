"""Two thousand requests at once, against a back end that takes a second."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import cpu, payloads, peers, tables, tools
from bench.client import Client, NoAnswer, post
from bench.compare import MISSING, NOT_STARTED
from bench.group import Group, Options, Outcome, temporary_folder
from bench.peers import PEERS
from bench.processes import StartError, accepts, allow_open_files, free_port, running
from bench.scenarios import FLOWS
from bench.slow_backend import ANSWER

CONNECTIONS = 2000
ROUNDS = 3
ANSWER_LIMIT = 20.0
"""Seconds after which an answer counts as an error."""

TARGET_MEGABYTES = 150


@dataclass(frozen=True, slots=True)
class InFlight:
    """One peer. ``seconds`` is the time of all rounds; the back end alone takes one second a round."""

    peer: str
    seconds: float = 0.0
    errors: int = 0
    peak_megabytes: float = 0.0
    problem: str = ""

    @property
    def failed(self) -> bool:
        return self.errors > 0 or self.problem not in ("", MISSING)


def measure(folder: Path) -> list[InFlight]:
    """Load each peer by itself. Raises StartError when the back end does not start."""
    allow_open_files(3 * CONNECTIONS)  # a peer holds two sockets for each request
    port = free_port()
    with running([sys.executable, "-m", "bench.slow_backend", str(port)], folder, "slow_backend") as back_end:
        back_end.wait_until(lambda: accepts(port))
        return [_measure_peer(name, folder, port) for name in PEERS]


def _measure_peer(name: str, folder: Path, back_end: int) -> InFlight:
    if name in tools.missing():
        return InFlight(name, problem=MISSING)
    try:
        with peers.start(name, folder, back_end, [FLOWS / "DirectProxy.xml"]) as peer:
            began = time.perf_counter()
            errors = asyncio.run(_load(peer.url("DirectProxy", "/RealService")))
            return InFlight(name, time.perf_counter() - began, errors, cpu.peak_megabytes(peer.pid))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return InFlight(name, problem=NOT_STARTED)


async def _load(url: str) -> int:
    """Every connection sends its next request when all have their answer; the number of requests that failed."""
    address = urlsplit(url)
    request = post(address.path, payloads.orders("json", "500 B").body)
    barrier = asyncio.Barrier(CONNECTIONS)
    port = address.port or 80
    return sum(await asyncio.gather(*(_converse(port, request, barrier) for _ in range(CONNECTIONS))))


async def _converse(port: int, request: bytes, barrier: asyncio.Barrier) -> int:
    errors = 0
    client = Client(port, patience=ANSWER_LIMIT)
    for _ in range(ROUNDS):
        await barrier.wait()
        try:
            answer = await client.ask(request)
        except NoAnswer:
            errors += 1
        else:
            errors += answer.status != 200 or answer.body != ANSWER
    client.close()
    return errors


def report(results: Iterable[InFlight]) -> str:
    columns = ("peer", "seconds", "ideal", "errors", "peak MB", "target")
    title = f"{CONNECTIONS:,} requests in flight, back end takes 1 s"
    return tables.table(title, columns, map(_line, results))


def _line(result: InFlight) -> tuple[str, ...]:
    if result.problem:
        return (result.peer, result.problem, "", "", "", "")
    verdict = ""
    if result.peer == "myelin":
        verdict = tables.below(result.peak_megabytes, TARGET_MEGABYTES, "MB")
        verdict += f", no error: {tables.verdict(result.errors == 0)}"
    ideal = f"{ROUNDS:.1f}"
    return (result.peer, f"{result.seconds:.1f}", ideal, str(result.errors), f"{result.peak_megabytes:.0f}", verdict)


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        results = measure(folder)
    return Outcome(report(results), results, any(result.failed for result in results))


GROUP = Group("in-flight", "2,000 requests at once against a back end that takes a second", 15, run)
