from __future__ import annotations

import pytest

from engine.endpoints._states import States, states_of
from engine.endpoints.suspension import SuspensionPolicy
from engine.errors import ErrorCode
from engine.testing.harness import Harness

REFUSED = ErrorCode.CONNECTION_FAILED


def test_the_same_settings_find_the_same_state() -> None:
    states = States()
    state = states.of("e", SuspensionPolicy())
    state.failed(REFUSED)
    assert states.of("e", SuspensionPolicy()) is state
    assert states.of("f", SuspensionPolicy()).state == "ACTIVE"
    assert states.of("e", SuspensionPolicy(initial=1.0)).state == "ACTIVE"


def test_they_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.endpoints._states._MAX_STATES", 2)
    states = States()
    for name in "abc":
        states.of(name, SuspensionPolicy())
    assert [each["name"] for each in states.report()] == ["b", "c"]


def test_a_redeployed_endpoint_is_still_suspended() -> None:
    """Two builds of the same XML with the services of one process, as after touching the file."""
    xml = '<endpoint name="e"><address uri="http://b/"/></endpoint>'
    first, second = Harness(xml), Harness(xml)
    second.snapshot.shared = first.snapshot.shared
    endpoint, again = first.snapshot.endpoint("e"), second.snapshot.endpoint("e")
    assert endpoint.ready(first.message())  # type: ignore[attr-defined]  # the protocol has what mediators need
    states_of(first.snapshot).of("e", SuspensionPolicy()).failed(REFUSED)
    assert not again.ready(second.message())  # type: ignore[attr-defined]
    assert states_of(second.snapshot).report()[0]["state"] == "SUSPENDED"


async def test_report_names_the_endpoints_that_were_used() -> None:
    harness = Harness(
        '<endpoint name="e"><address uri="http://b/"/></endpoint><endpoint name="f"><default/></endpoint>'
    )
    await harness.snapshot.endpoint("e").send(harness.message(b"{}"))
    assert states_of(harness.snapshot).report() == [{"name": "e", "state": "ACTIVE"}]
