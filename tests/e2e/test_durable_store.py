"""What a durable store has taken is delivered, whatever happens to the process."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FORWARDING = "org.apache.synapse.message.processor.impl.forwarder.ScheduledMessageForwardingProcessor"


def flows(url: str) -> dict[str, str]:
    no_rest = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    parameters = {"client.retry.interval": 20, "max.delivery.attempts": -1, "interval": 10}
    inside = "".join(f'<parameter name="{name}">{value}</parameter>' for name, value in parameters.items())
    return {
        "store.xml": f"""<definitions xmlns="http://ws.apache.org/ns/synapse">
            <messageStore name="orders" class="org.apache.synapse.message.store.impl.jdbc.JDBCMessageStore"/>
            <endpoint name="shop"><address uri="{url}">{no_rest}</address></endpoint>
            <messageProcessor name="sender" messageStore="orders" targetEndpoint="shop" class="{FORWARDING}">{inside}
            </messageProcessor>
            <proxy name="take"><target><inSequence><store messageStore="orders"/></inSequence></target></proxy>
        </definitions>"""
    }


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_lost(start: Callable[..., Any], back_end: Any, until: Any, tmp_path: Path, number: int) -> None:
    up: list[bool] = []
    taken: list[int] = []

    def answer(message: Any, connection: Any) -> None:
        if not up:
            connection.answer(503)
            return
        taken.append(json.loads(message.body)["order"])
        connection.answer(200)

    back_end.on("/shop", answer)
    config = f"message_stores: {tmp_path / 'stores'}\n"
    first = start(flows(f"{back_end.url}/shop"), config)
    for order in range(5):
        assert first.post("/services/take", {"order": order}).status_code == 202
    first.process.send_signal(number)
    first.process.wait(30)
    up.append(True)
    start(flows(f"{back_end.url}/shop"), config)
    until(lambda: len(taken) >= 5)
    assert taken == [0, 1, 2, 3, 4]
