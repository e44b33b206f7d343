from __future__ import annotations

import asyncio
from typing import Any

import aio_pika
import pytest

from engine.artifacts._inbound import Inbound
from engine.artifacts._inbound_rabbitmq import Listener, deaths_of
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable
from engine.testing.harness import Harness

NOTHING = Part("nothing")


def listener(**parameters: str) -> Listener:
    given = {f"rabbitmq.{name.replace('_', '.')}": value for name, value in parameters.items()}
    return Listener(Inbound("i", given, Flow("i", NOTHING, NOTHING, NOTHING)))


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({}, "missing-element", "'rabbitmq.queue.name' is missing"),
        ({"queue_name": "q", "server_port": "x"}, "bad-value", "'rabbitmq.server.port' is 'x'"),
        ({"queue_name": "q", "message_max_dead_lettered_count": "x"}, "bad-value", "is 'x', which is no whole number"),
    ],
)
def test_mistakes(parameters: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        listener(**parameters)
    assert raised.value.code == code
    assert message in raised.value.message


@pytest.mark.parametrize("count", ["", "-1", "3"])
def test_a_limit_for_dead_letters_may_be_left_out(count: str) -> None:
    assert list(listener(queue_name="q", message_max_dead_lettered_count=count).remarks()) == []


@pytest.mark.parametrize(
    ("headers", "deaths"),
    [
        ({}, 0),
        ({"x-death": [{"count": 2, "queue": "q"}, {"count": 9}]}, 2),
        ({"x-death": []}, 0),
        ({"x-death": "forged"}, 0),
        ({"x-death": [{"count": "many"}]}, 0),
    ],
)
def test_how_often_a_letter_was_dead(headers: dict[str, Any], deaths: int) -> None:
    assert deaths_of(headers) == deaths


async def test_a_library_that_swallows_the_cancellation_does_not_keep_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = asyncio.Event()

    async def swallow(**settings: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("no connection") from None

    monkeypatch.setattr(aio_pika, "connect", swallow)
    harness = Harness()
    running = asyncio.create_task(listener(queue_name="q").run(lambda: harness.snapshot))
    await begun.wait()
    running.cancel()
    assert (await asyncio.wait({running}, timeout=10))[0] == {running}
