"""Runs the fault table: one flow for each row, asked one after the other through a real engine."""

from __future__ import annotations

import contextlib
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import peers, tables, tools
from bench.faults import client, judge
from bench.faults.back_end import BackEnd
from bench.faults.client import Received
from bench.faults.judge import Seen
from bench.faults.plays import PATIENCE, listening, speaks_smtp, speaks_tls, waits
from bench.faults.table import TABLE, Row, Where
from bench.group import Group, Options, Outcome, temporary_folder
from bench.processes import POLL, Child, free_port
from engine.testing.certificates import Certificates

FINE = "fine"
"""The flow beside the table, whose back end does nothing wrong."""
SETTLED = 0.5
"""Seconds between two looks at the number of open files: more than connections are kept for."""

_IDENTITY = "row-%s"
"""What the log calls the request of a row."""
_SETTINGS = """\
back_ends:
  {connect_timeout: 1, timeout: 1, idle_timeout: 1, total_timeout: 2, keep_alive: 0.3, ca_file: %s}
"""
_FLOW = """\
<proxy xmlns="http://ws.apache.org/ns/synapse" name="{name}">
  <target>
    <inSequence>
      <call>
        <endpoint name="{name}End">
          <address uri="{origin}/{name}">
            <suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>
            <markForSuspension><errorCodes>-1</errorCodes></markForSuspension>
          </address>
        </endpoint>
      </call>
      {look}<respond/>
    </inSequence>
  </target>
</proxy>
"""
_LOOK = '<property name="text" expression="string(//text())"/>'


@dataclass(frozen=True, slots=True)
class Faults:
    """A row of the table each; open files of the engine before and after, and connections that stayed open."""

    rows: tuple[Seen, ...]
    files: tuple[int, int]
    connections: int

    @property
    def mistakes(self) -> dict[str, list[str]]:
        return {seen.name: found for seen in self.rows if (found := judge.mistakes(TABLE[seen.name], seen))}

    @property
    def left_behind(self) -> bool:
        before, after = self.files
        return after > before or self.connections > 0


def measure(folder: Path) -> Faults:
    """Raises StartError; FileNotFoundError without the openssl command."""
    certificates = Certificates(folder)
    back_end = BackEnd({name: row.steps for name, row in TABLE.items()})
    flows = folder / "flows"
    flows.mkdir()
    port = free_port()
    with _origins(back_end, certificates) as origins:
        for name, row in TABLE.items():
            _write_flow(flows, name, origins[row.where], reads=row.reads)
        _write_flow(flows, FINE, origins["plays"])
        with peers.myelin(Path("flows"), folder, port, settings=_SETTINGS % certificates.authority) as engine:
            return _measure(engine, port, back_end)


@contextlib.contextmanager
def _origins(back_end: BackEnd, certificates: Certificates) -> Iterator[Mapping[Where, str]]:
    """The URL of each kind of back end."""
    expired = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expired.load_cert_chain(*certificates.sign("expired", "IP:127.0.0.1", expired=True))
    with contextlib.ExitStack() as stack:
        plays, silent, not_tls, refused = (
            stack.enter_context(listening(step)) for step in (back_end.play, waits, speaks_smtp, speaks_tls(expired))
        )
        yield {
            "plays": f"http://127.0.0.1:{plays}",
            "nobody": f"http://127.0.0.1:{free_port()}",
            "unknown": "http://" + "a" * 64 + ".invalid",  # no name: a label has at most 63 characters
            "silent over TLS": f"https://127.0.0.1:{silent}",
            "not TLS": f"https://127.0.0.1:{not_tls}",
            "expired": f"https://127.0.0.1:{refused}",
        }


def _write_flow(folder: Path, name: str, origin: str, *, reads: bool = False) -> None:
    (folder / f"{name}.xml").write_text(_FLOW.format(name=name, origin=origin, look=_LOOK if reads else ""))


def _measure(engine: Child, port: int, back_end: BackEnd) -> Faults:
    for name in (FINE, "tls-failure", "unknown-host"):
        client.ask(port, name, "warm-up")  # what is opened once, and kept: authorities, the resolver's threads
    before = _settled_files(engine)
    answers = {name: (_play(port, name, row, back_end), _is_fine(port)) for name, row in TABLE.items()}
    _until(lambda: all(_log(engine, name) for name, row in TABLE.items() if row.code is not None))
    after = _settled_files(engine)
    rows = [
        Seen(name, answer, next_is_well, back_end.reused(name), _log(engine, name))
        for name, (answer, next_is_well) in answers.items()
    ]
    return Faults(tuple(rows), (before, after), back_end.open)


def _play(port: int, name: str, row: Row, back_end: BackEnd) -> Received:
    identity = _IDENTITY % name
    if row.status is None:
        return client.leave(port, name, identity, lambda: _until(lambda: back_end.was_asked(name)))
    return client.ask(port, name, identity, lambda: back_end.client_has_something(name))


def _is_fine(port: int) -> bool:
    answer = client.ask(port, FINE, FINE)
    return (answer.status, answer.body) == (200, b"ok")


def _log(engine: Child, name: str) -> tuple[str, ...]:
    """What the log tells of the request of a row."""
    before_text = f"{_IDENTITY % name}: "
    lines = engine.output().splitlines()
    return tuple(line.partition(before_text)[2] for line in lines if before_text in line)


def _settled_files(engine: Child) -> int:
    """Open files of the engine, once connections that were kept are gone."""
    seen = [-1]

    def settled() -> bool:
        time.sleep(SETTLED)
        seen.append(len(os.listdir(f"/proc/{engine.pid}/fd")))
        return seen[-1] == seen[-2]

    _until(settled)
    return seen[-1]


def _until(what: Callable[[], bool]) -> None:
    """Ask again and again until the answer is true, or it has taken too long."""
    end = time.monotonic() + PATIENCE
    while not what() and time.monotonic() < end:
        time.sleep(POLL)


def report(result: Faults) -> str:
    columns = ("fault", "client gets", "code", "connection reused", "log", "as it must be")
    before, after = result.files
    lines = [_line(seen, result.mistakes.get(seen.name, [])) for seen in result.rows]
    table = tables.table("Faults of a back end", columns, lines)
    left = f"{after} files open, {before} before; {result.connections} connections to the back end"
    return f"{table}\n\nLeft behind: {left}: {tables.verdict(not result.left_behind)}"


def _line(seen: Seen, mistakes: list[str]) -> tuple[str, ...]:
    code = TABLE[seen.name].code
    verdict = f"**{', '.join(mistakes)}**" if mistakes else "ok"
    log = " / ".join(seen.log).replace("|", "\\|")
    return (seen.name, str(seen.answer), str(code or ""), "yes" if seen.reused else "no", log, verdict)


def run(options: Options) -> Outcome:
    if "openssl" in tools.missing():
        return Outcome("### Faults of a back end\n\nnot measured: openssl missing", None)
    with temporary_folder() as folder:
        result = measure(folder)
    return Outcome(report(result), result.mistakes, result.left_behind or bool(result.mistakes))


GROUP = Group(
    "faults", "each fault of a back end: what the client gets, the log tells, the connection becomes", 25, run
)
