from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.runtime.config import Limits
from engine.testing.harness import Harness, StubClient


@pytest.mark.parametrize(
    ("to", "postfix", "address"),
    [("http://b/x", None, "http://b/x"), ("https://b", "/y?z=1", "https://b/y?z=1")],
)
def test_address_is_that_of_the_message(endpoint_type: Any, to: str, postfix: str | None, address: str) -> None:
    message = Harness().message()
    message.to = to
    message.axis2["REST_URL_POSTFIX"] = postfix
    assert endpoint_type("<default/>").address_for(message) == address


@pytest.mark.parametrize("to", [None, "", "/services/p", "/services/p?u=http://b/x", "b/x"])
def test_without_a_url_it_is_a_fault(endpoint_type: Any, to: str | None) -> None:
    message = Harness().message()
    message.to = to
    with pytest.raises(Fault) as raised:
        endpoint_type("<default/>").address_for(message)
    assert raised.value.message == "the message has no address to be sent to"
    assert raised.value.detail == "Name an endpoint, or set the header To to a URL before."


@pytest.mark.parametrize(("attribute", "content_type"), [("", None), ('format="soap11"', "text/xml")])
def test_format(endpoint_type: Any, attribute: str, content_type: str | None) -> None:
    message = Harness().message()
    default = endpoint_type(f"<default {attribute}/>")
    assert (default.method_for(message), default.format_for(message)) == ("POST", content_type)


FINAL = "http://www.w3.org/2005/08/addressing"
SUBMISSION = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
SEND = "<send><endpoint><default/></endpoint></send>"


def _soap(namespace: str, to: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:w="{namespace}"><s:Header>'
        f"<w:To>{to}</w:To><w:MessageID>m</w:MessageID><keep/></s:Header><s:Body><a/></s:Body></s:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("namespace", "wanted", "given", "reached"),
    [
        (FINAL, " http://b/x ", "/services/p", "http://b/x"),
        (SUBMISSION, "http://b/x", "/services/p", "http://b/x"),
        (FINAL, "http://b/x", None, "http://b/x"),
        (FINAL, "http://b/x", "http://c/y", "http://c/y"),
    ],
)
async def test_the_addressing_header_is_the_address(
    namespace: str, wanted: str, given: str | None, reached: str
) -> None:
    http = StubClient()
    harness = Harness(http=http, limits=Limits(client_targets=["b"]))
    message = harness.message(_soap(namespace, wanted), "text/xml")
    message.to = given
    await harness.run(SEND, message)
    [request] = http.requests
    assert request.url == reached
    assert isinstance(request.body, bytes)
    assert b"<keep" in request.body
    assert (b"MessageID" in request.body) == (reached != "http://b/x"), "headers that have served go"


async def test_addressing_headers_stay_when_the_flow_wants_it() -> None:
    http = StubClient()
    harness = Harness(http=http, limits=Limits(client_targets=["b"]))
    message = harness.message(_soap(FINAL, "http://b/x"), "text/xml")
    message.properties["PRESERVE_WS_ADDRESSING"] = "true"
    await harness.run(SEND, message)
    [request] = http.requests
    assert (request.url, request.body) == ("http://b/x", _soap(FINAL, "http://b/x"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (_soap(FINAL, FINAL + "/anonymous"), "text/xml"),
        (_soap(FINAL, "/x"), "text/xml"),
        (_soap("urn:other", "http://b/x"), "text/xml"),
        (b"<a/>", "text/xml"),
        (b'{"To": "http://b/x"}', "application/json"),
        (b"", ""),
    ],
)
async def test_other_messages_have_no_address(body: bytes, content_type: str) -> None:
    harness = Harness()
    with pytest.raises(Fault, match="no address"):
        await harness.run(SEND, harness.message(body, content_type))


async def test_clients_do_not_choose_any_host() -> None:
    http = StubClient()
    harness = Harness(http=http)
    with pytest.raises(Fault, match="clients may not have the engine send to 'b'"):
        await harness.run(SEND, harness.message(_soap(FINAL, "http://b/x"), "text/xml"))
    assert http.requests == []
