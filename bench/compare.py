"""The peers side by side: each round loads every peer once, one after the other."""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import load, peers, tools
from bench.load import Sample, WrongAnswer
from bench.payloads import Payload
from bench.peers import PEERS, Peer
from bench.processes import StartError
from bench.scenarios import Scenario

WARM_UP = 1
"""Seconds of load, for each peer and payload, that are not counted."""


MISSING = "missing"
NOT_STARTED = "did not start"


@dataclass(slots=True)
class Row:
    """One peer under one payload: a sample per round, or why there is none."""

    scenario: str
    size: str
    peer: str
    samples: list[Sample] = field(default_factory=list)
    problem: str = ""

    @property
    def errors(self) -> int:
        return sum(sample.errors for sample in self.samples)

    @property
    def failed(self) -> bool:
        """Whether something is wrong with the peer, rather than that it is not installed."""
        return self.errors > 0 or self.problem not in ("", MISSING)

    @property
    def valid(self) -> bool:
        return bool(self.samples) and not self.problem and self.errors == 0

    def median(self, figure: str) -> float:
        """Median over the rounds of a figure of Sample."""
        return statistics.median([float(getattr(sample, figure)) for sample in self.samples])

    def ratio(self, other: Row) -> float:
        """Requests per CPU second beside those of the other: the median of the rounds' ratios."""
        pairs = zip(self.samples, other.samples, strict=True)
        return statistics.median([mine.per_cpu_second / its.per_cpu_second for mine, its in pairs])


@dataclass(frozen=True, slots=True)
class Lineup:
    """The peers that run, or why one does not, in front of one back end."""

    folder: Path
    back_end: str
    peers: dict[str, Peer | str]


@contextlib.contextmanager
def line_up(scenarios: Iterable[Scenario], folder: Path) -> Iterator[Lineup]:
    """Start every peer; stop them when the block ends. Raises StartError when the back end does not start."""
    flows = list(dict.fromkeys(scenario.flow for scenario in scenarios))
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(peers.back_end(folder))
        started = {name: _start(stack, name, folder, port, flows) for name in PEERS}
        yield Lineup(folder, f"http://127.0.0.1:{port}", started)


def measure(scenario: Scenario, lineup: Lineup, rounds: int, seconds: int) -> list[Row]:
    """A row per payload and peer."""
    rows = []
    for payload in scenario.payloads(lineup.back_end):
        rows += _measure(scenario, payload, lineup, rounds, seconds)
    return rows


def _start(stack: contextlib.ExitStack, name: str, folder: Path, port: int, flows: list[Path]) -> Peer | str:
    if name in tools.missing():
        return MISSING
    try:
        return stack.enter_context(peers.start(name, folder, port, flows))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_STARTED


def _measure(scenario: Scenario, payload: Payload, lineup: Lineup, rounds: int, seconds: int) -> list[Row]:
    body_file = lineup.folder / "body"
    body_file.write_bytes(payload.body)
    rows = {name: Row(scenario.name, payload.size, name) for name in lineup.peers}
    runs: dict[str, Callable[[int], Sample]] = {}
    for name, peer in lineup.peers.items():
        try:
            runs[name] = _prepare(scenario, payload, peer, body_file)
            runs[name](WARM_UP)
        except WrongAnswer as error:
            rows[name].problem = str(error)
    for number in range(rounds):
        for name, run in runs.items():
            _progress(f"{scenario.name} {payload.size}: {name}, round {number + 1} of {rounds}")
            rows[name].samples.append(run(seconds))
    _progress("")
    return list(rows.values())


def _prepare(scenario: Scenario, payload: Payload, peer: Peer | str, body_file: Path) -> Callable[[int], Sample]:
    """What loads the peer for some seconds. Raises WrongAnswer."""
    if isinstance(peer, str):
        raise WrongAnswer(peer)
    url = peer.url(scenario.service, scenario.path)
    answer = load.check(url, payload)
    return lambda seconds: load.run(peer.pid, url, payload, body_file, seconds, answer)


def _progress(text: str) -> None:
    """Say on a terminal what runs; nothing when the output goes to a file."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
