"""SIGTERM and SIGINT: requests in flight are answered, new connections are not taken, the status is 0."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

CHECKOUT = Path(__file__).parents[2]
NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


class Gate:
    """A back end that lets its answers wait."""

    def __init__(self, back_end: Any) -> None:
        self.arrived, self.open = threading.Event(), threading.Event()
        back_end.on("/held", self._play)
        self.flows = {
            "held.xml": f'<proxy {NAMESPACE} name="held"><target><endpoint><address uri="{back_end.url}/held"/>'
            "</endpoint></target></proxy>",
            "fast.xml": f'<proxy {NAMESPACE} name="fast"><target><inSequence><respond/></inSequence></target></proxy>',
        }

    def _play(self, message: Any, connection: Any) -> None:
        self.arrived.set()
        self.open.wait(10)
        connection.answer(200, b'{"late": true}')


class Call(threading.Thread):
    """A request in a thread of its own."""

    def __init__(self, engine: Any, path: str) -> None:
        super().__init__()
        self.engine, self.path = engine, path
        self.answer: requests.Response | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self.engine.post(self.path, {})
        except requests.RequestException as error:
            self.error = error


@pytest.fixture
def gate(back_end: Any) -> Gate:
    return Gate(back_end)


def refused(engine: Any) -> bool:
    try:
        engine.connect().close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_request_in_flight_is_answered(
    start: Any, gate: Gate, until: Any, number: int, options: tuple[str, ...]
) -> None:
    engine = start(gate.flows, "", *options)
    idle = engine.connect()
    call = Call(engine, "/services/held")
    assert gate.arrived.wait(10)
    engine.process.send_signal(number)
    until(lambda: refused(engine))
    until(lambda: "stopping: 1 request(s) in flight may take up to 30 s; a second signal ends at once" in engine.log())
    gate.open.set()
    call.join()
    assert call.answer is not None
    assert call.answer.json() == {"late": True}
    assert call.answer.headers["Connection"] == "close"
    assert idle.rest() == b""
    idle.close()
    assert engine.process.wait(10) == 0
    assert "Traceback" not in engine.log()


def test_request_that_takes_too_long_is_given_up(start: Any, gate: Gate) -> None:
    engine = start(gate.flows, "server: {drain: 1}")
    call = Call(engine, "/services/held")
    assert gate.arrived.wait(10)
    assert engine.stop() == 0
    call.join()
    assert call.answer is not None
    assert call.answer.status_code == 503
    assert call.answer.json() == {"error": {"code": 503, "message": "the server is stopping"}}
    assert "gave up 1 request(s) that took too long to end" in engine.log()
    assert "uvicorn" not in engine.log()
    gate.open.set()


def test_a_client_that_stops_within_its_request_does_not_hold_up_the_end(start: Any, gate: Gate) -> None:
    """Nor does it when it keeps its connection open after it was told. The answer to a request that was sent in one go
    with it tells that it has arrived."""
    engine = start(gate.flows, "server: {drain: 1}")
    client = engine.connect()
    head = b"POST /services/fast HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"
    client.send(head + b"{}" + head + b"{")
    assert client.answer().status == 200
    began = time.monotonic()
    assert engine.stop() == 0
    assert time.monotonic() - began < 2.5
    assert client.answer().status == 503
    assert "gave up 1 request(s) that took too long to end" in engine.log()
    assert "uvicorn" not in engine.log()
    client.close()


def test_work_in_the_background_gets_no_time_of_its_own(start: Any, gate: Gate, until: Any) -> None:
    """The limit is for all that is under way: the request first, then what it left behind."""
    call_and_go = f"""<proxy {NAMESPACE} name="behind"><target><inSequence><clone continueParent="true"><target>
    <sequence><call><endpoint key="held"/></call><drop/></sequence></target></clone><call><endpoint key="held"/></call>
    <respond/></inSequence></target></proxy>"""
    held = gate.flows["held.xml"].partition("<endpoint>")[2].partition("</endpoint>")[0]
    endpoint = f'<endpoint {NAMESPACE} name="held">{held}</endpoint>'
    engine = start({"behind.xml": call_and_go, "held.xml": endpoint}, "server: {drain: 2}")
    call = Call(engine, "/services/behind")
    assert gate.arrived.wait(10)
    began = time.monotonic()
    assert engine.stop() == 0
    assert time.monotonic() - began < 3.5
    call.join()
    gate.open.set()


def test_idle_server_stops_at_once_and_frees_its_ports(start: Any, gate: Gate) -> None:
    engine = start(gate.flows)
    assert engine.post("/services/fast", {"a": 1}).json() == {"a": 1}
    assert engine.stop() == 0
    assert refused(engine)


def test_a_client_that_stays_after_a_refusal_does_not_hold_up_the_end(start: Any, gate: Gate) -> None:
    """The drain would allow it thirty seconds."""
    engine = start(gate.flows)
    client = engine.connect()
    client.send(b"this is not HTTP\r\n\r\n")
    assert client.answer().status == 400
    assert engine.stop() == 0
    client.close()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 1)])
def test_as_long_as_the_flows_are_read_it_ends_at_once(tmp_path: Path, number: int, status: int) -> None:
    """The file of the flows is a pipe that never ends. Who has opened its other end knows that it is being read."""
    pipe = tmp_path / "flow.xml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "engine", "run", str(pipe), "--port", "0", "--admin-port", "0"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        with pipe.open("wb"):
            process.send_signal(number)
            assert process.wait(10) == status
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


# -------------------------------------------------------------------- workers


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_two_workers_survive_the_death_of_one(start: Any, gate: Gate, until: Any) -> None:
    engine = start(gate.flows, "", "--workers", "2")
    workers = children(engine.process.pid)
    assert len(workers) == 2
    for victim in workers:
        os.kill(victim, signal.SIGKILL)
        until(lambda victim=victim: victim not in children(engine.process.pid))
        until(lambda: len(children(engine.process.pid)) == 2)
        until(lambda: engine.health().status_code == 200)
        for _ in range(20):
            until(lambda: engine.post("/services/fast", {"a": 1}).json() == {"a": 1})
    log = engine.log()
    assert len(re.findall(r"worker \d ended with status -9; starting another", log)) == 2
    assert engine.stop() == 0
    assert "Traceback" not in log


def test_two_workers_deploy_the_same_changes(start: Any, gate: Gate, until: Any) -> None:
    engine = start(gate.flows, "", "--workers", "2")
    engine.write("new.xml", gate.flows["fast.xml"].replace('"fast"', '"new"'))

    def all_serve() -> bool:
        return all(engine.post("/services/new", {}).status_code == 200 for _ in range(20))

    until(all_serve, 4)


def test_workers_say_once_what_is_served(start: Any, gate: Gate) -> None:
    engine = start(gate.flows, "", "--workers", "2")
    engine.stop()
    said = engine.lines[0] + engine.process.stdout.read()
    assert said.count("myelin serves") == 1


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_port_that_is_taken(start: Any, gate: Gate, command: Any, tmp_path: Path, options: tuple[str, ...]) -> None:
    engine = start(gate.flows)
    (tmp_path / "flows").mkdir()
    done = command(tmp_path, "run", "flows", "--port", str(engine.port), "--admin-port", "0", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"myelin: cannot listen on 127.0.0.1:{engine.port}: Address already in use" in done.stderr
