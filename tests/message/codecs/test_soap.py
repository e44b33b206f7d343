from __future__ import annotations

import pytest

from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.soap import Version

S11, S12 = soap.NAMESPACES["soap11"], soap.NAMESPACES["soap12"]


def envelope(namespace: str, inside: str) -> xml.Element:
    return xml.decode(f'<s:Envelope xmlns:s="{namespace}">{inside}</s:Envelope>'.encode())


@pytest.mark.parametrize(("version", "namespace"), [("soap11", S11), ("soap12", S12)])
def test_wrap(version: Version, namespace: str) -> None:
    start = f'<soapenv:Envelope xmlns:soapenv="{namespace}">'
    assert xml.text_of(soap.wrap(None, version)) == f"{start}<soapenv:Body/></soapenv:Envelope>"
    wrapped = soap.wrap(xml.decode(b"<a/>"), version)
    assert xml.text_of(wrapped) == f"{start}<soapenv:Body><a/></soapenv:Body></soapenv:Envelope>"
    assert soap.version_of(wrapped) == version


@pytest.mark.parametrize(
    "raw", [b"<Envelope/>", b'<e:Envelope xmlns:e="urn:other"/>', f'<e:Body xmlns:e="{S11}"/>'.encode()]
)
def test_what_is_no_envelope(raw: bytes) -> None:
    assert soap.version_of(xml.decode(raw)) is None


@pytest.mark.parametrize(
    ("inside", "tag"),
    [
        ("<s:Body><a/><b/></s:Body>", "a"),
        ("<s:Header/><s:Body> <!-- c --><a/></s:Body>", "a"),
        ("<s:Body> </s:Body>", None),
    ],
)
def test_content_is_the_first_element_of_the_body(inside: str, tag: str | None) -> None:
    content = soap.content_of(envelope(S12, inside))
    assert (None if content is None else content.tag) == tag


def test_an_envelope_without_body() -> None:
    with pytest.raises(DecodeError, match=r"^a SOAP envelope without Body$"):
        soap.content_of(envelope(S11, "<s:Header/>"))


def test_header_is_made_first_when_there_is_none() -> None:
    root = envelope(S11, "<s:Body/>")
    header = soap.header_of(root)
    assert header is root[0]
    assert header.tag == f"{{{S11}}}Header"
    assert soap.header_of(root) is header


@pytest.mark.parametrize(
    ("inside", "is_fault"),
    [("<s:Body><s:Fault/></s:Body>", True), ("<s:Body><a/></s:Body>", False), ("<s:Body/>", False)],
)
def test_is_fault(inside: str, is_fault: bool) -> None:
    assert soap.is_fault(envelope(S11, inside)) == is_fault


@pytest.mark.parametrize(
    ("namespace", "fault", "exception"),
    [
        (S11, "<faultstring>no</faultstring>", "no"),
        (S11, "<faultstring>no</faultstring><detail> more </detail>", "more"),
        (S11, "<faultstring>no</faultstring><detail>&lt;a/></detail>", "<a/>"),
        (S11, "<faultstring>no</faultstring><detail>&lt;a</detail>", "&lt;a"),
        (S11, "<faultstring>no</faultstring><detail><a/></detail>", "no"),
        (S11, "<faultcode>s:Server</faultcode>", ""),
        (S12, "<s:Reason><s:Text>é</s:Text><s:Text>no</s:Text></s:Reason>", "é"),
        (S12, "<s:Reason><s:Text>no</s:Text></s:Reason><s:Detail>more</s:Detail>", "more"),
        (S12, "<s:Detail><d><Text>inside</Text></d></s:Detail>", ""),
    ],
)
def test_a_fault_as_a_plain_exception(namespace: str, fault: str, exception: str) -> None:
    root = envelope(namespace, f"<s:Body><s:Fault>{fault}</s:Fault></s:Body>")
    assert xml.text_of(soap.exception_of(root)) == f"<Exception>{exception}</Exception>"
