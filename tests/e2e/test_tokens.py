"""Tokens of an account that two workers use, without a place of its own in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from connectors.gotowebinar.simulator import Simulator, TokenPolicy

from .conftest import DEFINITIONS

CALLS = 200


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A refresh token is good once."""
    with Simulator(tokens=TokenPolicy(rotate_refresh_token=True)) as running:
        yield running


def test_two_workers_refresh_once(start: Any, simulator: Simulator) -> None:
    init = f"""<localEntry key="account"><gotowebinar.init><apiUrl>{simulator.base_url}</apiUrl>
    <apiVersion>v2</apiVersion><organizerKey>3697511743350317068</organizerKey><refreshToken>first</refreshToken>
    <clientId>c</clientId></gotowebinar.init></localEntry>"""
    flow = """<proxy name="audio"><target><inSequence><gotowebinar.getAudioInformation configKey="account">
    <webinarKey>5452440042032782081</webinarKey></gotowebinar.getAudioInformation><respond/></inSequence></target>
    </proxy></definitions>"""
    settings = "connectors: {gotowebinar: {callsPerSecond: 0}}"
    engine = start({"a.xml": DEFINITIONS + init + flow}, settings, "--workers", "2")

    def statuses() -> set[int]:
        with ThreadPoolExecutor(CALLS) as threads:
            return set(threads.map(lambda _: engine.call("GET", "/services/audio").status_code, range(CALLS)))

    def refreshes() -> int:
        return sum(request.path.startswith("/oauth") for request in simulator.requests)

    assert statuses() == {200}
    assert refreshes() == 1
    simulator.expire("simulated-access-1")
    assert statuses() == {200}
    assert refreshes() == 2
