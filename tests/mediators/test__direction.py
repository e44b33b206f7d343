from __future__ import annotations

from typing import Any

import pytest

from engine.mediators._direction import is_response, turn_back
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("marked", "direction", "expected"),
    [
        (None, False, False),
        (None, True, True),
        ("true", False, True),
        ("TRUE", False, True),
        ("false", True, False),
        ("", True, False),
        (True, False, False),  # only text overrules
    ],
)
def test_trap_44_the_property_response_overrules(marked: Any, direction: bool, expected: bool) -> None:
    message = Harness().message()
    message.is_response = direction
    message.set_property("RESPONSE", marked)
    assert is_response(message) is expected


def test_turning_back_forgets_the_address() -> None:
    message = Harness().message()
    message.to = "http://a.example"
    turn_back(message)
    assert (message.to, message.is_response) == (None, True)
