from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.core.stored_message import decode, encode
from engine.core.wire import body_of
from engine.errors import Fault
from engine.message.codecs import json, related
from engine.testing.harness import Harness

HARNESS = Harness()
ENVELOPE = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>'


def test_a_message_comes_back() -> None:
    message = HARNESS.message('{"ü": 9007199254740993}'.encode(), headers={"X-A": "1"})
    message.headers.add("X-A", "2")
    message.properties |= {"text": "ü", "number": 9007199254740993, "none": None, "list": [1, "a"]}
    message.properties["xml"] = etree.fromstring("<a>b</a>")
    message.properties["decimal"] = json.decode(b"1.10")
    message.variables["v"] = {"a": [1]}
    message.axis2["HTTP_METHOD"] = "PUT"
    message.to = "http://back.end/"
    back = decode(encode(message), HARNESS.snapshot)
    assert back.payload.body() == message.payload.body()
    assert back.payload.json() == {"ü": 9007199254740993}
    assert list(back.headers) == [*message.headers, ("activityid", message.correlation_id)]
    xml = back.properties.pop("xml")
    assert etree.tostring(xml) == b"<a>b</a>"
    del message.properties["xml"]
    assert back.properties == message.properties
    assert json.text_of(back.properties["decimal"]) == "1.10"
    assert (back.variables, back.axis2, back.to) == (message.variables, message.axis2, message.to)
    assert back.correlation_id == message.correlation_id


def test_what_json_cannot_hold_becomes_text() -> None:
    message = HARNESS.message(b"{}")
    message.properties["odd"] = frozenset({1})
    assert decode(encode(message), HARNESS.snapshot).properties["odd"] == "frozenset({1})"


@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/xml", "text/plain", "application/pdf"]))
def test_bodies_keep_their_bytes(body: bytes, content_type: str) -> None:
    message = HARNESS.message(body, content_type)
    back = decode(encode(message), HARNESS.snapshot)
    assert back.payload.body() == body
    assert back.payload.kind == message.payload.kind


@pytest.mark.parametrize(
    ("body", "content_type", "message_type"),
    [
        (b"<a>\xe9</a>", "application/xml; charset=ISO-8859-1", "application/xml"),
        (b"\xe9", "text/plain; charset=ISO-8859-1", "text/plain"),
        (b'{"a": 1}', "application/json", "application/xml"),
        (*(related.encode(ENVELOPE, "mtom") or ()), "text/xml"),
    ],
)
def test_a_body_is_read_as_before_whatever_it_shall_leave_as(body: bytes, content_type: str, message_type: str) -> None:
    message = HARNESS.message(body, content_type)
    message.axis2["messageType"] = message_type
    back = decode(encode(message), HARNESS.snapshot)
    assert back.payload.text() == HARNESS.message(body, content_type).payload.text()
    assert body_of(back, is_answer=True) == body_of(message, is_answer=True)
    assert body_of(back) == body_of(message)


@pytest.mark.parametrize("content", [b"", b"x", b"[]", b"{}", b'{"body": 1}'])
def test_other_bytes_are_a_fault(content: bytes) -> None:
    with pytest.raises(Fault, match="a stored message cannot be read"):
        decode(content, HARNESS.snapshot)
