"""SOAP envelopes: every XML message has one, as in Synapse; plain XML is the one child of its Body."""

from __future__ import annotations

from typing import Literal

from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.xml import Element, decode_text

Version = Literal["soap11", "soap12"]

NAMESPACES: dict[Version, str] = {
    "soap11": "http://schemas.xmlsoap.org/soap/envelope/",
    "soap12": "http://www.w3.org/2003/05/soap-envelope",
}
PREFIX = "soapenv"

_VERSIONS: dict[str, Version] = {f"{{{namespace}}}Envelope": version for version, namespace in NAMESPACES.items()}


def wrap(child: Element | None, version: Version = "soap11") -> Element:
    """A new envelope with ``child`` in its Body. The child is moved, not copied."""
    namespace = NAMESPACES[version]
    envelope = etree.Element(f"{{{namespace}}}Envelope", nsmap={PREFIX: namespace})
    body = etree.SubElement(envelope, f"{{{namespace}}}Body")
    if child is not None:
        body.append(child)
    return envelope


def version_of(root: Element) -> Version | None:
    """The SOAP version when ``root`` is an envelope, else None."""
    return _VERSIONS.get(str(root.tag))


def part_of(envelope: Element, name: Literal["Header", "Body"]) -> Element | None:
    """The Header or the Body, None when there is none."""
    namespace, _, _ = str(envelope.tag).rpartition("}")
    tag = f"{namespace}}}{name}"
    for child in envelope:  # several times faster than find or iterchildren
        if child.tag == tag:
            return child
    return None


def body_of(envelope: Element) -> Element:
    """The Body element. Raises DecodeError when the envelope has none."""
    body = part_of(envelope, "Body")
    if body is None:
        raise DecodeError("a SOAP envelope without Body")
    return body


def header_of(envelope: Element) -> Element:
    """The Header element, made when there is none."""
    header = part_of(envelope, "Header")
    if header is None:
        namespace = etree.QName(envelope).namespace
        header = etree.Element(f"{{{namespace}}}Header")
        envelope.insert(0, header)
    return header


def content_of(envelope: Element) -> Element | None:
    """The first element in the Body, or None."""
    return next(body_of(envelope).iterchildren("*"), None)


def is_fault(envelope: Element) -> bool:
    body = part_of(envelope, "Body")
    content = None if body is None else next(body.iterchildren("*"), None)
    return content is not None and etree.QName(content).localname == "Fault"


def exception_of(envelope: Element) -> Element:
    """A fault as the plain element ``Exception``: the text of its detail, XML in it as XML, or else its reason."""
    fault = content_of(envelope)
    assert fault is not None  # it is a fault
    detail = (fault.findtext("detail") or fault.findtext("{*}Detail") or "").strip()
    reason = fault.findtext("faultstring") or fault.findtext("{*}Reason/{*}Text") or ""
    exception = etree.Element("Exception")
    try:
        exception.append(decode_text(detail))
    except DecodeError:
        exception.text = detail or reason
    return exception
