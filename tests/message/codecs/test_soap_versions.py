from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.message.codecs import soap, xml
from engine.message.codecs.soap import Version
from engine.message.codecs.soap_versions import convert

S11, S12 = soap.NAMESPACES["soap11"], soap.NAMESPACES["soap12"]


def envelope(namespace: str, inside: str, declared: str = "") -> xml.Element:
    return xml.decode(f'<s:Envelope xmlns:s="{namespace}"{declared}>{inside}</s:Envelope>'.encode())


def expected(namespace: str, inside: str) -> str:
    return f'<soapenv:Envelope xmlns:soapenv="{namespace}">{inside}</soapenv:Envelope>'


def test_the_source_stays_as_it_is() -> None:
    source = envelope(S11, "<s:Header><h/></s:Header><s:Body><a>1</a><b/></s:Body>")
    before = xml.text_of(source)
    result = convert(source, "soap12")
    assert xml.text_of(source) == before
    assert xml.text_of(result) == expected(
        S12, "<soapenv:Header><h/></soapenv:Header><soapenv:Body><a>1</a><b/></soapenv:Body>"
    )


def test_namespaces_of_the_envelope_stay_for_names_in_text() -> None:
    source = envelope(S11, '<s:Body><a type="xsd:int"/></s:Body>', ' xmlns:xsd="urn:xsd"')
    assert xml.text_of(convert(source, "soap12")) == (
        f'<soapenv:Envelope xmlns:soapenv="{S12}" xmlns:xsd="urn:xsd"><soapenv:Body><a type="xsd:int"/></soapenv:Body>'
        "</soapenv:Envelope>"
    )


def test_the_same_version_is_the_envelope_itself() -> None:
    source = envelope(S12, "<s:Body/>")
    assert convert(source, "soap12") is source


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        ("soap12", 's:actor="urn:a"', 'soapenv:role="urn:a"'),
        ("soap12", 's:mustUnderstand="1"', 'soapenv:mustUnderstand="true"'),
        ("soap12", 's:mustUnderstand="0"', 'soapenv:mustUnderstand="false"'),
        ("soap12", 's:encodingStyle="urn:e" own="1"', 'own="1"'),
        ("soap11", 's:role="urn:a"', 'soapenv:actor="urn:a"'),
        ("soap11", 's:mustUnderstand="true"', 'soapenv:mustUnderstand="1"'),
        ("soap11", 's:mustUnderstand="false"', 'soapenv:mustUnderstand="0"'),
        ("soap11", 's:relay="true" own="1"', 'own="1"'),
    ],
)
def test_attributes_of_header_blocks(version: Version, before: str, after: str) -> None:
    old = S11 if version == "soap12" else S12
    source = envelope(old, f"<s:Header><h {before}>x</h></s:Header><s:Body/>")
    assert xml.text_of(convert(source, version)) == expected(
        soap.NAMESPACES[version],
        f"<soapenv:Header><h {after}>x</h></soapenv:Header><soapenv:Body/>",
    )


FAULT_11 = "<faultcode>{}</faultcode><faultstring>no way</faultstring>"
FAULT_12 = (
    '<soapenv:Code><soapenv:Value>{}</soapenv:Value></soapenv:Code><soapenv:Reason><soapenv:Text xml:lang="en">no way'
    "</soapenv:Text></soapenv:Reason>"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("s:VersionMismatch", "soapenv:VersionMismatch"),
        ("s:MustUnderstand", "soapenv:MustUnderstand"),
        ("s:Client", "soapenv:Sender"),
        ("s:Client.Login", "soapenv:Sender"),
        ("Client", "soapenv:Sender"),
        ("s:Server", "soapenv:Receiver"),
    ],
)
def test_fault_codes_of_soap_11(old: str, new: str) -> None:
    source = envelope(S11, f"<s:Body><s:Fault>{FAULT_11.format(old)}</s:Fault></s:Body>")
    fault = FAULT_12.format(new)
    assert xml.text_of(convert(source, "soap12")) == expected(
        S12, f"<soapenv:Body><soapenv:Fault>{fault}</soapenv:Fault></soapenv:Body>"
    )


def test_another_code_is_kept_as_subcode() -> None:
    inside = FAULT_11.format("my:Code").replace("<faultcode", '<faultcode xmlns:my="urn:my"')
    source = envelope(S11, f"<s:Body><s:Fault>{inside}</s:Fault></s:Body>")
    [fault] = soap.body_of(convert(source, "soap12"))
    subcode = fault.find("{*}Code/{*}Subcode/{*}Value")
    assert fault.findtext("{*}Code/{*}Value") == "soapenv:Receiver"
    assert subcode is not None
    assert (subcode.text, subcode.nsmap["my"]) == ("my:Code", "urn:my")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("VersionMismatch", "VersionMismatch"),
        ("MustUnderstand", "MustUnderstand"),
        ("Sender", "Client"),
        ("Receiver", "Server"),
        ("DataEncodingUnknown", "Client"),
        ("Nonsense", "Server"),
    ],
)
def test_fault_codes_of_soap_12(old: str, new: str) -> None:
    inside = FAULT_12.format(f"soapenv:{old}").replace("soapenv:", "s:")
    source = envelope(S12, f"<s:Body><s:Fault>{inside}</s:Fault></s:Body>")
    fault = FAULT_11.format(f"soapenv:{new}")
    assert xml.text_of(convert(source, "soap11")) == expected(
        S11, f"<soapenv:Body><soapenv:Fault>{fault}</soapenv:Fault></soapenv:Body>"
    )


def test_a_whole_fault_there_and_back() -> None:
    inside = (
        "<faultcode>soapenv:Client</faultcode><faultstring>no é</faultstring><faultactor>urn:a</faultactor>"
        '<detail><e:x xmlns:e="urn:e">1</e:x><y/></detail>'
    )
    before = expected(S11, f"<soapenv:Body><soapenv:Fault>{inside}</soapenv:Fault></soapenv:Body>")
    there = convert(xml.decode(before.encode()), "soap12")
    assert xml.text_of(there) == expected(
        S12,
        "<soapenv:Body><soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:Sender</soapenv:Value></soapenv:Code>"
        '<soapenv:Reason><soapenv:Text xml:lang="en">no é</soapenv:Text></soapenv:Reason><soapenv:Role>urn:a'
        '</soapenv:Role><soapenv:Detail><e:x xmlns:e="urn:e">1</e:x><y/></soapenv:Detail></soapenv:Fault>'
        "</soapenv:Body>",
    )
    assert xml.text_of(convert(there, "soap11")) == before


NAME = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


@given(NAME, TEXT, st.booleans(), TEXT)
def test_soap_11_to_12_and_back_is_the_same(name: str, text: str, must: bool, actor: str) -> None:
    block = etree.Element(f"{{urn:x}}{name}", nsmap={"x": "urn:x"})
    block.text = text
    block.set(f"{{{S11}}}mustUnderstand", "1" if must else "0")
    block.set(f"{{{S11}}}actor", actor)
    content = etree.Element(name)
    content.text = text
    source = soap.wrap(content)
    soap.header_of(source).append(block)
    before = xml.text_of(source)
    back = convert(convert(source, "soap12"), "soap11")
    assert etree.canonicalize(xml.text_of(back)) == etree.canonicalize(before)
