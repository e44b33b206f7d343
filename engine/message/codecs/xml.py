"""XML bytes <-> lxml elements, hardened: no DTD, no entities of its own, no network, bounded depth."""

from __future__ import annotations

import copy
import re
from typing import Any, TypeAlias

from lxml import etree

from engine.message.codecs.errors import DecodeError

Element: TypeAlias = etree._Element

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": False,
    "strip_cdata": False,
}


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(encoding=encoding, **_OPTIONS)


_PARSERS = {encoding: _parser(encoding) for encoding in (None, "utf-8")}

_NAME_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_RESOURCE_LIMIT = 114
"""libxml2's XML_ERR_RESOURCE_LIMIT, which not every lxml names."""
_MANY_ATTRIBUTES = 256

NAME_START = re.compile(f"[{_NAME_START}]")
"""What a name may begin with, the colon of prefixes left out (https://www.w3.org/TR/xml/#NT-NameStartChar)."""
NOT_IN_NAME = re.compile(f"[^{_NAME_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]")
"""A character that no name may have."""


def decode(raw: bytes) -> Element:
    """Read a document and give its root element; the bytes say themselves in which encoding they are.

    Raises DecodeError for anything not well-formed, for a DOCTYPE, and for nesting deeper than 256 levels or a text
    of more than 10,000,000 bytes (libxml2's own bounds).
    """
    return _parse(raw, None)


def decode_text(text: str) -> Element:
    """Read a document that is text already, whatever encoding it declares (RFC 7303 section 3.2).

    Raises DecodeError as ``decode`` does.
    """
    return _parse(text.encode("utf-8", "replace"), "utf-8")


def _parse(raw: bytes, encoding: str | None) -> Element:
    parser = _PARSERS[encoding]
    root = _root(raw, parser)
    if len(parser.error_log):
        # libxml2 forgets a prefix without a namespace over any warning that follows. Threads share this log: one that
        # is about these bytes alone tells.
        parser = _parser(encoding)
        root = _root(raw, parser)
        mistake = next((each for each in parser.error_log if each.type_name.startswith("NS_ERR_")), None)
        if mistake is not None:
            raise DecodeError(f"not XML: {mistake.message}, line {mistake.line}, column {mistake.column}")
    if root.getroottree().docinfo.internalDTD is not None:
        raise DecodeError("XML with a DOCTYPE, which is not allowed in a message")
    return root


def _root(raw: bytes, parser: etree.XMLParser) -> Element:
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise DecodeError(_reason(error)) from None
    except ValueError as error:
        raise DecodeError(f"not XML: {error}") from None


def _reason(error: etree.XMLSyntaxError) -> str:
    """What is wrong, without libxml2's advice to programmers where its own bounds are reached."""
    if getattr(error, "code", None) != _RESOURCE_LIMIT:  # lxml-stubs do not know the code
        return f"not XML: {error.msg}"
    if "depth" in str(error.msg):
        return "XML nested deeper than 256 levels"
    return f"XML with one text, attribute or the like of over 10,000,000 bytes, line {error.lineno}"


def attributes_of(element: Element) -> list[tuple[str, str]]:
    """Name and value of each attribute, in their order.

    lxml looks every one up from the first on, so that a client with 100,000 of them would stop the loop for minutes;
    its XPath walks once, but costs more for a few.
    """
    if len(element.attrib) < _MANY_ATTRIBUTES:
        return [(str(name), str(value)) for name, value in element.attrib.items()]
    found: Any = element.xpath("@*")  # the stubs do not know what an expression gives
    return [(str(each.attrname), str(each)) for each in found]


def encode(element: Element, charset: str = "utf-8") -> bytes:
    """Serialise one element without its tail and its parents' unused namespaces.

    UTF-8 carries no XML declaration, other charsets do. Raises LookupError for a charset that Python does not know.
    """
    if charset.lower().replace("-", "") in ("utf8", "usascii", "ascii"):
        alone = _alone(element)
        written = _bytes(etree.tostring(alone, encoding="UTF-8", xml_declaration=False, with_tail=False))
        if b' xmlns="' not in written or not (strays := _strays(alone)):
            return written
        return encode(_without_strays(alone, strays))
    # Python writes it, for libxml2 does not know every charset by all of its names.
    declaration = f"<?xml version='1.0' encoding='{charset}'?>\n"
    return (declaration + text_of(element)).encode(charset, "xmlcharrefreplace")


def text_of(element: Element) -> str:
    """One element as XML text, without its tail and its parents' unused namespaces."""
    alone = _alone(element)
    written = str(etree.tostring(alone, encoding="unicode", with_tail=False))
    if ' xmlns="' not in written or not (strays := _strays(alone)):
        return written
    return text_of(_without_strays(alone, strays))


def _strays(root: Element) -> list[Element]:
    """Elements without a namespace that were put below a default namespace: libxml2 writes no ``xmlns=""`` for them."""
    return [each for each in root.iter("{}*") if _is_stray(each)]


def _is_stray(element: Element) -> bool:
    parent = element.getparent()
    # An element right below one without a namespace is where that one is.
    return parent is not None and str(parent.tag).startswith("{") and bool(element.nsmap.get(None))


def _without_strays(root: Element, strays: list[Element]) -> Element:
    """A copy of the tree in which the strays declare that they have no namespace."""
    wanted = set(strays)
    places = {place for place, each in enumerate(root.iter("{}*")) if each in wanted}
    twin = copy.deepcopy(root)
    for place, each in enumerate(list(twin.iter("{}*"))):
        if place not in places:
            continue
        parent = each.getparent()
        assert parent is not None  # a stray is below another element
        nsmap: Any = {None: "", **{prefix: uri for prefix, uri in each.nsmap.items() if prefix is not None}}
        for prefix in parent.nsmap:
            if prefix is not None and nsmap.get(prefix) == parent.nsmap[prefix]:
                del nsmap[prefix]
        attributes = {str(name): str(value) for name, value in each.attrib.items()}
        settled = etree.Element(each.tag, attributes, nsmap)
        settled.text, settled.tail = each.text, each.tail
        parent.replace(each, settled)
        settled.extend(list(each))
    return twin


def _alone(element: Element) -> Element:
    # A copy takes along the namespaces it uses only, as Axiom writes elements; else all would show xmlns:soapenv.
    return element if element.getparent() is None else copy.deepcopy(element)


def _bytes(serialised: str | bytes) -> bytes:
    assert isinstance(serialised, bytes)  # lxml gives text for encoding="unicode" only; its stubs do not say so
    return serialised
