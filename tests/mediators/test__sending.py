from __future__ import annotations

from typing import Any

import pytest

from engine.core.env import Endpoint
from engine.mediators import _sending
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.harness import Harness


class _Stream:
    """A body in pieces that remembers whether it was given up."""

    length = None

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.closed = False

    async def read(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self) -> None:
        self.closed = True


class _Endpoint:
    def __init__(self, answer: _Stream, error: Exception | None = None) -> None:
        self.answer, self.error = answer, error

    def recipients(self, message: MessageContext) -> list[Endpoint]:
        return []

    async def send(self, message: MessageContext) -> None:
        message.payload = Payload(self.answer, "application/json", origin="backend")
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), (True, True), ("false", False), (False, False), (None, False)],
)
def test_out_only(value: Any, expected: bool) -> None:
    message = Harness().message()
    message.set_property("OUT_ONLY", value)
    assert _sending.is_out_only(message) is expected


async def test_a_streamed_body_is_read_before_it_is_copied() -> None:
    message = Harness().message()
    message.payload = Payload(_Stream(b'{"a":', b" 1}"), "application/json")
    twin = await _sending.copy_of(message)
    assert message.payload.body() == twin.payload.body() == b'{"a": 1}'
    twin.properties["p"] = "twin"
    assert "p" not in message.properties


@pytest.mark.parametrize("error", [None, RuntimeError("gone")])
async def test_the_answer_of_a_forgotten_message_is_given_up(error: Exception | None) -> None:
    answer = _Stream(b"{}")
    if error is None:
        await _sending.send_and_forget(_Endpoint(answer), Harness().message())
    else:
        with pytest.raises(RuntimeError, match="gone"):
            await _sending.send_and_forget(_Endpoint(answer, error), Harness().message())
    assert answer.closed
