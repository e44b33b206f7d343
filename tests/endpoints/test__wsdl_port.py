from __future__ import annotations

import pytest

from engine.endpoints._wsdl_port import Port, WsdlError, port_of

WSDL = b"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" xmlns:t="urn:t"
  targetNamespace="urn:t">
  <w:binding name="GetBinding"><h:binding verb="GET"/></w:binding>
  <w:binding name="PostBinding"><h:binding verb="POST"/></w:binding>
  <w:service name="Quotes">
    <w:port name="S11" binding="t:B"><s:address location="http://b/11"/></w:port>
    <w:port name="S12" binding="t:B"><s12:address location="http://b/12"/></w:port>
    <w:port name="Get" binding="t:GetBinding"><h:address location="http://b/get"/></w:port>
    <w:port name="Post" binding="t:PostBinding"><h:address location="http://b/post"/></w:port>
    <w:port name="None" binding="t:B"><w:documentation/></w:port>
  </w:service>
</w:definitions>"""


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ("S11", Port("http://b/11", "soap11")),
        ("S12", Port("http://b/12", "soap12")),
        ("Get", Port("http://b/get", "get")),
        ("Post", Port("http://b/post", "rest")),
        ("t:S11", Port("http://b/11", "soap11")),
    ],
)
def test_port(port: str, expected: Port) -> None:
    assert port_of(WSDL, "Quotes", port) == expected


@pytest.mark.parametrize(
    ("document", "service", "port", "text"),
    [
        (WSDL, "Quote", "S11", "no service 'Quote'. Did you mean 'Quotes'?"),
        (WSDL, "Quotes", "X", "no port 'X'. There is S11, S12, Get, Post, None."),
        (WSDL, "Quotes", "None", "has no address"),
        (b"<a/>", "Quotes", "S11", "it is not a WSDL document"),
        (b"<a", "Quotes", "S11", "it is not XML"),
        (b'<description xmlns="http://www.w3.org/ns/wsdl"/>', "Quotes", "S11", "WSDL 2.0 is not supported"),
        (b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>', "Quotes", "S11", "not a WSDL document"),
    ],
)
def test_what_it_does_not_say(document: bytes, service: str, port: str, text: str) -> None:
    with pytest.raises(WsdlError) as raised:
        port_of(document, service, port)
    assert text in str(raised.value)
