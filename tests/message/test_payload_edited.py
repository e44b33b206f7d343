"""Payloads whose envelope is changed in place."""

from __future__ import annotations

from lxml import etree

from engine.message.payload import Payload

SOAP = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h/></s:Header>'
    b"<s:Body><a>1</a></s:Body></s:Envelope>"
)


def test_copies_share_their_views_until_one_changes_its_own() -> None:
    payload = Payload()
    payload.set_content(etree.fromstring("<a><b>1</b></a>"))
    twin = payload.copy()
    assert twin.envelope() is payload.envelope()
    twin.editable_envelope().findall(".//b")[0].text = "2"
    assert payload.body() == b"<a><b>1</b></a>"
    assert twin.body() == b"<a><b>2</b></a>"
    payload.editable_envelope().findall(".//b")[0].text = "3"
    assert twin.body() == b"<a><b>2</b></a>"
    before = twin.envelope()
    assert twin.editable_envelope() is before  # its own by now


def test_the_edited_envelope_is_the_payload() -> None:
    payload = Payload(b'{"a": 1}', "application/json", origin="client")
    payload.json()
    payload.editable_envelope().findall(".//a")[0].text = "2"
    assert payload.kind == "xml"
    assert payload.json() == {"a": 2}
    assert payload.render("json") == b'{"a":2}'


def test_an_edited_soap_envelope_keeps_its_version() -> None:
    payload = Payload(SOAP, "text/xml", origin="client")
    payload.editable_envelope().findall(".//a")[0].text = "2"
    assert payload.kind == "soap11"
    assert b"<a>2</a>" in payload.render("soap11")
