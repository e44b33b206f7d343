"""A running simulator whose clock the tests hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.gotowebinar.simulator import Simulator

START = datetime(2016, 6, 1, 9, tzinfo=UTC)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Client:
    """Calls one simulator."""

    def __init__(self, simulator: Simulator, clock: Clock) -> None:
        self.simulator = simulator
        self.clock = clock

    def __call__(self, method: str, path: str, *, token: str | None = "t", **options: Any) -> requests.Response:
        """Send a request; ``token`` None leaves the Authorization header out."""
        headers = {"Authorization": token} if token is not None else {}
        options = {"timeout": 10} | options | {"headers": headers | options.get("headers", {})}
        return requests.request(method, self.simulator.base_url + path, **options)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a 200."""
        response = self("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def business_error(self, response: requests.Response) -> tuple[int, str, str]:
        """Status, errorCode and description of an error whose body has those and ``incident``, and nothing else."""
        body = response.json()
        assert set(body) == {"errorCode", "description", "incident"}
        assert re.fullmatch("[0-9]{19}", body["incident"])
        return response.status_code, body["errorCode"], body["description"]


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Starts simulators with options of the test's own."""
    with ExitStack() as running:

        def start_simulator(**options: Any) -> Client:
            clock = Clock()
            return Client(running.enter_context(Simulator(now=clock, **options)), clock)

        yield start_simulator


@pytest.fixture(scope="module")
def _shared() -> Iterator[Client]:
    clock = Clock()
    with Simulator(now=clock) as simulator:
        yield Client(simulator, clock)


@pytest.fixture
def api(_shared: Client) -> Client:
    """A simulator with default options, fresh for each test."""
    _shared.simulator.reset()
    _shared.clock.now = START
    return _shared
