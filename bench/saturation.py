"""Memory while all CPU time there is goes into messages: it must not grow with them.

Three loads run at once, so that what leaks in one way of working is not hidden by another: messages that pass through,
XML that is read, and the connector with its ten properties.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, load, payloads, peers, tables, tools
from bench.group import Group, Options, Outcome, temporary_folder
from bench.load import WrongAnswer
from bench.payloads import Payload
from bench.peers import Peer
from bench.scenarios import FLOWS

SECONDS = 30
SETTLES = 5
"""Seconds of load before the start is measured: pools and caches fill."""
CONNECTIONS = 20
"""For each of the loads."""
EVERY = 1.0
"""Seconds between two looks at the memory."""
TARGET_GROWTH = 1.05


@dataclass(frozen=True, slots=True)
class Saturation:
    """Resident memory in MB: at each look, in order. ``missing`` says why there is none."""

    seconds: int = 0
    requests: int = 0
    errors: int = 0
    megabytes: tuple[float, ...] = ()
    missing: str = ""

    @property
    def failed(self) -> bool:
        return self.errors > 0 or (not self.megabytes and not self.missing)

    @property
    def growth(self) -> float:
        """Memory at the end as a multiple of that at the start: of each, the mean of a tenth of the looks."""
        tenth = max(len(self.megabytes) // 10, 1)
        return sum(self.megabytes[-tenth:]) / sum(self.megabytes[:tenth])


def measure(folder: Path, seconds: int) -> Saturation:
    """Raises StartError."""
    if missing := [program for program in ("nginx", "wrk") if program in tools.missing()]:
        return Saturation(missing=f"{' and '.join(missing)} missing")
    flows = [FLOWS / f"{name}.xml" for name in ("DirectProxy", "CBRProxy", "WebinarProxy")]
    with peers.back_end(folder) as port, peers.start("myelin", folder, port, flows) as peer:
        loads = [
            ("DirectProxy", payloads.orders("json", "500 B")),
            ("CBRProxy", payloads.orders("xml", "10 kB")),
            ("WebinarProxy", payloads.webinar_request(f"http://127.0.0.1:{port}")),
        ]
        with _looking(peer.pid) as megabytes, ThreadPoolExecutor(len(loads)) as pool:
            samples = list(pool.map(lambda each: _load(peer, folder, each[0], each[1], seconds + SETTLES), loads))
    requests, errors = (sum(each) for each in zip(*samples, strict=True))
    return Saturation(seconds, requests, errors, tuple(megabytes))


def _load(peer: Peer, folder: Path, service: str, payload: Payload, seconds: int) -> tuple[int, int]:
    """Requests and errors."""
    body = folder / f"{service}.body"
    body.write_bytes(payload.body)
    url = peer.url(service, "")
    try:
        sample = load.run(peer.pid, url, payload, body, seconds, load.check(url, payload), CONNECTIONS)
    except WrongAnswer as error:
        sys.stderr.write(f"{service} {error}\n")
        return 0, 1
    return sample.requests, sample.errors


@contextlib.contextmanager
def _looking(pid: int) -> Iterator[list[float]]:
    """Looks at the memory of the process until the block ends, in a thread; gives what it sees."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        time.sleep(SETTLES)
        while not over.wait(EVERY):
            seen.append(cpu.resident_megabytes(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def report(result: Saturation) -> str:
    title = f"Resident memory at saturation, {result.seconds} s"
    if not result.megabytes:
        return f"### {title}\n\nnot measured: {result.missing or 'no answer'}"
    start, middle, end = (result.megabytes[position] for position in (0, len(result.megabytes) // 2, -1))
    columns = ("requests", "errors", "MB at the start", "middle", "end", "highest", "end / start", "target")
    line = (
        f"{result.requests:,}",
        f"{result.errors} **invalid**" if result.errors else "0",
        *(f"{each:.1f}" for each in (start, middle, end, max(result.megabytes))),
        f"{result.growth:.3f}",
        f"≤ {TARGET_GROWTH:g}: {tables.verdict(result.growth <= TARGET_GROWTH)}",
    )
    return tables.table(title, columns, [line])


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        result = measure(folder, options.seconds or SECONDS)
    return Outcome(report(result), result, result.failed)


GROUP = Group("saturation", "resident memory while three loads run: start, middle, end", SECONDS + SETTLES, run)
