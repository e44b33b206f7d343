"""``application/x-www-form-urlencoded`` <-> an element with one child per field (Axis2's XFormURLEncodedBuilder)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.xml import Element

ROOT = "xformValues"
MAX_FIELDS = 1000
_NOT_A_NAME = re.compile(r"[^\w.\-]|^(?=[\d.\-])")


def decode(text: str) -> Element:
    """Fields in their order; characters that no XML name may have become ``_``.

    Raises DecodeError for more than MAX_FIELDS fields.
    """
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise DecodeError(f"a form of more than {MAX_FIELDS} fields") from None
    root = etree.Element(ROOT)
    for name, value in fields:
        field = etree.SubElement(root, _NOT_A_NAME.sub("_", name) or "_")
        field.text = value
    return root


def encode(root: Element) -> bytes:
    return urlencode([(etree.QName(field).localname, field.text or "") for field in root.iterchildren("*")]).encode()
