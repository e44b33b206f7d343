"""``application/x-www-form-urlencoded`` <-> an element with one child per field (Axis2's XFormURLEncodedBuilder)."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.xml import NAME_START, NOT_IN_NAME, Element

ROOT = "xformValues"
MAX_FIELDS = 1000

_DIGIT, _DOLLAR = "_JsonReader_PD_", "_JsonReader_PS_"


def decode(text: str, charset: str = "utf-8") -> Element:
    """Fields in their order; characters that no XML name may have become ``_``.

    ``charset`` is that of the percent-encoded bytes. Raises DecodeError for more than MAX_FIELDS fields, for bytes
    outside ``charset`` and for control characters, which XML cannot carry.
    """
    try:
        fields = parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise DecodeError(f"a form that is not {charset}: byte 0x{error.object[error.start]:02x}") from None
    except ValueError:
        raise DecodeError(f"a form of more than {MAX_FIELDS} fields") from None
    root = etree.Element(ROOT)
    for name, value in fields:
        field = etree.SubElement(root, element_name(name))
        try:
            field.text = value
        except ValueError:
            raise DecodeError(f"a form with control characters in '{field.tag}'") from None
    return root


def encode(root: Element) -> bytes:
    """A space is ``%20``, as the reference writes it."""
    fields = [(_field_name(field), field.text or "") for field in root.iterchildren("*")]
    return urlencode(fields, quote_via=quote, safe="").encode()


def _field_name(field: Element) -> str:
    return etree.QName(field).localname.replace(_DIGIT, "").replace(_DOLLAR, "$")


def element_name(name: str) -> str:
    """The name of a field as that of an element."""
    if name and name[0] in "0123456789":
        return _DIGIT + NOT_IN_NAME.sub("_", name)
    if name.startswith("$"):
        return _DOLLAR + NOT_IN_NAME.sub("_", name[1:])
    name = NOT_IN_NAME.sub("_", name)
    return name if NAME_START.match(name) else f"_{name}"
