"""Text and binary payloads as XML elements, under the names that Axis2 gives them."""

from __future__ import annotations

import base64
import binascii
import codecs
from typing import Any

from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.xml import Element

PAYLOAD_NAMESPACE = "http://ws.apache.org/commons/ns/payload"
TEXT = f"{{{PAYLOAD_NAMESPACE}}}text"
BINARY = f"{{{PAYLOAD_NAMESPACE}}}binary"
_NSMAP: dict[Any, str] = {None: PAYLOAD_NAMESPACE}

# XML 1.0 has no way to write these, not even as references.
_NOT_XML = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF], "\ufffd")


_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
"""Codecs of Python that are no charsets of the web; punycode takes quadratic time, UTF-7 gives lone surrogates."""


def is_charset(name: str) -> bool:
    """Whether text can be written and read in it."""
    try:
        codec = codecs.lookup(name)
        "".encode(name)  # refuses codecs between bytes and bytes, such as hex
    except (LookupError, ValueError):
        return False
    return codec.name.replace("_", "-") not in _NO_CHARSETS


def decode(raw: bytes, charset: str) -> str:
    """Raises DecodeError for bytes outside ``charset`` and for an unknown charset."""
    if not is_charset(charset):
        raise DecodeError(f"in the unknown charset '{charset}'")
    try:
        return raw.decode(charset)
    except UnicodeDecodeError as error:
        raise DecodeError(f"not {charset}: byte 0x{raw[error.start]:02x} at offset {error.start}") from None


def to_element(text: str) -> Element:
    element = etree.Element(TEXT, nsmap=_NSMAP)
    element.text = text.translate(_NOT_XML)
    return element


def binary_element(raw: bytes) -> Element:
    element = etree.Element(BINARY, nsmap=_NSMAP)
    element.text = base64.b64encode(raw).decode("ascii")
    return element


def binary_of(element: Element) -> bytes:
    """The bytes that a binary element carries. Raises DecodeError for what is not base64."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("binary that is not base64") from None
