"""XML bytes <-> lxml elements, hardened: no DTD, no entities of its own, no network, bounded depth."""

from __future__ import annotations

from typing import TypeAlias

from lxml import etree

from engine.message.codecs.errors import DecodeError

Element: TypeAlias = etree._Element

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=False, strip_cdata=False
)


def decode(raw: bytes) -> Element:
    """Read a document and give its root element.

    Raises DecodeError for anything not well-formed, for a DOCTYPE, and for nesting deeper than 256 levels
    (libxml2's own bound).
    """
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError as error:
        raise DecodeError(f"not XML: {error.msg}") from None
    except ValueError as error:
        raise DecodeError(f"not XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DecodeError("a DOCTYPE is not allowed in a message")
    return root


def encode(element: Element, charset: str = "utf-8") -> bytes:
    """Serialise one element without its tail; UTF-8 carries no XML declaration, other charsets do."""
    if charset.lower().replace("-", "") in ("utf8", "usascii", "ascii"):
        return _bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False))
    return _bytes(etree.tostring(element, encoding=charset, xml_declaration=True, with_tail=False))


def text_of(element: Element) -> str:
    """One element as XML text."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def _bytes(serialised: str | bytes) -> bytes:
    assert isinstance(serialised, bytes)  # lxml gives text for encoding="unicode" only; its stubs do not say so
    return serialised
