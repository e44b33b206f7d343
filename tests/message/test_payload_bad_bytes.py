"""Payloads whose bytes are not what their content type says."""

from __future__ import annotations

import logging

import pytest

from engine.errors import ErrorCode, Fault
from engine.message.codecs import soap, xml
from engine.message.payload import Origin, Payload

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.mark.parametrize(("origin", "status"), [("client", 400), ("backend", 502), ("flow", 500)])
def test_bad_bytes_are_answered_by_who_made_them(origin: Origin, status: int) -> None:
    with pytest.raises(Fault) as caught:
        Payload(b"{", "application/json", origin).json()
    assert (caught.value.status, caught.value.code) == (status, ErrorCode.BAD_PAYLOAD)


@pytest.mark.parametrize(
    ("raw", "content_type", "message"),
    [
        (
            b"{",
            "application/json",
            "the request is not JSON: Expecting property name enclosed in double quotes at line 1 column 2",
        ),
        (b"[1,2\n,,3]", "application/json", "the request is not JSON: Expecting value at line 2 column 2"),
        (b" ", "application/json", "the request is not JSON: Expecting value at line 1 column 2"),
        (b"{}", "application/json; charset=x-none", "the request is in the unknown charset 'x-none'"),
        (b'"\\u0001"', "application/json", None),
        (
            b"<!DOCTYPE a><a/>",
            "application/xml",
            "the request is XML with a DOCTYPE, which is not allowed in a message",
        ),
        (b"<a>\xe9</a>", "text/xml; charset=us-ascii", None),
        (
            f'<s:Envelope xmlns:s="{ENVELOPE}"/>'.encode(),
            "text/xml",
            "the request is a SOAP envelope without Body",
        ),
        (
            b'{"a":1}',
            "application/json/badgerfish",
            "the request is not BadgerFish: 'a' is no object",
        ),
        (b"a=%FF", "application/x-www-form-urlencoded", "the request is a form that is not utf-8: byte 0xff"),
        (b"a=%00", "application/x-www-form-urlencoded", "the request is a form with control characters in 'a'"),
        (b"\xff", "text/plain", "the request is not utf-8: byte 0xff at offset 0"),
        (b"\xff", "text/plain; charset=undefined", "the request is in the unknown charset 'undefined'"),
    ],
)
def test_bad_bytes_are_named(raw: bytes, content_type: str, message: str | None) -> None:
    with pytest.raises(Fault) as caught:
        Payload(raw, content_type, "client").content()
    assert caught.value.status == 400
    assert message is None or caught.value.message == message


# ---------------------------------------------------------------- trailing commas


@pytest.mark.parametrize(
    ("origin", "sender"), [("client", "request"), ("backend", "back end's answer"), ("flow", "payload")]
)
def test_a_trailing_comma_is_left_out_with_one_warning(
    origin: Origin, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    payload = Payload(b'{"a": "x,}",\r\n}', "application/json", origin)
    assert payload.json() == {"a": "x,}"}
    assert payload.json_text() == '{"a": "x,}" \r\n}'
    assert xml.text_of(payload.envelope()[0][0]) == "<jsonObject><a>x,}</a></jsonObject>"
    assert payload.body() == b'{"a": "x,}" \r\n}'
    assert payload.copy().json() == {"a": "x,}"}
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, f"the {sender} has a trailing comma in its JSON; it was left out")
    ]


def test_a_trailing_comma_in_another_charset() -> None:
    payload = Payload('{"a": "é",}'.encode("latin-1"), "application/json; charset=latin-1")
    assert payload.json_text() == '{"a": "é" }'
    assert payload.body() == '{"a": "é" }'.encode("latin-1")


@pytest.mark.parametrize(
    ("raw", "place"),
    [(b'{"a": 1,,"b": 2,}', "line 1 column 9"), (b'{"a": 1,}\n{', "line 2 column 1"), (b"[,]", "line 1 column 2")],
)
def test_other_mistakes_beside_a_trailing_comma_are_named_where_they_stand(
    raw: bytes, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Fault) as caught:
        Payload(raw, "application/json", "client").json()
    assert caught.value.message.endswith(place)
    assert not caplog.records


def test_an_unread_trailing_comma_passes() -> None:
    raw = b'{"a": 1,}'
    assert Payload(raw, "application/json").body() is raw


def test_a_body_that_a_flow_took_out_of_the_envelope() -> None:
    raw = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body/></s:Envelope>'.encode()
    payload = Payload(raw, "text/xml", "client")
    envelope = payload.editable_envelope()
    envelope.remove(envelope[0])
    assert not soap.is_fault(envelope)
    with pytest.raises(Fault, match="SOAP envelope without Body"):
        payload.render("soap12")
