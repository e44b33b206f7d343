from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness, LoadError


@pytest.mark.parametrize(
    ("duration", "properties", "seconds"),
    [
        ("", {}, None),
        ("<duration>1500</duration>", {}, 1.5),
        ("<duration> 0 </duration>", {}, 0.0),
        ("<duration>{$ctx:wait}</duration>", {"wait": "250"}, 0.25),
        ("<duration>{get-property('wait')}</duration>", {"wait": 30}, 0.03),
    ],
)
def test_timeout(endpoint_type: Any, duration: str, properties: dict[str, Any], seconds: float | None) -> None:
    message = Harness().message()
    message.properties |= properties
    leaf = endpoint_type(f'<address uri="http://b"><timeout>{duration}</timeout></address>')
    assert leaf.timeout.seconds(message) == seconds


@pytest.mark.parametrize("value", [None, "", "soon", "-1"])
def test_timeout_that_is_no_number_is_a_fault(endpoint_type: Any, value: str | None) -> None:
    message = Harness().message()
    message.set_property("wait", value)
    leaf = endpoint_type('<address uri="http://b"><timeout><duration>{$ctx:wait}</duration></timeout></address>')
    with pytest.raises(Fault, match="not a number of milliseconds"):
        leaf.timeout.seconds(message)


@pytest.mark.parametrize(
    ("retry", "code", "allowed"),
    [
        ("", 101503, True),
        ("<enabledErrorCodes>101503 101504</enabledErrorCodes>", 101503, True),
        ("<enabledErrorCodes>101504</enabledErrorCodes>", 101503, False),
        ("<disabledErrorCodes>101503,101504</disabledErrorCodes>", 101503, False),
        ("<disabledErrorCodes>101504</disabledErrorCodes>", 101503, True),
        (
            "<enabledErrorCodes>101503</enabledErrorCodes><disabledErrorCodes>101503</disabledErrorCodes>",
            101503,
            False,
        ),
    ],
)
def test_retry_config(endpoint_type: Any, retry: str, code: int, allowed: bool) -> None:
    leaf = endpoint_type(f'<address uri="http://b"><retryConfig>{retry}</retryConfig></address>')
    assert leaf.retry.allows(code) is allowed


@pytest.mark.parametrize(
    "inside",
    [
        "<timeout><duration>soon</duration></timeout>",
        "<timeout><duration>-5</duration></timeout>",
        "<retryConfig><enabledErrorCodes>x</enabledErrorCodes></retryConfig>",
        "<markForSuspension><errorCodes>x</errorCodes></markForSuspension>",
        "<suspendOnFailure><initialDuration>x</initialDuration></suspendOnFailure>",
    ],
)
def test_mistakes_are_found_at_load(inside: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e"><address uri="http://b">{inside}</address></endpoint>')
    assert [problem.code for problem in raised.value.problems] == ["bad-value"]
