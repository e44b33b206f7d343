"""Several ways to answer the same request, loaded in turn: what each costs beside the first."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import load, tables
from bench.load import Sample, WrongAnswer
from bench.payloads import Payload

ROUNDS = 5
SECONDS = 3


@dataclass(slots=True)
class Way:
    """Where it is asked, and the process that answers; then a sample for each round, or why there is none."""

    name: str
    url: str = ""
    pid: int = 0
    samples: list[Sample] = field(default_factory=list)
    problem: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.problem) or any(sample.errors for sample in self.samples)

    def cost(self, other: Way) -> float:
        """CPU time of a request as a multiple of the other's: the median of the rounds."""
        pairs = zip(self.samples, other.samples, strict=True)
        return statistics.median([mine.cpu_per_request / its.cpu_per_request for mine, its in pairs])


def take_turns(ways: Sequence[Way], payload: Payload, folder: Path) -> None:
    """Load all of them, round by round; the first round warms up and does not count."""
    body = folder / "body"
    body.write_bytes(payload.body)
    for round_ in range(ROUNDS + 1):
        for way in ways:
            try:
                sample = load.run(way.pid, way.url, payload, body, SECONDS, load.check(way.url, payload))
            except WrongAnswer as error:
                sys.stderr.write(f"{way.name} {error}\n")
                way.problem = "wrong answer"
            else:
                way.samples += [sample] if round_ else []


def report(title: str, ways: Sequence[Way], at_most: float | None = None) -> str:
    """``at_most``: the target for the cost of each but the first."""
    columns = ("way", "requests/s", "CPU µs/request", f"/ {ways[0].name}", "target")
    return tables.table(title, columns, [_line(way, ways[0], at_most) for way in ways])


def _line(way: Way, first: Way, at_most: float | None) -> tuple[str, ...]:
    if way.failed or first.failed:
        return (way.name, way.problem or "errors: **invalid**", "", "", "")
    rate = statistics.median([sample.per_second for sample in way.samples])
    cost = statistics.median([sample.cpu_per_request for sample in way.samples])
    ratio = way.cost(first)
    target = "" if at_most is None or way is first else f"≤ {at_most:g}: {tables.verdict(ratio <= at_most)}"
    return (way.name, f"{rate:,.0f}", f"{cost * 1e6:.0f}", f"{ratio:.2f}", target)
