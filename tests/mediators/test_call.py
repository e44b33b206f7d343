from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.core.http import BLOCKING as BLOCKING_NOTE
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault, TransportError
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, response

ENDPOINT = '<endpoint><address uri="http://a.example/x"/></endpoint>'
CALL = f"<call>{ENDPOINT}</call>"
BLOCKING = f'<call blocking="true">{ENDPOINT}</call>'


def _refused(request: HttpRequest) -> HttpResponse:
    raise TransportError("refused", code=101503)


def _message(harness: Harness, **properties: Any) -> MessageContext:
    message = harness.message(b'{"a": 1}', headers={"X-Request": "1"})
    message.to = "/services/p"
    message.properties.update(properties)
    message.set_axis2("messageType", "application/json")
    message.axis2["NO_KEEPALIVE"] = "true"
    return message


async def test_the_answer_takes_the_place_of_the_request() -> None:
    http = StubClient(lambda request: response(201, b'{"b": 2}', headers=[(b"x-answer", b"1")]))
    harness = Harness(http=http)
    message = _message(harness, kept="yes")
    assert await harness.run(f'{CALL}<property name="b" expression="json-eval($.b)"/>', message) is True
    [request] = http.requests
    assert (request.method, request.url, request.body) == ("POST", "http://a.example/x", b'{"a": 1}')
    assert message.properties == {"kept": "yes", "b": "2"}


async def test_trap_37_headers_and_axis2_properties_are_those_of_the_answer() -> None:
    http = StubClient(lambda request: response(201, b"<b/>", "text/xml", [(b"x-answer", b"1")]))
    harness = Harness(http=http)
    message = _message(harness)
    await harness.run(CALL, message)
    assert list(message.headers) == [("content-type", "text/xml"), ("x-answer", "1")]
    assert message.axis2 == {"HTTP_SC": 201, "HTTP_SC_DESC": "", "messageType": "text/xml"}
    assert message.to is None


@pytest.mark.parametrize("direction", [False, True])
async def test_the_direction_of_the_flow_stays(direction: bool) -> None:
    harness = Harness()
    message = _message(harness)
    message.is_response = direction
    await harness.run(CALL, message)
    assert message.is_response is direction


@pytest.mark.parametrize(
    ("call", "kind", "status"),
    [
        *((CALL, int, status) for status in (400, 404, 500, 503)),
        *((BLOCKING, str, status) for status in (400, 409, 500)),
    ],
)
async def test_traps_36_and_40_an_error_status_is_an_answer(call: str, kind: type, status: int) -> None:
    harness = Harness(http=StubClient(lambda request: response(status)))
    message = _message(harness)
    assert await harness.run(call, message) is True
    assert message.axis2["HTTP_SC"] == kind(status)


async def test_without_an_endpoint_the_message_goes_to_its_address() -> None:
    http = StubClient()
    harness = Harness(http=http)
    message = _message(harness)
    await harness.run('<header name="To" value="http://b.example/y"/><call/>', message)
    assert [request.url for request in http.requests] == ["http://b.example/y"]


async def test_without_an_address_it_is_a_fault() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="the message has no address to be sent to"):
        await harness.run("<call/>", _message(harness))


async def test_an_endpoint_by_name() -> None:
    http = StubClient()
    harness = Harness('<endpoint name="e"><address uri="http://e.example/z"/></endpoint>', http=http)
    await harness.run('<call><endpoint key="e"/></call>', _message(harness))
    assert [request.url for request in http.requests] == ["http://e.example/z"]


async def test_a_failure_is_a_fault_at_its_place() -> None:
    harness = Harness(http=StubClient(_refused))
    with pytest.raises(Fault) as caught:
        await harness.run(f"\n{CALL}", _message(harness))
    assert (caught.value.code, caught.value.status) == (101503, 502)
    assert caught.value.at() == "test.xml:2:1 <call>, endpoint 'test.xml:2:7'"


async def test_notes_of_an_earlier_call_are_gone() -> None:
    harness = Harness()
    message = _message(harness, **{"blocking.sender.error": "true", "last_endpoint": "e"})
    await harness.run(CALL, message)
    assert message.properties == {}


# ------------------------------------------------------------------ OUT_ONLY


@pytest.mark.parametrize("marked", ["true", True])
async def test_out_only_sends_a_copy_and_goes_on(marked: Any) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: HttpRequest) -> HttpResponse:
        arrived.set()
        await go_on.wait()
        return response(500)

    http = StubClient(answer)
    harness = Harness(http=http)
    message = _message(harness, OUT_ONLY=marked)
    assert await harness.run(f'{CALL}<property name="after" value="x"/>', message) is True
    assert message.properties["after"] == "x"  # though the back end has not answered
    await asyncio.wait_for(arrived.wait(), 5)
    go_on.set()
    await harness.services.drain(5)
    assert [request.body for request in http.requests] == [b'{"a": 1}']
    assert message.payload.body() == b'{"a": 1}'
    assert "HTTP_SC" not in message.axis2


async def test_a_blocking_out_only_call_waits_for_the_status_only() -> None:
    harness = Harness(http=StubClient(lambda request: response(202, b"ignored")))
    message = _message(harness, OUT_ONLY="true")
    assert await harness.run(BLOCKING, message) is True
    assert message.axis2["HTTP_SC"] == "202"
    assert message.payload.body() == b'{"a": 1}'


# ------------------------------------------------------------------ blocking


async def test_trap_40_a_blocking_call_keeps_headers_and_axis2_properties() -> None:
    http = StubClient(lambda request: response(201, b'{"b": 2}', headers=[(b"x-answer", b"1")]))
    harness = Harness(http=http)
    message = _message(harness)
    assert await harness.run(BLOCKING, message) is True
    assert message.payload.json() == {"b": 2}
    assert [name.lower() for name, _ in message.headers] == ["x-request", "content-type"]
    assert message.axis2 == {
        "messageType": "application/json",
        "ContentType": "application/json",
        "NO_KEEPALIVE": "true",
        "HTTP_SC": "201",
    }
    assert message.properties == {"blocking.sender.error": "false"}
    assert (message.to, message.is_response) == ("/services/p", False)


async def test_trap_40_headers_of_the_answer_on_demand() -> None:
    http = StubClient(lambda request: response(headers=[(b"x-answer", b"1")]))
    harness = Harness(http=http)
    message = _message(harness, BLOCKING_SENDER_PRESERVE_REQ_HEADERS="false")
    await harness.run(BLOCKING, message)
    assert list(message.headers) == [("content-type", "application/json"), ("x-answer", "1")]


async def test_trap_40_a_failed_blocking_call() -> None:
    harness = Harness(http=StubClient(_refused))
    message = _message(harness)
    with pytest.raises(Fault, match="refused") as caught:
        await harness.run(BLOCKING, message)
    assert caught.value.code == 401002
    assert message.properties["blocking.sender.error"] == "true"
    assert message.axis2["NO_KEEPALIVE"] == "true"


@pytest.mark.parametrize("out_only", ["true", "false"])
async def test_most_error_statuses_are_failures_of_a_blocking_call(out_only: str) -> None:
    harness = Harness(http=StubClient(lambda request: HttpResponse(404, "Not Found", [], b"{}")))
    message = _message(harness, OUT_ONLY=out_only)
    with pytest.raises(Fault) as caught:
        await harness.run(BLOCKING, message)
    assert (caught.value.code, caught.value.message) == (404, "Transport error: 404 Error: Not Found")
    assert message.properties["blocking.sender.error"] == "true"
    assert message.properties["HTTP_SC"] == message.axis2["HTTP_SC"] == 404
    assert message.payload.body() == b'{"a": 1}'
    assert BLOCKING_NOTE not in message.axis2


@pytest.mark.parametrize("listed", ["403", "404, 403", "403,"])
async def test_statuses_that_a_flow_lists_are_answers_of_a_blocking_call(listed: str) -> None:
    harness = Harness(http=StubClient(lambda request: response(403, b'{"b": 2}')))
    message = _message(harness)
    message.axis2["non.error.http.status.codes"] = listed
    assert await harness.run(BLOCKING, message) is True
    assert (message.payload.json(), message.axis2["HTTP_SC"]) == ({"b": 2}, "403")


async def test_statuses_that_a_flow_lists_are_failures_of_a_blocking_call() -> None:
    harness = Harness(http=StubClient(lambda request: response(500)))
    message = _message(harness)
    message.axis2["error.http.status.codes"] = "500"
    with pytest.raises(Fault) as caught:
        await harness.run(BLOCKING, message)
    assert caught.value.code == 500


async def test_a_failover_endpoint_takes_such_a_failure_of_a_blocking_call_elsewhere() -> None:
    http = StubClient(lambda request: response(200 if request.url.endswith("b") else 503))
    leaves = "".join(f'<endpoint name="{name}"><address uri="http://x.example/{name}"/></endpoint>' for name in "ab")
    call = f'<call blocking="true"><endpoint><failover>{leaves}</failover></endpoint></call>'
    harness = Harness(http=http)
    message = _message(harness)
    assert await harness.run(call, message) is True
    assert (message.axis2["HTTP_SC"], len(http.requests)) == ("200", 2)


# ------------------------------------------------------------------ at load


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ('<call blocking="yes"/>', "2:17: error[bad-value]: 'yes' is neither true nor false."),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


@pytest.mark.parametrize("xml", [CALL, BLOCKING, "<call/>", '<call initAxis2ClientOptions="false"/>'])
def test_it_does_not_read_the_body(xml: str) -> None:
    assert Harness().steps(xml)[0].reads_body is False
