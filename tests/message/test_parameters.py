from __future__ import annotations

from typing import cast

from engine.message.context import Environment, Exchange, MessageContext
from engine.message.headers import Headers
from engine.message.parameters import Parameters
from engine.message.payload import Payload


class CountingExpression:
    """What the parameters ask of an expression, with a new answer each time."""

    def __init__(self) -> None:
        self.asked_for: list[MessageContext] = []

    def evaluate(self, message: MessageContext) -> str:
        self.asked_for.append(message)
        return f"answer {len(self.asked_for)}"


def message() -> MessageContext:
    return MessageContext(cast(Environment, object()), cast(Exchange, object()), Payload(), Headers())


def test_a_value_is_read_as_it_is() -> None:
    parameters = Parameters({"subject": "x", "empty": "", "null": None})
    assert [parameters.read(name, message()) for name in ("subject", "empty", "null", "absent")] == ["x", "", None, None]


def test_a_lazy_value_is_evaluated_at_each_read() -> None:
    # Synapse trap 7.
    expression, first, second = CountingExpression(), message(), message()
    parameters = Parameters({"lazy": expression, "plain": "x"}, lazy=["lazy"])
    assert [parameters.read("lazy", first), parameters.read("lazy", second)] == ["answer 1", "answer 2"]
    assert expression.asked_for == [first, second]
    assert parameters.read("plain", first) == "x"
    assert parameters["lazy"] is expression


def test_a_frame_may_be_empty() -> None:
    assert Parameters() == {}
    assert Parameters().read("x", message()) is None
