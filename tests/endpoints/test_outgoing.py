from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.core.http import HttpResponse
from engine.endpoints.outgoing import receive, request_of
from engine.errors import ErrorCode, TransportError
from engine.message.context import MessageContext
from engine.testing.harness import Harness, response

JSON = b'{"a": 1}'


def message(**axis2: Any) -> MessageContext:
    made = Harness().message(JSON, headers={"X-A": "1", "Connection": "close"})
    made.axis2 |= axis2
    return made


def test_request() -> None:
    request = request_of(message(), "POST", "http://b/", None, 2.5)
    assert (request.method, request.url, request.body, request.timeout) == ("POST", "http://b/", JSON, 2.5)
    assert request.headers == [(b"content-type", b"application/json"), (b"x-a", b"1")]
    assert (request.absolute_target, request.http10, request.chunked) == (False, False, True)


@pytest.mark.parametrize(
    ("method", "axis2", "body"),
    [
        ("GET", {}, b""),
        ("HEAD", {}, b""),
        ("DELETE", {}, JSON),
        ("POST", {"NO_ENTITY_BODY": True}, b""),
        ("PUT", {"FORCE_POST_PUT_NOBODY": "true"}, b""),
        ("POST", {"NO_ENTITY_BODY": False, "FORCE_POST_PUT_NOBODY": "false"}, JSON),
    ],
)
def test_trap_39_body(method: str, axis2: dict[str, Any], body: bytes) -> None:
    assert request_of(message(**axis2), method, "http://b/", None, None).body == body


def test_imposed_type_changes_body_and_header() -> None:
    request = request_of(message(), "POST", "http://b/", "application/xml", None)
    assert request.body == b"<jsonObject><a>1</a></jsonObject>"
    assert request.headers[-1] == (b"content-type", b"application/xml")


@pytest.mark.parametrize(
    ("axis2", "absolute_target", "http10", "chunked"),
    [
        ({"POST_TO_URI": "true"}, True, False, True),
        ({"FORCE_HTTP_1.0": True}, False, True, True),
        ({"DISABLE_CHUNKING": "TRUE"}, False, False, False),
        ({"FORCE_HTTP_CONTENT_LENGTH": "true"}, False, False, False),
        ({"POST_TO_URI": "no", "FORCE_HTTP_1.0": "", "DISABLE_CHUNKING": False}, False, False, True),
    ],
)
def test_properties(axis2: dict[str, Any], absolute_target: bool, http10: bool, chunked: bool) -> None:
    request = request_of(message(**axis2), "POST", "http://b/", None, None)
    assert (request.absolute_target, request.http10, request.chunked) == (absolute_target, http10, chunked)


@pytest.mark.parametrize(("value", "keeps"), [("true", False), ("false", True), (None, True)])
def test_keep_alive(value: str | None, keeps: bool) -> None:
    assert request_of(message(NO_KEEPALIVE=value), "POST", "http://b/", None, None).keep_alive is keeps


@pytest.mark.parametrize(("value", "hosts"), [("b.example:81", [b"b.example:81"]), ("", []), (None, [])])
def test_host_header(value: str | None, hosts: list[bytes]) -> None:
    request = request_of(message(REQUEST_HOST_HEADER=value), "POST", "http://b/", None, None)
    assert [found for name, found in request.headers if name == b"host"] == hosts


@pytest.mark.parametrize("status", [200, 204, 404, 500])
def test_traps_36_and_37_any_answer_becomes_the_message(status: int) -> None:
    received = message(HTTP_METHOD="GET")
    received.to = "http://b/"
    received.properties["kept"] = 1
    receive(received, response(status, b"<a/>", "application/xml", [(b"x-b", b"2")]), "b")
    assert received.axis2 == {"HTTP_SC": status, "HTTP_SC_DESC": "", "messageType": "application/xml"}
    assert sorted(received.headers) == [("content-type", "application/xml"), ("x-b", "2")]
    assert (received.payload.kind, received.payload.origin, received.payload.raw()) == ("xml", "backend", b"<a/>")
    assert (received.is_response, received.properties) == (True, {"kept": 1})
    assert received.to is None


def test_answer_without_content_type() -> None:
    received = message()
    receive(received, HttpResponse(200, "OK", [], b"?"), "b")
    assert (received.payload.kind, received.payload.raw()) == ("binary", b"?")
    assert received.axis2 == {"HTTP_SC": 200, "HTTP_SC_DESC": "OK"}


class Dripping:
    """A body that ends too early."""

    length = 4
    closed = False

    def __init__(self) -> None:
        self._pieces = [b"ab"]

    async def read(self) -> bytes:
        if self._pieces:
            return self._pieces.pop()
        raise TransportError("closed", code=ErrorCode.CONNECTION_CLOSED)

    def close(self) -> None:
        self.closed = True


def test_an_answer_that_breaks_off_names_its_endpoint() -> None:
    received, body = message(), Dripping()
    receive(received, HttpResponse(200, "OK", [], body), "orders")
    stream = received.payload.stream
    assert stream is not None
    assert stream.length == 4
    assert asyncio.run(stream.read()) == b"ab"
    with pytest.raises(TransportError) as caught:
        asyncio.run(stream.read())
    assert caught.value.endpoint == "orders"
    stream.close()
    assert body.closed


SOAP = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>'


@pytest.mark.parametrize(
    ("name", "value", "type_"),
    [
        ("enableMTOM", "true", 'type="application/xop+xml"'),
        ("enableSwA", True, 'type="text/xml"'),
        ("enableMTOM", "false", None),
    ],
)
def test_properties_make_soap_multipart(name: str, value: object, type_: str | None) -> None:
    message = Harness().message(SOAP, "text/xml")
    message.axis2[name] = value
    request = request_of(message, "POST", "http://b/", None, None)
    content_type = dict(request.headers)[b"content-type"].decode()
    assert content_type.startswith("multipart/related") == (type_ is not None)
    assert type_ is None or type_ in content_type
    assert bytes(request.body).startswith(b"--") == (type_ is not None)  # type: ignore[arg-type]  # bytes came in
