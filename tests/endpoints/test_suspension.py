"""Synapse's EndpointContext with a clock that the test holds."""

from __future__ import annotations

from typing import Any

import pytest

from engine.endpoints.suspension import Suspension, SuspensionPolicy
from engine.errors import ErrorCode

REFUSED, TIMEOUT = ErrorCode.CONNECTION_FAILED, ErrorCode.TIMEOUT
RESET, CLOSED = ErrorCode.RECEIVING, ErrorCode.CONNECTION_CLOSED


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def endpoint(**policy: Any) -> tuple[Suspension, Clock]:
    clock = Clock()
    return Suspension("orders", SuspensionPolicy(**policy), clock), clock


def rest(suspension: Suspension, clock: Clock) -> float:
    """Seconds until it may be tried again, to the millisecond."""
    start = clock.now
    while not suspension.ready:
        clock.now = round(clock.now + 0.001, 3)
    waited, clock.now = clock.now - start, start
    return round(waited, 3)


def test_trap_36_any_error_suspends_for_30_seconds_without_settings() -> None:
    suspension, clock = endpoint()
    assert (suspension.state, suspension.ready) == ("ACTIVE", True)
    suspension.failed(REFUSED)
    assert (suspension.state, rest(suspension, clock)) == ("SUSPENDED", 30.0)


@pytest.mark.parametrize(
    ("policy", "codes", "state"),
    [
        ({"suspend_codes": frozenset({REFUSED})}, [REFUSED], "SUSPENDED"),
        ({"suspend_codes": frozenset({REFUSED})}, [RESET], "ACTIVE"),
        ({"suspend_codes": frozenset({-1})}, [REFUSED, RESET], "ACTIVE"),
        # AbstractEndpoint.isTimeout: these two mark when no codes are named, and with no retries that suspends.
        ({"suspend_codes": frozenset({-1})}, [TIMEOUT], "SUSPENDED"),
        ({"suspend_codes": frozenset({-1})}, [CLOSED], "SUSPENDED"),
        ({"suspend_codes": frozenset({-1}), "mark_codes": frozenset({-1})}, [TIMEOUT, CLOSED], "ACTIVE"),
        ({"retries": 1}, [TIMEOUT], "TIMEOUT"),
        ({"retries": 3}, [TIMEOUT] * 3, "TIMEOUT"),
        ({"retries": 3}, [TIMEOUT] * 4, "SUSPENDED"),
        ({"mark_codes": frozenset({TIMEOUT}), "retries": 2}, [TIMEOUT], "TIMEOUT"),
        ({"mark_codes": frozenset({TIMEOUT}), "retries": 2}, [TIMEOUT, TIMEOUT], "TIMEOUT"),
        ({"mark_codes": frozenset({TIMEOUT}), "retries": 2}, [TIMEOUT, TIMEOUT, TIMEOUT], "SUSPENDED"),
        ({"mark_codes": frozenset({TIMEOUT}), "retries": 2}, [REFUSED], "SUSPENDED"),
        ({"mark_codes": frozenset({TIMEOUT}), "retries": 2}, [TIMEOUT, REFUSED], "SUSPENDED"),
        ({"mark_codes": frozenset({TIMEOUT})}, [TIMEOUT], "SUSPENDED"),
        ({}, ["CUSTOM"], "SUSPENDED"),
    ],
)
def test_state_after_errors(policy: dict[str, Any], codes: list[int | str], state: str) -> None:
    suspension, _ = endpoint(**policy)
    for code in codes:
        suspension.failed(code)
    assert suspension.state == state


def test_marked_endpoint_rests_for_the_retry_delay() -> None:
    suspension, clock = endpoint(mark_codes=frozenset({TIMEOUT}), retries=1, retry_delay=0.5, initial=2.0)
    suspension.failed(TIMEOUT)
    assert rest(suspension, clock) == 0.5
    suspension.failed(TIMEOUT)
    assert rest(suspension, clock) == 2.0


def test_each_further_rest_grows_to_the_maximum() -> None:
    suspension, clock = endpoint(initial=1.0, factor=2.0, maximum=5.0)
    rests = []
    for _ in range(5):
        suspension.failed(REFUSED)
        rests.append(rest(suspension, clock))
        clock.now += rests[-1]
    assert rests == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_success_forgets_everything() -> None:
    suspension, clock = endpoint(initial=1.0, factor=2.0, mark_codes=frozenset({TIMEOUT}), retries=1)
    for code in (TIMEOUT, REFUSED, REFUSED):
        suspension.failed(code)
    suspension.succeeded()
    assert (suspension.state, suspension.ready) == ("ACTIVE", True)
    suspension.failed(TIMEOUT)
    assert suspension.state == "TIMEOUT"
    suspension.failed(REFUSED)
    assert rest(suspension, clock) == 1.0


def test_initial_zero_tries_again_at_once() -> None:
    suspension, _ = endpoint(initial=0.0)
    suspension.failed(REFUSED)
    assert (suspension.state, suspension.ready) == ("SUSPENDED", True)


def test_log_tells_when_it_rests_and_when_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    suspension, _ = endpoint(mark_codes=frozenset({TIMEOUT}), retries=1)
    with caplog.at_level("INFO", "myelin.endpoint"):
        for event in (suspension.succeeded, lambda: suspension.failed(TIMEOUT), lambda: suspension.failed(REFUSED)):
            event()
        suspension.succeeded()
    assert [record.getMessage() for record in caplog.records] == [
        "endpoint orders failed; 0 tries left before it is suspended",
        "endpoint orders is suspended for 30 s",
        "endpoint orders works again",
    ]


def test_report_is_for_operators() -> None:
    suspension, clock = endpoint(initial=2.0)
    assert suspension.report() == {"name": "orders", "state": "ACTIVE"}
    suspension.failed(REFUSED)
    clock.now += 0.5
    assert suspension.report() == {"name": "orders", "state": "SUSPENDED", "nextTryIn": 1.5}
    clock.now += 10
    assert suspension.report() == {"name": "orders", "state": "SUSPENDED"}
