"""Our class of a client's connection beside uvicorn's own, with nothing behind them."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from bench import edge_server, payloads, tools, ways
from bench.group import Group, Options, Outcome, temporary_folder
from bench.processes import accepts, free_port, running
from bench.ways import Way

TITLE = "The class of a client's connection, 500 B there and back, no flow"


def measure(folder: Path) -> list[Way]:
    """Raises StartError."""
    with contextlib.ExitStack() as stack:
        found = [start(stack, name, folder) for name in edge_server.WAYS]
        ways.take_turns(found, payloads.orders("json", "500 B"), folder)
    return found


def start(stack: contextlib.ExitStack, name: str, folder: Path) -> Way:
    """A server that runs until the stack ends. Raises StartError."""
    port = free_port()
    command = [sys.executable, "-m", "bench.edge_server", name, str(port)]
    child = stack.enter_context(running(command, folder, f"edge {name}"))
    child.wait_until(lambda: accepts(port))
    return Way(name, f"http://127.0.0.1:{port}/", child.pid)


def run(options: Options) -> Outcome:
    if "wrk" in tools.missing():
        return Outcome(f"### {TITLE}\n\nnot measured: wrk missing", [])
    with temporary_folder() as folder:
        found = measure(folder)
    return Outcome(ways.report(TITLE, found), found, any(way.failed for way in found))


GROUP = Group("edge", "our class of a client's connection beside uvicorn's own", 60, run)
