from __future__ import annotations

import asyncio
import logging

import pytest

from engine.core import sequence
from engine.core.mediator import Mediator
from engine.errors import Fault, Where
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.harness import Harness


class Spec:
    tag = "step"


class Step(Mediator):
    """Does what the test says, and notes that it ran."""

    spec = Spec()  # type: ignore[assignment]
    where = Where("a.xml", 3, 5)

    def __init__(
        self, log: list[str], name: str, outcome: bool | BaseException = True, reads_body: bool = False
    ) -> None:
        self.log, self.name, self.outcome, self.reads_body = log, name, outcome, reads_body

    async def mediate(self, message: MessageContext) -> bool:
        self.log.append(f"{self.name}{' streaming' if message.payload.pending else ''}")
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


class Stream:
    """A body in two pieces."""

    length: int | None = None

    def __init__(self) -> None:
        self.pieces = [b"ab", b"cd", b""]
        self.closed = False

    async def read(self) -> bytes:
        await asyncio.sleep(0)
        return self.pieces.pop(0)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("outcomes", "ran", "result"),
    [([], [], True), ([True, True], ["0", "1"], True), ([True, False, True], ["0", "1"], False)],
)
async def test_steps_run_until_one_says_false(outcomes: list[bool], ran: list[str], result: bool) -> None:
    log: list[str] = []
    steps = [Step(log, str(number), outcome) for number, outcome in enumerate(outcomes)]
    assert await sequence.run(steps, Harness().message()) is result
    assert log == ran


async def test_stream_is_read_before_the_first_step_that_looks() -> None:
    log: list[str] = []
    message = Harness().message()
    message.payload = Payload(Stream(), "text/plain")
    await sequence.run([Step(log, "a"), Step(log, "b", reads_body=True), Step(log, "c")], message)
    assert log == ["a streaming", "b", "c"]
    assert message.payload.raw() == b"abcd"


async def test_fault_knows_the_innermost_step() -> None:
    fault = Fault("x")
    with pytest.raises(Fault) as raised:
        await sequence.run_named("sequence 's'", [Step([], "a", fault)], Harness().message())
    assert raised.value is fault
    assert fault.at() == "a.xml:3:5 <step> in sequence 's'"


async def test_unexpected_error_becomes_a_fault_and_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(Fault, match=r"^unexpected KeyError$") as raised:
        await sequence.run([Step([], "a", KeyError("k"))], Harness().message())
    assert raised.value.at() == "a.xml:3:5 <step>"
    assert raised.value.detail == "'k'"  # for the flow and the log, never in the answer
    [record] = caplog.records
    assert record.exc_info is not None
    assert "unexpected error at a.xml:3:5 <step>" in record.getMessage()


async def test_cancellation_is_no_fault() -> None:
    with pytest.raises(asyncio.CancelledError):
        await sequence.run([Step([], "a", asyncio.CancelledError())], Harness().message())


async def test_depth_is_bounded_and_given_back() -> None:
    message = Harness().message()
    message.depth = message.env.limits.depth - 1  # type: ignore[attr-defined]
    assert await sequence.run_named("sequence 's'", [], message)
    message.depth += 1
    with pytest.raises(Fault, match="sequence 's' is entered 64 levels deep; does it call itself"):
        await sequence.run_named("sequence 's'", [], message)
    assert message.depth == 64
