"""Sending through http, address and default endpoints: URL, method, format, headers, faults, suspension."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.payload import Payload
from engine.testing.harness import Harness, LoadError, StubClient, StubExchange, response


class Stream:
    """A body that is still arriving."""

    length: int | None = None

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [*pieces, b""]

    async def read(self) -> bytes:
        return self.pieces.pop(0)

    def close(self) -> None:
        self.pieces = [b""]


async def sent(endpoint: str, before: str = "", axis2: dict[str, Any] | None = None, **message: Any) -> HttpRequest:
    """The request that ``<call>`` makes."""
    client = StubClient()
    harness = Harness(http=client)
    body = message.pop("body", b'{"a": 1}')
    request = harness.message(body, **message)
    request.axis2 |= axis2 or {}
    await harness.run(f"{before}<call><endpoint>{endpoint}</endpoint></call>", request)
    return client.requests[0]


ADDRESS = '<address uri="http://b/base"/>'
URLS = {
    "fixed": (ADDRESS, "", {}, "http://b/base"),
    "trap 35: address takes the rest of the path": (ADDRESS, "", {"REST_URL_POSTFIX": "/x?y=1"}, "http://b/base/x?y=1"),
    "rest without a slash": (ADDRESS, "", {"REST_URL_POSTFIX": "x"}, "http://b/base/x"),
    "query only": (ADDRESS, "", {"REST_URL_POSTFIX": "?y=1"}, "http://b/base?y=1"),
    "one slash between": ('<address uri="http://b/"/>', "", {"REST_URL_POSTFIX": "/x"}, "http://b/x"),
    "trap 35: http with a method drops the rest": (
        '<http method="post" uri-template="http://b/t"/>',
        "",
        {"REST_URL_POSTFIX": "/x"},
        "http://b/t",
    ),
    "property in an address": (
        '<address uri="http://${host}/x"/>',
        '<property name="host" value="h"/>',
        {},
        "http://h/x",
    ),
    "traps 33, 34: template": (
        '<http uri-template="http://b/{uri.var.a}"/>',
        '<property name="uri.var.a" value="x y/z"/>',
        {},
        "http://b/x%20y%2Fz",
    ),
    "default": ("<default/>", '<header name="To" value="http://b/to"/>', {}, "http://b/to"),
}


@pytest.mark.parametrize(("endpoint", "before", "axis2", "url"), URLS.values(), ids=URLS)
async def test_url(endpoint: str, before: str, axis2: dict[str, Any], url: str) -> None:
    assert (await sent(endpoint, before, axis2)).url == url


@pytest.mark.parametrize(
    ("endpoint", "axis2", "method", "body"),
    [
        (ADDRESS, {}, "POST", b'{"a": 1}'),
        (ADDRESS, {"HTTP_METHOD": "put"}, "PUT", b'{"a": 1}'),
        (ADDRESS, {"HTTP_METHOD": "GET"}, "GET", b""),
        (ADDRESS, {"HTTP_METHOD": "HEAD"}, "HEAD", b""),
        (ADDRESS, {"NO_ENTITY_BODY": "true"}, "POST", b""),
        (ADDRESS, {"FORCE_POST_PUT_NOBODY": True}, "POST", b""),
        ('<address uri="http://b/" format="get"/>', {}, "GET", b""),
        ('<http method="patch" uri-template="http://b/"/>', {"HTTP_METHOD": "GET"}, "PATCH", b'{"a": 1}'),
        ('<http uri-template="http://b/"/>', {"HTTP_METHOD": "DELETE"}, "DELETE", b'{"a": 1}'),
    ],
)
async def test_trap_39_method_and_body(endpoint: str, axis2: dict[str, Any], method: str, body: bytes) -> None:
    request = await sent(endpoint, axis2=axis2)
    assert (request.method, request.body) == (method, body)


async def test_trap_38_headers() -> None:
    headers = {"Authorization": "t", "X-A": "1", "User-Agent": "u", "Connection": "close", "Date": "d", "Host": "h"}
    request = await sent(ADDRESS, headers=headers)
    assert sorted((name.lower(), value) for name, value in request.headers) == [
        (b"authorization", b"t"),
        (b"content-type", b"application/json"),
        (b"x-a", b"1"),
    ]


@pytest.mark.parametrize(
    ("format_", "content_type"),
    [("pox", "application/xml"), ("soap11", "text/xml"), ("soap12", "application/soap+xml")],
)
async def test_format(format_: str, content_type: str) -> None:
    request = await sent(f'<address uri="http://b/" format="{format_}"/>', body=b"<a/>", content_type="application/xml")
    [value] = [value for name, value in request.headers if name.lower() == b"content-type"]
    assert value.decode().partition(";")[0] == content_type
    assert isinstance(request.body, bytes)
    assert (b"Envelope" in request.body) == (format_ != "pox")


async def test_format_holds_for_a_body_that_is_still_arriving() -> None:
    client = StubClient()
    harness = Harness(http=client)
    message = harness.message(b"<a/>", "application/xml")
    message.payload = Payload(Stream(b"<a>", b"</a>"), "application/xml", origin="client")
    await harness.run('<call><endpoint><address uri="http://b/" format="soap11"/></endpoint></call>', message)
    assert isinstance(client.requests[0].body, bytes)
    assert b"Envelope" in client.requests[0].body


async def test_properties_that_shape_the_request() -> None:
    request = await sent(
        ADDRESS,
        axis2={
            "REQUEST_HOST_HEADER": "other",
            "POST_TO_URI": "true",
            "FORCE_HTTP_1.0": "true",
            "DISABLE_CHUNKING": "true",
        },
    )
    assert (b"host", b"other") in request.headers
    assert (request.absolute_target, request.http10, request.chunked) == (True, True, False)


async def test_timeout_in_milliseconds() -> None:
    inside = '<address uri="http://b/"><timeout><duration>2500</duration></timeout></address>'
    assert (await sent(inside)).timeout == 2.5
    assert (await sent(ADDRESS)).timeout is None


async def test_trap_37_answer_replaces_headers_and_axis2_but_not_properties() -> None:
    client = StubClient(lambda request: response(404, b"<x/>", "application/xml", [(b"x-b", b"2")]))
    harness = Harness(http=client)
    message = harness.message(b"{}", headers={"X-A": "1"})
    message.axis2 |= {"NO_ENTITY_BODY": "false", "ContentType": "a/b"}
    message.properties["kept"] = 1
    await harness.run(f"<call><endpoint>{ADDRESS}</endpoint></call>", message)
    assert sorted(message.headers) == [("content-type", "application/xml"), ("x-b", "2")]
    assert message.axis2 == {"HTTP_SC": 404, "HTTP_SC_DESC": "", "messageType": "application/xml"}
    assert message.properties["kept"] == 1


async def test_trap_36_suspended_endpoint_fails_at_once_and_is_known_by_its_name() -> None:
    def refuse(request: HttpRequest) -> HttpResponse:
        raise TransportError("refused", code=ErrorCode.CONNECTION_FAILED)

    client = StubClient(refuse)
    harness = Harness(f'<endpoint name="e">{ADDRESS}</endpoint>', http=client)
    codes = []
    for _ in range(3):
        with pytest.raises(TransportError) as raised:
            await harness.snapshot.endpoint("e").send(harness.message(b"{}"))
        codes.append(raised.value.code)
    assert codes == [101503, 303001, 303001]
    assert len(client.requests) == 1
    assert re.fullmatch(r"endpoint e failed, and rests for another \d+ s", raised.value.message)


async def test_default_without_an_address_is_a_fault() -> None:
    with pytest.raises(Fault, match="the message has no address to be sent to"):
        await sent("<default/>")


async def test_endpoint_by_key() -> None:
    client = StubClient()
    harness = Harness(f'<endpoint name="e">{ADDRESS}</endpoint>', http=client)
    for key in ("e", "{$ctx:which}"):
        message = harness.message(b"{}")
        message.properties["which"] = "e"
        await harness.run(f'<call><endpoint key="{key}"/></call>', message)
    assert [request.url for request in client.requests] == ["http://b/base", "http://b/base"]
    with pytest.raises(Fault, match="gives no name"):
        await harness.run('<call><endpoint key="{$ctx:none}"/></call>', harness.message(b"{}"))


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<endpoint/>", "one-of"),
        (f'<endpoint key="a">{ADDRESS}</endpoint>', "one-of"),
        ('<endpoint><http method="fetch" uri-template="http://b/"/></endpoint>', "bad-choice"),
        ("<endpoint><address/></endpoint>", "missing-attribute"),
        (
            '<endpoint><address uri="http://b/"><suspendOnFailure><errorCodes>x</errorCodes></suspendOnFailure>'
            "</address></endpoint>",
            "bad-value",
        ),
    ],
)
def test_mistakes_are_found_at_load(xml: str, problem: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness().steps(f"<call>{xml}</call>")
    assert [each.code for each in raised.value.problems] == [problem]


async def test_trap_41_force_sc_accepted_answers_before_the_back_end_is_called() -> None:
    accepted: list[bool] = []

    def responder(request: HttpRequest) -> HttpResponse:
        accepted.append(exchange.accepted)
        return response()

    exchange = StubExchange()
    harness = Harness(http=StubClient(responder))
    message = harness.message(b'{"a": 1}', exchange=exchange)
    message.payload = Payload(Stream(b'{"a":', b" 1}"), "application/json", origin="client")
    flow = f'<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/><call><endpoint>{ADDRESS}</endpoint></call>'
    await harness.run(flow, message)
    assert (accepted, exchange.answers) == ([True], [])


@pytest.mark.parametrize(
    "version", ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"]
)
@pytest.mark.parametrize(("force", "code"), [("true", 500000), ("false", None)])
async def test_trap_36_a_soap_fault_is_a_failure_only_when_forced(version: str, force: str, code: int | None) -> None:
    fault = f'<s:Envelope xmlns:s="{version}"><s:Body><s:Fault/></s:Body></s:Envelope>'.encode()
    harness = Harness(http=StubClient(lambda request: response(500, fault, "text/xml")))
    message = harness.message(b"<a/>", "application/xml")
    message.properties["FORCE_ERROR_ON_SOAP_FAULT"] = force
    call = f"<call><endpoint>{ADDRESS}</endpoint></call>"
    if code is None:
        assert await harness.run(call, message)
        assert message.axis2["HTTP_SC"] == 500
    else:
        with pytest.raises(Fault, match="SOAP fault") as raised:
            await harness.run(call, message)
        assert (raised.value.code, raised.value.status) == (code, 502)


async def test_forcing_leaves_other_answers_alone() -> None:
    harness = Harness(http=StubClient(lambda request: response(500, b'{"no": 1}')))
    message = harness.message(b"{}")
    message.properties["FORCE_ERROR_ON_SOAP_FAULT"] = "true"
    assert await harness.run(f"<call><endpoint>{ADDRESS}</endpoint></call>", message)
