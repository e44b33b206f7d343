"""Flows that call the connector, with a running simulator at the other end and a clock that the test holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

from connectors.gotowebinar.simulator import Simulator, TokenPolicy
from engine.core.clock import Clock
from engine.declare.catalog import Catalog
from engine.message.context import MessageContext
from engine.plugins.discovery import discover
from engine.runtime.catalog import language, shipped_connectors
from engine.testing.harness import Harness
from engine.transports.http_out import HttpOut

ORGANIZER = "3697511743350317068"


class ManualClock:
    """Time that passes only when a test says so, or when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(now=self.now, monotonic=self.now, sleep=self.sleep, jitter=lambda: 0.0)


class Engine:
    """One process of the engine: what it knows of tokens and rates is lost with it."""

    def __init__(
        self, simulator: Simulator, time: ManualClock, http: HttpOut, folder: Path, settings: dict[str, Any]
    ) -> None:
        self.simulator = simulator
        self.time = time
        self.http = http
        specs, problems = discover([shipped_connectors()], time.clock())
        assert not list(problems)
        catalog: Catalog = language().with_specs(specs)
        self.harness = Harness(http=http, registry=folder, catalog=catalog, connectors={"gotowebinar": settings})

    def account(self, **changes: str) -> dict[str, str]:
        """The parameters of init as in the sample requests, with changes."""
        return {
            "apiUrl": self.simulator.base_url,
            "accessToken": "first-access",
            "organizerKey": ORGANIZER,
            "refreshToken": "first-refresh",
            "clientId": "the-client",
            "registryPath": "",
            "intervalTime": "",
        } | changes

    async def call(
        self, operation: str, parameters: dict[str, str] | None = None, account: dict[str, str] | None = None
    ) -> MessageContext:
        """Run init and one operation, every parameter from a property, as the sample proxies do."""
        message = self.harness.message(b"{}", headers={"Cookie": "of-the-client"})
        steps = self.step("init", account or self.account(), message)
        steps += self.step(operation, parameters or {}, message)
        await self.harness.run(steps, message)
        return message

    def step(self, operation: str, parameters: dict[str, str], message: MessageContext) -> str:
        message.properties.update(parameters)
        inside = "".join(f"<{name}>{{$ctx:{name}}}</{name}>" for name in parameters)
        return f"<gotowebinar.{operation}>{inside}</gotowebinar.{operation}>"


StartSimulator = Callable[..., Simulator]
StartEngine = Callable[..., Engine]


@pytest.fixture
def simulators() -> Iterator[StartSimulator]:
    """Starts simulators with options of the test's own."""
    with ExitStack() as running:

        def start(policy: TokenPolicy | None = None, **options: Any) -> Simulator:
            return running.enter_context(Simulator(tokens=policy, **options))

        yield start


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[StartEngine]:
    """Starts engines, all with the same registry."""
    async with AsyncExitStack() as running:

        def start(simulator: Simulator, time: ManualClock | None = None, **settings: Any) -> Engine:
            http = HttpOut()
            running.push_async_callback(http.close)
            return Engine(simulator, time or ManualClock(), http, tmp_path, settings)

        yield start


@pytest.fixture(scope="module")
def shared_simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def engine(shared_simulator: Simulator, engines: StartEngine) -> Engine:
    """An engine beside a simulator that has forgotten what earlier tests did."""
    shared_simulator.reset()
    return engines(shared_simulator)
