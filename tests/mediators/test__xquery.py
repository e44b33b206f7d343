from __future__ import annotations

import pytest

from engine.declare.convert import Unacceptable
from engine.mediators._xquery import Argument, argument


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("INTEGER", " 5 ", 5),
        ("BYTE", "-128", -128),
        ("LONG", "9223372036854775807", 2**63 - 1),
        ("FLOAT", "1.5", 1.5),
        ("BOOLEAN", "no", False),
        ("STRING", " x ", " x "),
    ],
)
def test_values(type_: str, text: str, value: object) -> None:
    assert argument(type_, text) == Argument(type_, value)


@pytest.mark.parametrize(("type_", "text"), [("BYTE", "128"), ("LONG", "1.0"), ("INT", ""), ("DOUBLE", "x")])
def test_what_is_no_value(type_: str, text: str) -> None:
    with pytest.raises(Unacceptable):
        argument(type_, text)
