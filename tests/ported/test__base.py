from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.ported._base import pairs, required, text
from engine.testing.harness import Harness


def test_properties_as_text() -> None:
    message = Harness().message()
    message.properties = {"s": "x", "n": 5, "b": True}
    assert [text(message, name) for name in ("s", "n", "b", "none")] == ["x", "5", "true", ""]
    assert required(message, "n") == "5"
    with pytest.raises(Fault, match="'none' is not set"):
        required(message, "none")


def test_pairs() -> None:
    assert pairs("a=1&b=2") == [("a", "1"), ("b", "2")]
    for wrong in ("a", "a=", "a=1=2", "a=1&"):
        with pytest.raises(Fault, match="not name=value"):
            pairs(wrong)
