from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault, TransportError
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.harness import Harness, StubClient, StubExchange, response

ENDPOINT = '<endpoint><address uri="http://a.example/x"/></endpoint>'
SEND = f"<send>{ENDPOINT}</send>"
AFTER = '<property name="after" value="x"/>'


def _message(harness: Harness, **properties: Any) -> MessageContext:
    message = harness.message(b'{"a": 1}')
    message.to = "/services/p"
    message.properties.update(properties)
    return message


async def test_trap_30_nothing_after_it_runs_and_the_out_sequence_is_next() -> None:
    http = StubClient(lambda request: response(201, b'{"b": 2}'))
    harness = Harness(http=http)
    message = _message(harness)
    assert await harness.run(SEND + AFTER, message) is False
    assert [request.url for request in http.requests] == ["http://a.example/x"]
    assert (message.continues, message.is_response, message.receive) == (True, True, None)
    assert message.payload.json() == {"b": 2}
    assert message.properties == {}


@pytest.mark.parametrize(
    ("receive", "taken"), [("taker", "taker"), ("{json-eval($.next)}", "from-request"), ("{$ctx:missing}", None)]
)
async def test_receive_is_chosen_by_the_request(receive: str, taken: str | None) -> None:
    harness = Harness(http=StubClient(lambda request: response(body=b'{"next": "from-answer"}')))
    message = harness.message(b'{"next": "from-request"}')
    await harness.run(f'<send receive="{receive}">{ENDPOINT}</send>', message)
    assert message.receive == taken


async def test_the_receiving_sequence_runs_in_place_of_the_out_sequence() -> None:
    harness = Harness(
        f"""<sequence name="taker"><property name="X-By" value="taker" scope="transport"/><send/></sequence>
        <proxy name="p"><target>
          <inSequence><send receive="taker">{ENDPOINT}</send></inSequence>
          <outSequence><property name="X-By" value="out" scope="transport"/><send/></outSequence>
        </target></proxy>"""
    )
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert answer.headers.get("X-By") == "taker"


@pytest.mark.parametrize(("is_response", "marked"), [(True, None), (True, "true"), (False, "true"), (False, "TRUE")])
async def test_trap_44_a_response_goes_to_the_client(is_response: bool, marked: str | None) -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness)
    message.is_response = is_response
    message.set_property("RESPONSE", marked)
    assert await harness.run("<send/>" + AFTER, message) is False
    [answer] = cast(StubExchange, message.exchange).answers
    assert answer.body == b'{"a": 1}'
    assert (http.requests, message.continues, message.to) == ([], False, None)


async def test_a_request_goes_to_its_address() -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness)
    assert await harness.run('<header name="To" value="http://b.example/y"/><send/>', message) is False
    assert [request.url for request in http.requests] == ["http://b.example/y"]
    assert message.continues


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        ('<header name="To" action="remove"/><send/>', '{"a": 1}'),
        (
            '<makefault version="soap11"><code xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" value="e:Client"/>'
            '<reason value="no"/></makefault><send/>',
            '{"Fault":{"faultcode":"soapenv:Client","faultstring":"no"}}',
        ),
    ],
)
async def test_what_has_no_address_goes_to_the_client(steps: str, sent: str) -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness)
    assert await harness.run(steps, message) is False
    [answer] = cast(StubExchange, message.exchange).answers
    assert answer.body.decode() == sent
    assert (http.requests, message.is_response) == ([], True)


async def test_a_response_with_an_endpoint_goes_there() -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness, RESPONSE="true")
    assert await harness.run(SEND, message) is False
    assert len(http.requests) == 1
    assert cast(StubExchange, message.exchange).answers == []


@pytest.mark.parametrize(
    ("xml", "place"),
    [
        (f'<send receive="s">{ENDPOINT}</send>', "test.xml:2:1 <send>, endpoint 'test.xml:2:19'"),
        ("<send/>", "test.xml:2:1 <send>"),
    ],
)
async def test_a_failure_is_a_fault_and_the_flow_does_not_go_on(xml: str, place: str) -> None:
    def refused(request: HttpRequest) -> HttpResponse:
        raise TransportError("refused", code=101503)

    harness = Harness(http=StubClient(refused))
    message = _message(harness)
    with pytest.raises(Fault) as caught:
        await harness.run(f"\n{xml}", message)
    assert caught.value.at() == place
    assert (message.continues, message.receive) == (False, None)


async def test_out_only_waits_for_nothing() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: HttpRequest) -> HttpResponse:
        arrived.set()
        await go_on.wait()
        return response()

    harness = Harness(
        f"""<proxy name="p"><target>
          <inSequence><property name="OUT_ONLY" value="true"/>{SEND}</inSequence>
          <outSequence><send/></outSequence>
        </target></proxy>""",
        http=StubClient(answer),
    )
    message = harness.message(b"{}")
    assert await harness.serve("/services/p", message) is None
    assert cast(StubExchange, message.exchange).accepted
    await asyncio.wait_for(arrived.wait(), 5)
    go_on.set()
    await harness.services.drain(5)


class _Stream:
    length = None

    def __init__(self) -> None:
        self.pieces = [b'{"a": ', b"1}"]

    async def read(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self) -> None:
        self.pieces.clear()


@pytest.mark.parametrize(("attribute", "sent"), [("", _Stream), ('buildmessage="true"', bytes)])
async def test_the_body_passes_unread_unless_asked(attribute: str, sent: type) -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness)
    message.payload = Payload(_Stream(), "application/json")
    await harness.run(f"<send {attribute}>{ENDPOINT}</send>", message)
    assert type(http.requests[0].body) is sent


def test_it_does_not_read_the_body() -> None:
    assert Harness().steps(SEND)[0].reads_body is False
