"""Which parts of a conversation run, in which order, and the one answer at its end."""

from __future__ import annotations

import json

import pytest

from engine.errors import ErrorCode, TransportError
from engine.testing.harness import Harness, StubClient, StubExchange, response

MADE = '<payloadFactory media-type="json"><format>{{"by": "{}"}}</format><args/></payloadFactory>'
ENDPOINT = '<endpoint><http method="post" uri-template="http://b/"/></endpoint>'
SEND = f"<send>{ENDPOINT}</send>"
CALL = f"<call>{ENDPOINT}</call>"


def made(by: str) -> str:
    return MADE.format(by)


CASES = {
    # name: (inside <target>, other artifacts, who made the answer or None for the empty 202, calls of the back end)
    "trap 44: no in sequence, the endpoint is called": (ENDPOINT, "", "backend", 1),
    "trap 44: in sequence ran to its end": (f"<inSequence><log/></inSequence>{ENDPOINT}", "", "backend", 1),
    "in sequence ended early": (f"<inSequence><drop/></inSequence>{ENDPOINT}", "", None, 0),
    "answered in the in sequence": (f"<inSequence>{made('in')}<respond/></inSequence>{ENDPOINT}", "", "in", 0),
    "answered by a sequence that goes on": (
        f'<inSequence><sequence key="s"/></inSequence>{ENDPOINT}',
        f'<sequence name="s">{made("s")}<respond/></sequence>',
        "s",
        0,
    ),
    "out sequence": (f"<outSequence>{made('out')}<send/></outSequence>{ENDPOINT}", "", "out", 1),
    "out sequence that does not answer": (f"<outSequence><log/></outSequence>{ENDPOINT}", "", None, 1),
    "trap 30: nothing after send": (f"<inSequence>{SEND}{made('in')}<respond/></inSequence>", "", "backend", 1),
    "send, then the out sequence": (
        f"<inSequence>{SEND}</inSequence><outSequence>{made('out')}<respond/></outSequence>",
        "",
        "out",
        1,
    ),
    "send with a receiving sequence": (
        f"<inSequence>{SEND.replace('<send>', '<send receive=' + chr(34) + 'r' + chr(34) + '>')}</inSequence>"
        f"<outSequence>{made('out')}<respond/></outSequence>",
        f'<sequence name="r">{made("r")}<respond/></sequence>',
        "r",
        1,
    ),
    "receiving sequence sends again": (
        f'<inSequence><send receive="r">{ENDPOINT}</send></inSequence><outSequence>{made("out")}<send/></outSequence>',
        f'<sequence name="r">{SEND}</sequence>',
        "out",
        2,
    ),
    "call goes on": (f"<inSequence>{CALL}{made('in')}<respond/></inSequence>", "", "in", 1),
    "loopback": (
        f"<inSequence>{made('in')}<loopback/></inSequence><outSequence><send/></outSequence>",
        "",
        "in",
        0,
    ),
    "keyed parts": (
        None,
        f'<sequence name="i"><log/></sequence><sequence name="o">{made("o")}<send/></sequence>',
        "o",
        1,
    ),
}


@pytest.mark.parametrize(("inside", "others", "by", "calls"), CASES.values(), ids=CASES)
async def test_conversation(inside: str | None, others: str, by: str | None, calls: int) -> None:
    target = (
        f"<target>{inside}</target>"
        if inside is not None
        else f'<target inSequence="i" outSequence="o">{ENDPOINT}</target>'
    )
    client = StubClient(lambda request: response(200, b'{"by": "backend"}'))
    harness = Harness(f'<proxy name="p">{target}</proxy>{others}', http=client)
    answer = await harness.serve("/services/p", harness.message(b'{"a": 1}'))
    assert (json.loads(answer.body)["by"] if answer else None) == by
    assert len(client.requests) == calls


FAULTS = {
    "no handler": ("", "", 502, None),
    "fault sequence": (f"<faultSequence>{made('fault')}<respond/></faultSequence>", "", 200, "fault"),
    "sequence named fault": ("", f'<sequence name="fault">{made("common")}<respond/></sequence>', 200, "common"),
    "own before common": (
        f"<faultSequence>{made('own')}<respond/></faultSequence>",
        f'<sequence name="fault">{made("common")}<respond/></sequence>',
        200,
        "own",
    ),
    "the sequence fault that is not there": ('<faultSequence><sequence key="fault"/></faultSequence>', "", 502, None),
    "trap 42: handler fails": (
        '<faultSequence><throwError type="A" errorMessage="b"/></faultSequence>',
        f'<sequence name="fault">{made("common")}<respond/></sequence>',
        500,
        None,
    ),
}


@pytest.mark.parametrize(("handler", "others", "status", "by"), FAULTS.values(), ids=FAULTS)
async def test_fault_of_the_target_endpoint(handler: str, others: str, status: int, by: str | None) -> None:
    def fail(request: object) -> object:
        raise TransportError("nobody there", code=ErrorCode.CONNECTION_FAILED)

    harness = Harness(
        f'<proxy name="p"><target>{ENDPOINT}{handler}</target></proxy>{others}',
        http=StubClient(fail),  # type: ignore[arg-type]
    )
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert (answer.status, json.loads(answer.body).get("by")) == (status, by)


@pytest.mark.parametrize(
    "artifacts",
    [
        f'<proxy name="p"><target faultSequence="fault">{ENDPOINT}</target></proxy>',
        f"""<proxy name="p"><target inSequence="s"/></proxy>
        <sequence name="s" onError="fault"><send>{ENDPOINT}</send></sequence>""",
    ],
)
async def test_the_sequence_fault_is_always_there(artifacts: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: object) -> object:
        raise TransportError("nobody there", code=ErrorCode.CONNECTION_FAILED)

    harness = Harness(artifacts, http=StubClient(fail))  # type: ignore[arg-type]
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert answer.status == 502
    assert json.loads(answer.body)["error"]["message"] == "nobody there"
    [logged] = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert "nobody there" in logged


async def test_trap_44_second_answer_is_left_to_the_exchange() -> None:
    """Both are offered; the HTTP exchange sends the first only."""
    harness = Harness(f'<proxy name="p"><target><outSequence><send/></outSequence>{ENDPOINT}</target></proxy>')
    exchange = StubExchange()
    await harness.serve("/services/p", harness.message(b"{}", exchange=exchange))
    assert len(exchange.answers) == 1


@pytest.mark.parametrize(
    ("status", "answered"), [("", 202), ('<property name="HTTP_SC" value="207" scope="axis2"/>', 207)]
)
async def test_nio_ack_requested_answers_with_the_status_alone(status: str, answered: int) -> None:
    flow = f'<property name="NIO-ACK-Requested" value="true" scope="axis2"/>{status}'
    harness = Harness(f'<proxy name="p"><target><inSequence>{flow}</inSequence></target></proxy>')
    answer = await harness.request("POST", "/services/p", b'{"a": 1}', headers={"X-A": "b"})
    assert (answer.status, answer.body, answer.headers.get("x-a")) == (answered, b"", None)
