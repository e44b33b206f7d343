"""Ten thousand clients that have had an answer, keep their connection, and ask nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import cpu, payloads, peers, tables, tools
from bench.client import Client, NoAnswer, post
from bench.compare import MISSING, NOT_STARTED
from bench.group import Group, Options, Outcome, temporary_folder
from bench.peers import PEERS, Peer
from bench.processes import StartError, allow_open_files
from bench.scenarios import FLOWS

CONNECTIONS = 10_000
SPARE_FILES = 300
"""Files that a process has open beside the connections: its modules, its pool to the back end."""
OPENING = 100
"""Connections that open at the same time."""
TARGET_MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Idle:
    """One peer. ``errors`` counts connections without an answer, before or after they were idle."""

    peer: str
    connections: int = 0
    before: float = 0.0
    megabytes: float = 0.0
    errors: int = 0
    problem: str = ""

    @property
    def failed(self) -> bool:
        return self.errors > 0 or self.problem not in ("", MISSING)

    @property
    def kilobytes_each(self) -> float:
        return (self.megabytes - self.before) * 1024 / max(self.connections, 1)


def measure(folder: Path) -> list[Idle]:
    """Each peer by itself. Raises StartError when the back end does not start."""
    count = min(CONNECTIONS, allow_open_files(CONNECTIONS + SPARE_FILES) - SPARE_FILES)
    with peers.back_end(folder) as port:
        return [_measure_peer(name, folder, port, count) for name in PEERS]


def _measure_peer(name: str, folder: Path, back_end: int, count: int) -> Idle:
    if name in tools.missing():
        return Idle(name, problem=MISSING)
    try:
        with peers.start(name, folder, back_end, [FLOWS / "DirectProxy.xml"]) as peer:
            before = cpu.resident_megabytes(peer.pid)
            megabytes, errors = asyncio.run(_hold(peer, count))
            return Idle(name, count, before, megabytes, errors)
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return Idle(name, problem=NOT_STARTED)


async def _hold(peer: Peer, count: int) -> tuple[float, int]:
    """Memory while all connections are idle, and how many of them did not answer before or after."""
    address = urlsplit(peer.url("DirectProxy", "/RealService"))
    payload = payloads.orders("json", "500 B")
    request = post(address.path, payload.body)
    clients = [Client(peer.port) for _ in range(count)]
    opening = asyncio.Semaphore(OPENING)

    async def fails(client: Client) -> bool:
        async with opening:
            try:
                answer = await client.ask(request)
            except NoAnswer:
                return True
            return answer.status != 200 or payload.marker not in answer.body

    errors = sum(await asyncio.gather(*map(fails, clients)))
    megabytes = cpu.resident_megabytes(peer.pid)
    errors += sum(not client.connected for client in clients)
    errors += sum(await asyncio.gather(*map(fails, clients)))
    for client in clients:
        client.close()
    return megabytes, errors


def report(results: Iterable[Idle]) -> str:
    results = list(results)
    count = max(result.connections for result in results)
    title = f"{count:,} idle connections"
    if count < CONNECTIONS:
        title += f" (the limit of open files allows no {CONNECTIONS:,})"
    columns = ("peer", "MB before", "MB with them", "kB each", "errors", "target")
    return tables.table(title, columns, map(_line, results))


def _line(result: Idle) -> tuple[str, ...]:
    if result.problem:
        return (result.peer, result.problem, "", "", "", "")
    verdict = tables.below(result.megabytes, TARGET_MEGABYTES, "MB") if result.peer == "myelin" else ""
    figures = (f"{result.before:.0f}", f"{result.megabytes:.0f}", f"{result.kilobytes_each:.1f}")
    return (result.peer, *figures, str(result.errors), verdict)


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        results = measure(folder)
    return Outcome(report(results), results, any(result.failed for result in results))


GROUP = Group("idle", "10,000 idle keep-alive connections: memory", 30, run)
