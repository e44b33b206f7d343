"""Bodies far larger than memory should be: a gigabyte through each peer, in both directions, framed both ways.

Where one side is slow the other must wait: a peer that takes what nobody reads fills its memory.
"""

from __future__ import annotations

import socket
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httptools

from bench import cpu, peers, tables, tools
from bench.bulk_backend import PIECE, checksum
from bench.compare import MISSING, NOT_STARTED
from bench.group import Group, Options, Outcome, temporary_folder
from bench.peers import PEERS, Peer
from bench.processes import StartError, accepts, free_port, running

TARGET_MEGABYTES = 20
PATIENCE = 60.0
"""Seconds for which nothing may move."""
SMALL = 1_000_000
"""Bytes that go through first, so that what a peer loads for a stream is not counted."""


@dataclass(frozen=True, slots=True)
class Case:
    """``rate`` is that of the slow side, in bytes a second; 0: none is slow."""

    title: str
    upload: bool
    chunked: bool
    size: int = 1_000_000_000
    rate: int = 0


CASES = (
    Case("request, Content-Length", upload=True, chunked=False),
    Case("request, chunked", upload=True, chunked=True),
    Case("answer, Content-Length", upload=False, chunked=False),
    Case("answer, chunked", upload=False, chunked=True),
    Case("request, slow back end", upload=True, chunked=False, size=64_000_000, rate=20_000_000),
    Case("answer, slow client", upload=False, chunked=True, size=64_000_000, rate=20_000_000),
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One case through one peer. ``rise`` is the peak of resident memory above what it was before, in MB."""

    peer: str
    case: str
    megabytes: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    rise: float = 0.0
    problem: str = ""

    @property
    def failed(self) -> bool:
        return self.problem not in ("", MISSING)


def measure(folder: Path, cases: Iterable[Case] = CASES, names: Iterable[str] = PEERS) -> list[Transfer]:
    """Each peer by itself. Raises StartError when the back end does not start."""
    port = free_port()
    with running([sys.executable, "-m", "bench.bulk_backend", str(port)], folder, "bulk_backend") as child:
        child.wait_until(lambda: accepts(port))
        return [result for name in names for result in _measure_peer(name, folder, port, cases)]


def _measure_peer(name: str, folder: Path, back_end: int, cases: Iterable[Case]) -> Iterator[Transfer]:
    if name in tools.missing():
        yield Transfer(name, "", problem=MISSING)
        return
    flow = folder / "Bulk.xml"
    flow.write_text(_FLOW % back_end)
    try:
        with peers.start(name, folder, back_end, [flow]) as peer:
            for case in cases:
                yield _measure(peer, case)
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        yield Transfer(name, "", problem=NOT_STARTED)


_FLOW = """\
<proxy xmlns="http://ws.apache.org/ns/synapse" name="Bulk">
  <target>
    <endpoint><address uri="http://127.0.0.1:%d/streamed"/></endpoint>
    <outSequence><send/></outSequence>
  </target>
</proxy>
"""


def _measure(peer: Peer, case: Case) -> Transfer:
    _move(peer, case, SMALL)
    before = cpu.resident_megabytes(peer.pid)
    cpu.reset_peak(peer.pid)
    used, began = cpu.cpu_seconds(peer.pid), time.perf_counter()
    problem = _move(peer, case, case.size)
    return Transfer(
        peer.name,
        case.title,
        case.size / 1e6,
        time.perf_counter() - began,
        cpu.cpu_seconds(peer.pid) - used,
        max(cpu.peak_megabytes(peer.pid) - before, 0.0),
        problem,
    )


def _move(peer: Peer, case: Case, size: int) -> str:
    """Move so many bytes; gives what went wrong."""
    try:
        with socket.create_connection(("127.0.0.1", peer.port), PATIENCE) as connection:
            path = urlsplit(peer.url("Bulk", "/streamed")).path
            return (_upload if case.upload else _download)(connection, path, case, size)
    except OSError as error:
        return f"{error}"


def _upload(connection: socket.socket, path: str, case: Case, size: int) -> str:
    framing = "Transfer-Encoding: chunked" if case.chunked else f"Content-Length: {size}"
    head = f"POST {path}/{case.rate} HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\n"
    connection.sendall(f"{head}Connection: close\r\n{framing}\r\n\r\n".encode())
    left = size
    while left:
        piece = PIECE[:left]
        left -= len(piece)
        connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if case.chunked else piece)
    if case.chunked:
        connection.sendall(b"0\r\n\r\n")
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    told = b"%010d %010d" % (size, checksum(size))
    return "" if answer.startswith(b"HTTP/1.1 200 ") and told in answer else f"answered {answer[:200]!r}"


def _download(connection: socket.socket, path: str, case: Case, size: int) -> str:
    # The client is the slow one: the back end is told to hurry.
    path += f"/{'chunked' if case.chunked else 'length'}/{size}/0"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    received = _Received()
    while not received.complete and (data := connection.recv(65536)):
        received.parser.feed_data(data)
        if case.rate:
            time.sleep(len(data) / case.rate)
    right = received.complete and received.parser.get_status_code() == 200
    right = right and (received.size, received.checksum) == (size, checksum(size))
    return "" if right else f"{received.size} bytes came, {'complete' if received.complete else 'incomplete'}"


class _Received:
    """An answer, as far as it has come."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.size = self.checksum = 0
        self.complete = False

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        self.checksum = zlib.crc32(body, self.checksum)

    def on_message_complete(self) -> None:
        self.complete = True


def report(results: Iterable[Transfer]) -> str:
    columns = ("what", "peer", "MB", "seconds", "CPU s", "memory rise MB", "target")
    return tables.table("Large bodies, streamed", columns, map(_line, results))


def _line(result: Transfer) -> tuple[str, ...]:
    if result.problem:
        return (result.case, result.peer, f"**{result.problem}**", "", "", "", "")
    verdict = tables.below(result.rise, TARGET_MEGABYTES, "MB") if result.peer == "myelin" else ""
    times = (f"{result.seconds:.1f}", f"{result.cpu_seconds:.1f}")
    return (result.case, result.peer, f"{result.megabytes:,.0f}", *times, f"{result.rise:.1f}", verdict)


def run(options: Options) -> Outcome:
    with temporary_folder() as folder:
        results = measure(folder)
    results.sort(key=lambda result: [case.title for case in CASES].index(result.case) if result.case else -1)
    return Outcome(report(results), results, any(result.failed for result in results))


GROUP = Group("transfer", "a gigabyte through each peer: memory", 60, run)
