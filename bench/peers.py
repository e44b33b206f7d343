"""Who is compared: nginx and Node.js as plain proxies, and Myelin with one worker."""

from __future__ import annotations

import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import nginx, tools
from bench.processes import Child, StartError, accepts, free_port, running

PEERS = ("nginx", "node", "myelin")

_SETTINGS = """\
limits: {connections: 20000}
connectors: {gotowebinar: {callsPerSecond: 0}}
"""

_REAL_SERVICE = """\
<endpoint xmlns="http://ws.apache.org/ns/synapse" name="RealService">
  <address uri="http://127.0.0.1:%d/RealService"/>
</endpoint>
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A proxy that runs. ``flows`` tells whether it serves flows by name, or passes paths on."""

    name: str
    port: int
    pid: int
    flows: bool = False

    def url(self, service: str, path: str) -> str:
        """Where to post: the flow of that name, or the path of the back end."""
        return f"http://127.0.0.1:{self.port}{f'/services/{service}' if self.flows else path}"


@contextlib.contextmanager
def back_end(folder: Path) -> Iterator[int]:
    """nginx answering from files; gives its port. Raises StartError."""
    port = free_port()
    with running(_nginx(nginx.write_back_end(folder, port)), folder, "back_end") as child:
        child.wait_until(lambda: accepts(port))
        yield port


@contextlib.contextmanager
def start(name: str, folder: Path, back_end_port: int, flows: list[Path], *, workers: int = 1) -> Iterator[Peer]:
    """One of PEERS, in front of the back end; nginx and Myelin may have several workers. Raises StartError."""
    port = free_port()
    if name == "myelin":
        with myelin(stage(folder, flows, back_end_port), folder, port, workers) as child:
            yield Peer(name, port, child.pid, flows=True)
        return
    if name == "nginx":
        command = _nginx(nginx.write_proxy(folder, port, back_end_port, workers))
    else:
        script = Path(__file__).with_name("node_proxy.mjs")
        command = [tools.find("node") or "node", str(script), str(port), str(back_end_port)]
    with running(command, folder, name) as child:
        child.wait_until(lambda: accepts(port))
        yield Peer(name, port, child.pid)


def stage(folder: Path, flows: list[Path], back_end_port: int) -> Path:
    """A folder with the flows and the endpoint that they share."""
    staged = folder / "flows"
    staged.mkdir(exist_ok=True)
    for flow in flows:
        (staged / flow.name).write_bytes(flow.read_bytes())
    (staged / "RealService.xml").write_text(_REAL_SERVICE % back_end_port)
    return staged


@contextlib.contextmanager
def myelin(
    flows: Path,
    folder: Path,
    port: int,
    workers: int = 1,
    connectors: tuple[Path, ...] = (),
    settings: str = _SETTINGS,
) -> Iterator[Child]:
    """``myelin run`` on a folder of flows, ready: healthz answers 200. Raises StartError."""
    admin_port = free_port()
    configuration = folder / "myelin.yaml"
    configuration.write_text(settings)
    command = [sys.executable, "-m", "engine", "run", str(flows), "--config", str(configuration)]
    command += ["--registry", str(folder / "registry"), "--port", str(port), "--admin-port", str(admin_port)]
    command += ["--workers", str(workers)]
    for each in connectors:
        command += ["--connectors", str(each)]
    with running(command, folder, "myelin") as child:
        child.wait_until(lambda: _healthy(admin_port))
        yield child


def _healthy(admin_port: int) -> bool:
    """Whether everything is deployed. Raises StartError when a flow is broken: waiting would not mend it."""
    if not accepts(admin_port):
        return False
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        report: dict[str, Any] = json.load(error)
        problems = [f"{each['file']}:{each['line']}: {each['message']}" for each in report["problems"]]
        raise StartError("myelin cannot run the flows:\n  " + "\n  ".join(problems)) from None


def _nginx(configuration: Path) -> list[str]:
    return [tools.find("nginx") or "nginx", "-c", str(configuration), "-e", f"{configuration}.start.log"]
