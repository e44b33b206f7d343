from __future__ import annotations

import logging

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

PACKAGE = "org.apache.synapse.mediators.builtin"


def log_class(**properties: str) -> str:
    inside = "".join(f'<property name="{name}" value="{value}"/>' for name, value in properties.items())
    return f'<class name="{PACKAGE}.LogMediator">{inside}</class>'


@pytest.mark.parametrize(
    ("properties", "level", "expected"),
    [
        ({}, "INFO", "To: , MessageID: id, Direction: request"),
        (
            {"logLevel": "3", "category": "3", "separator": " | "},
            "WARNING",
            "To:  | MessageID: id | Direction: request | Payload: {}",
        ),
        ({"logLevel": "0", "category": "9", "messageTemplate": "n is ${payload.n}"}, "INFO", "n is "),
        ({"logLevel": "4", "category": "4", "messageTemplate": "text"}, "ERROR", "text"),
        ({"logLevel": "2"}, "INFO", "content-type : application/json, activityid : id"),
    ],
)
async def test_the_log(properties: dict[str, str], level: str, expected: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "myelin.log")
    harness = Harness()
    message = harness.message(b"{}", headers={"activityid": "id"})
    assert await harness.run(log_class(**properties), message) is True
    [record] = [each for each in caplog.records if each.name == "myelin.log"]
    assert (record.levelname, record.getMessage()) == (level, f"id: {expected}")


async def test_a_level_that_there_is_not() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="LogMediator has no level 7"):
        await harness.run(log_class(logLevel="7"), harness.message(b"{}"))


@pytest.mark.parametrize(
    ("steps", "status", "body"),
    [
        ("RespondMediator", 200, b'{"a":1}'),
        ("SendMediator", 200, b'{"a":1}'),  # to nobody: the client
        ("LoopBackMediator", 200, b'{"out":1}'),
        ("DropMediator", 202, b""),
    ],
)
async def test_the_ends_of_a_flow(steps: str, status: int, body: bytes) -> None:
    to = '<header name="To" action="remove"/>' if steps == "SendMediator" else ""
    harness = Harness(
        f"""<proxy name="p"><target><inSequence>{to}<class name="{PACKAGE}.{steps}"/>
        <payloadFactory media-type="json"><format>{{"never":1}}</format><args/></payloadFactory><respond/></inSequence>
        <outSequence><payloadFactory media-type="json"><format>{{"out":1}}</format><args/></payloadFactory><respond/>
        </outSequence></target></proxy>"""
    )
    answer = await harness.request("POST", "/services/p", b'{"a":1}')
    assert (answer.status, answer.body) == (status, body)
