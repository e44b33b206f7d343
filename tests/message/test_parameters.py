"""Parameters of a template call."""

from __future__ import annotations

from engine.expressions.dynamic import parse_value
from engine.message.parameters import Parameters
from engine.testing.harness import Harness


def test_plain_values_are_read_as_they_are() -> None:
    message = Harness().message()
    assert Parameters({"a": "1"}).read("a", message) == "1"
    assert Parameters().read("a", message) is None


def test_trap_07_lazy_values_are_read_against_the_message_that_asks() -> None:
    harness = Harness()
    parameters = Parameters({"a": parse_value("{{//x}}", {})}, lazy=["a"])
    first, second = (harness.message(body, "application/xml") for body in (b"<r><x>1</x></r>", b"<r><x>2</x></r>"))
    assert [parameters.read("a", message).text for message in (first, second)] == ["1", "2"]
