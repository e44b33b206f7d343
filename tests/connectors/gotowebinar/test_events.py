"""<gotowebinar.receiveEvent>: a flow that webhooks of GoTo call."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import StubExchange

from .conftest import Engine

SECRET = "f1679e36-17fe-48fa-93da-44195fd9e293"
EVENT = b'{"eventName": "registrant.added", "eventVersion": "1.0.0", "registrantKey": 9007199254740993}'
STEP = f"<gotowebinar.receiveEvent><secretKey>{SECRET}</secretKey></gotowebinar.receiveEvent>"
DIGEST = hmac.new(SECRET.encode(), EVENT, hashlib.sha256).digest()


def event(engine: Engine, signature: str, body: bytes = EVENT, method: str = "POST") -> MessageContext:
    headers = {"X-Webhook-Signature": signature}
    return engine.harness.message(body, headers=headers, exchange=StubExchange(method=method))


@pytest.mark.parametrize("signature", [DIGEST.hex(), f"sha256={DIGEST.hex()}", base64.b64encode(DIGEST).decode()])
async def test_signed_events_run_the_flow(engine: Engine, signature: str) -> None:
    message = event(engine, signature)
    assert await engine.harness.run(STEP, message) is True
    assert message.properties["gotowebinar.event"] == "registrant.added"
    assert message.properties["gotowebinar.eventVersion"] == "1.0.0"
    assert message.payload.body() == EVENT


@pytest.mark.parametrize("signature", ["", "x", "00" * 32, DIGEST.hex()[:-2], base64.b64encode(b"0" * 32).decode()])
async def test_others_are_refused(engine: Engine, signature: str) -> None:
    with pytest.raises(Fault, match="not signed") as caught:
        await engine.harness.run(STEP, event(engine, signature))
    assert caught.value.status == 403
    assert SECRET not in caught.value.message


async def test_the_look_whether_the_callback_is_there(engine: Engine) -> None:
    message = event(engine, "", b"", "GET")
    assert await engine.harness.run(STEP, message) is False
    assert isinstance(message.exchange, StubExchange)
    [answer] = message.exchange.answers
    assert (answer.status, answer.body) == (200, b"")


async def test_unknown_events_are_refused(engine: Engine) -> None:
    body = b'{"eventName": "webinar.exploded"}'
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    with pytest.raises(Fault, match=r"'webinar\.exploded' is none of the events") as caught:
        await engine.harness.run(STEP, event(engine, signature, body))
    assert caught.value.status == 400
