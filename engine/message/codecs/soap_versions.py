"""An envelope of one SOAP version in the other: header blocks, body and faults (Synapse's SOAPUtils)."""

from __future__ import annotations

import copy

from lxml import etree

from engine.message.codecs import soap
from engine.message.codecs.soap import NAMESPACES, Version
from engine.message.codecs.xml import Element

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_CODES_12 = {
    "VersionMismatch": "VersionMismatch",
    "MustUnderstand": "MustUnderstand",
    "Client": "Sender",
    "Server": "Receiver",
}
_CODES_11 = {new: old for old, new in _CODES_12.items()} | {"DataEncodingUnknown": "Client"}
_ATTRIBUTES: dict[Version, dict[str, str]] = {
    "soap11": {"role": "actor", "actor": "actor"},
    "soap12": {"actor": "role", "role": "role"},
}
_MUST_UNDERSTAND: dict[Version, dict[bool, str]] = {
    "soap11": {True: "1", False: "0"},
    "soap12": {True: "true", False: "false"},
}


def convert(envelope: Element, version: Version) -> Element:
    """The same message in an envelope of ``version``; ``envelope`` stays as it is.

    Of header blocks ``actor`` becomes ``role`` and ``mustUnderstand`` is written as the version does; other attributes
    of the old version go. Raises DecodeError when there is no Body.
    """
    if soap.version_of(envelope) == version:
        return envelope
    old = str(etree.QName(envelope).namespace)
    result = _empty(envelope, version)
    header = envelope.find(f"{{{old}}}Header")
    if header is not None:
        soap.header_of(result).extend(_block(copy.deepcopy(block), old, version) for block in header)
    body = soap.body_of(result)
    for child in soap.body_of(envelope):
        is_fault = child.tag == f"{{{old}}}Fault"
        body.append(_fault(child, old, version) if is_fault else copy.deepcopy(child))
    if len(body) == 0:
        body.text = soap.body_of(envelope).text
    return result


def _empty(envelope: Element, version: Version) -> Element:
    """An envelope with the namespaces of the old one: QNames in text (``xsi:type="xsd:int"``) need them."""
    declared = envelope.nsmap | soap.body_of(envelope).nsmap
    others = {
        prefix: uri
        for prefix, uri in declared.items()
        if prefix not in (None, soap.PREFIX) and uri not in NAMESPACES.values()
    }
    result = etree.Element(f"{{{NAMESPACES[version]}}}Envelope", nsmap={soap.PREFIX: NAMESPACES[version]} | others)
    etree.SubElement(result, f"{{{NAMESPACES[version]}}}Body")
    return result


def _block(block: Element, old: str, version: Version) -> Element:
    if not isinstance(block.tag, str):
        return block  # a comment
    for name, value in block.attrib.items():
        qname = etree.QName(name)
        if qname.namespace != old:
            continue
        del block.attrib[name]
        if qname.localname == "mustUnderstand":
            value = _MUST_UNDERSTAND[version][str(value).strip() in ("1", "true")]
            block.set(f"{{{NAMESPACES[version]}}}mustUnderstand", value)
        elif qname.localname in _ATTRIBUTES[version]:
            block.set(f"{{{NAMESPACES[version]}}}{_ATTRIBUTES[version][qname.localname]}", value)
    etree.cleanup_namespaces(block, keep_ns_prefixes=[each for each, uri in block.nsmap.items() if each and uri != old])
    return block


def _fault(fault: Element, old: str, version: Version) -> Element:
    result = etree.Element(f"{{{NAMESPACES[version]}}}Fault", nsmap={soap.PREFIX: NAMESPACES[version]})
    if version == "soap12":
        _to_12(fault, result)
    else:
        _to_11(fault, old, result)
    return result


def _to_12(fault: Element, result: Element) -> None:
    namespace = f"{{{NAMESPACES['soap12']}}}"
    code = _child(fault, "faultcode")
    if code is not None:
        _code_12(code, etree.SubElement(result, f"{namespace}Code"))
    reason = _child(fault, "faultstring")
    if reason is not None:
        text = etree.SubElement(etree.SubElement(result, f"{namespace}Reason"), f"{namespace}Text")
        text.set(_XML_LANG, reason.get(_XML_LANG) or "en")
        text.text = reason.text
    actor = _child(fault, "faultactor")
    if actor is not None:
        etree.SubElement(result, f"{namespace}Role").text = actor.text
    _detail(_child(fault, "detail"), result, f"{namespace}Detail")


def _code_12(code: Element, result: Element) -> None:
    """A code of SOAP 1.1, dotted ones by their first word; another is the Subcode of a Receiver's fault."""
    namespace = f"{{{NAMESPACES['soap12']}}}"
    prefix, _, local = (code.text or "").strip().rpartition(":")
    known = _CODES_12.get(local.partition(".")[0])
    is_soap = not prefix or code.nsmap.get(prefix) == NAMESPACES["soap11"]
    value = etree.SubElement(result, f"{namespace}Value")
    value.text = f"{soap.PREFIX}:{known if known and is_soap else 'Receiver'}"
    if local and not (known and is_soap):
        uri = code.nsmap.get(prefix or None)
        subcode = etree.SubElement(result, f"{namespace}Subcode")
        nsmap = {prefix: uri} if prefix and uri and prefix != soap.PREFIX else None
        etree.SubElement(subcode, f"{namespace}Value", nsmap=nsmap).text = code.text


def _to_11(fault: Element, old: str, result: Element) -> None:
    value = fault.find(f"{{{old}}}Code/{{{old}}}Value")
    if value is not None:
        local = (value.text or "").strip().rpartition(":")[2]
        etree.SubElement(result, "faultcode").text = f"{soap.PREFIX}:{_CODES_11.get(local, 'Server')}"
    reason = fault.find(f"{{{old}}}Reason/{{{old}}}Text")
    if reason is not None:
        etree.SubElement(result, "faultstring").text = reason.text
    role = fault.find(f"{{{old}}}Role")
    if role is not None:
        etree.SubElement(result, "faultactor").text = role.text
    _detail(fault.find(f"{{{old}}}Detail"), result, "detail")


def _child(fault: Element, name: str) -> Element | None:
    """A part of a SOAP 1.1 fault, which has no namespace; some services give it that of SOAP."""
    found = fault.find(name)
    return found if found is not None else fault.find(f"{{{NAMESPACES['soap11']}}}{name}")


def _detail(detail: Element | None, result: Element, tag: str) -> None:
    if detail is None:
        return
    made = etree.SubElement(result, tag)
    made.text = detail.text
    made.extend(copy.deepcopy(entry) for entry in detail)
