"""Load by wrk: one thread, fifty connections if nothing else is said, each with one request at a time."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, tools
from bench.payloads import Payload

CONNECTIONS = 50
PATIENCE = 20
"""Seconds after which an answer counts as an error; with wrk's own 2 a busy machine would make errors of late ones."""

_SCRIPT = Path(__file__).with_name("wrk.lua")


class WrongAnswer(Exception):
    """A peer did not give the answer of the back end; measuring it would mean nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of wrk, times in seconds. ``errors`` counts broken sockets and answers that are not 2xx."""

    requests: int
    seconds: float
    cpu_seconds: float
    p99: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_per_request(self) -> float:
        return self.cpu_seconds / max(self.requests, 1)

    @property
    def per_cpu_second(self) -> float:
        return self.requests / max(self.cpu_seconds, 1 / cpu.TICKS_PER_SECOND)


def check(url: str, payload: Payload) -> int:
    """Send the payload once; the number of bytes of the answer. Raises WrongAnswer."""
    request = urllib.request.Request(url, payload.body, {"Content-Type": payload.content_type})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            body: bytes = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise WrongAnswer(f"answered {error.code}: {error.read(300)!r}") from None
    except OSError as error:
        raise WrongAnswer(f"no answer: {error}") from None
    if answer.status != 200 or payload.marker not in body:
        raise WrongAnswer(f"answered {answer.status} with {len(body)} bytes: {body[:300]!r}")
    return len(body)


def run(
    pid: int,
    url: str,
    payload: Payload,
    body_file: Path,
    seconds: int,
    answer: int,
    connections: int = CONNECTIONS,
) -> Sample:
    """Load the process for so long. wrk counts answers, the system counts CPU time.

    wrk sees no difference between a 200 and an empty 202. When the answers are on average smaller than ``answer``
    bytes, all count as errors.
    """
    before = cpu.cpu_seconds(pid)
    counted = _wrk(url, payload, body_file, seconds, connections)
    used = cpu.cpu_seconds(pid) - before
    short = counted["requests"] if counted["bytes"] < counted["requests"] * answer else 0
    return Sample(
        requests=counted["requests"],
        seconds=counted["microseconds"] / 1e6,
        cpu_seconds=used,
        p99=counted["p99"] / 1e6,
        errors=counted["status"] + counted["socket"] + short,
    )


def _wrk(url: str, payload: Payload, body_file: Path, seconds: int, connections: int) -> dict[str, int]:
    command = [
        tools.find("wrk") or "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        f"--timeout={PATIENCE}s",
        "-s",
        str(_SCRIPT),
    ]
    command += [url, "--", str(body_file), payload.content_type]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + PATIENCE + 10, check=True)  # noqa: S603
    counted: dict[str, int] = json.loads(done.stderr.splitlines()[-1])
    return counted
