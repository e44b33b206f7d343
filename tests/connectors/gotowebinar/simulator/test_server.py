"""The server around the simulator, and its command line."""

from __future__ import annotations

import logging
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from connectors.gotowebinar.simulator import Simulator
from connectors.gotowebinar.simulator.__main__ import main

ROOT = Path(__file__).parents[4]
WEBINARS = "/G2W/rest/organizers/3697511743350317068/webinars"
WEBINAR = f"{WEBINARS}/8274965567047301900"
TIMES = [{"startTime": "2016-06-09T16:45:58Z", "endTime": "2016-06-09T17:45:58Z"}]
LATER = [{"startTime": "2016-06-10T16:45:58Z", "endTime": "2016-06-10T17:45:58Z"}]
NEW_WEBINAR = {"subject": "Test Webinar", "description": "For testing", "times": TIMES, "timeZone": "Asia/Colombo"}


class Arrival(logging.Handler):
    """Tells when a request has reached the simulator."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.event.set()


@pytest.fixture
def arrived() -> Iterator[threading.Event]:
    logger, handler = logging.getLogger("myelin.simulator"), Arrival()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.event
    logger.setLevel(level)
    logger.removeHandler(handler)


@pytest.mark.parametrize("end", [Simulator.release, Simulator.stop])
def test_answers_that_are_held_back_go_out(end: Callable[[Simulator], None], arrived: threading.Event) -> None:
    with Simulator() as simulator, ThreadPoolExecutor(1) as threads:
        simulator.delay_next(60)
        answer = threads.submit(requests.get, simulator.base_url + WEBINAR, headers={"Authorization": "t"}, timeout=30)
        assert arrived.wait(10)
        end(simulator)
        assert answer.result(10).status_code == 200


def test_takes_the_given_port() -> None:
    with Simulator() as first:
        port = int(first.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Simulator(port=port).start()
    with Simulator(port=port) as second:
        assert second.base_url == f"http://127.0.0.1:{port}"


def test_has_no_address_before_it_listens() -> None:
    with pytest.raises(RuntimeError, match="does not listen yet"):
        _ = Simulator().base_url


def test_default_clock_lets_the_printed_samples_work() -> None:
    with Simulator() as simulator:
        answer = requests.post(
            simulator.base_url + WEBINARS, json=NEW_WEBINAR, headers={"Authorization": "t"}, timeout=10
        )
    assert answer.status_code == 201


def test_command_line() -> None:
    command = [sys.executable, "-m", "connectors.gotowebinar.simulator", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/G2W/rest", process.stdout.readline())
        assert found is not None
        answer = requests.get(f"{found[0]}/organizers/1/webinars", headers={"Authorization": "t"}, timeout=10)
        process.terminate()
    assert answer.json() == []


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["--port", str(port)])
    assert (done.exit_code, done.stderr) == (
        1,
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port with --port.\n",
    )
