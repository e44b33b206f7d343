from __future__ import annotations

from typing import Any

import pytest

from engine.endpoints._group import send_to_first
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.testing.harness import Harness

NONE_READY = ErrorCode.NO_ENDPOINT_READY


class Child:
    """Fails as told, after it has made a mess of the message."""

    def __init__(self, name: str, error: Fault | None = None) -> None:
        self.name = name
        self.error = error
        self.seen: list[Any] = []

    def fixed_property(self, name: str) -> str | None:
        return None

    def ready(self, message: MessageContext) -> bool:
        return True

    def recipients(self, message: MessageContext) -> list[Child]:
        return []

    async def send(self, message: MessageContext) -> None:
        self.seen = [message.payload.json(), message.headers.get("x-a"), message.axis2.get("messageType")]
        message.become_response(500, "", Headers(), Payload(b'{"no": 1}', "application/json"))
        if self.error is not None:
            raise self.error


def failure(code: int = ErrorCode.CONNECTION_FAILED) -> TransportError:
    return TransportError("no", code=code)


async def test_each_child_gets_the_message_as_it_was() -> None:
    children = [Child("a", failure()), Child("b", failure(ErrorCode.TIMEOUT)), Child("c")]
    message = Harness().message(b'{"yes": 1}', headers={"X-A": "1"})
    message.axis2["messageType"] = "application/json"
    assert await send_to_first(message, iter(children), failure(NONE_READY)) is children[2]
    assert [each.seen for each in children] == [[{"yes": 1}, "1", "application/json"]] * 3


@pytest.mark.parametrize(
    ("children", "code"),
    [([], NONE_READY), ([Child("a", failure()), Child("b", failure(ErrorCode.TIMEOUT))], ErrorCode.TIMEOUT)],
)
async def test_the_error_at_the_end(children: list[Child], code: int) -> None:
    with pytest.raises(TransportError) as raised:
        await send_to_first(Harness().message(), iter(children), failure(NONE_READY))
    assert raised.value.code == code


async def test_what_is_wrong_with_the_message_is_no_reason_to_try_another() -> None:
    second = Child("b")
    with pytest.raises(Fault, match="no address"):
        await send_to_first(Harness().message(), iter([Child("a", Fault("no address")), second]), failure(NONE_READY))
    assert second.seen == []


async def test_not_elsewhere_ends_here_but_not_further_out() -> None:
    final = failure()
    final.elsewhere = False
    with pytest.raises(TransportError) as raised:
        await send_to_first(Harness().message(), iter([Child("a", final), Child("b")]), failure(NONE_READY))
    assert raised.value is final
    assert final.elsewhere
