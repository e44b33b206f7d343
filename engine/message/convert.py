"""JSON values <-> XML elements by Synapse's rules (JsonUtil, its Constants, and the staxon AutoPrimitive target)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonNumber, JsonValue, text_of
from engine.message.codecs.xml import NAME_START, NOT_IN_NAME, Element

OBJECT, ARRAY, ELEMENT, VALUE = "jsonObject", "jsonArray", "jsonElement", "jsonValue"

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DIGIT, _DOLLAR = "_JsonReader_PD_", "_JsonReader_PS_"
_ENCODED = re.compile(r"_JsonReader_([0-9A-F]{2,6})_")
_MAX_DIGITS = 1000


def json_to_xml(value: JsonValue) -> Element:
    """``jsonObject``, ``jsonArray`` or ``jsonValue``. Null becomes an empty element, an empty array vanishes.

    Raises DecodeError for text that XML cannot carry (control characters).
    """
    try:
        if isinstance(value, dict):
            root = etree.Element(OBJECT)
            _add_members(root, value)
        elif isinstance(value, list):
            root = etree.Element(ARRAY)
            _add_items(root, ELEMENT, value)
        else:
            root = etree.Element(VALUE)
            root.text = _scalar(value)
    except ValueError as error:
        raise DecodeError(f"not representable as XML: {error}") from None
    return root


def xml_to_json(root: Element) -> JsonValue:
    """The JSON of an element; Synapse's own wrapper elements are taken off, any other root stays as the one key."""
    name = etree.QName(root).localname
    if name == ARRAY:
        return [_value(child) for child in root.iterchildren("*")]
    if name in (OBJECT, VALUE):
        return _value(root) if name == VALUE or len(root) or root.attrib else {}
    return {_decoded_name(name): _value(root)}


def primitive(text: str) -> JsonValue:
    """Text as JSON reads it: true, false, null and numbers lose their quotes, all else stays text.

    Numbers print as Java's ``BigDecimal.toString`` does: ``25.0000`` stays, ``1e3`` becomes ``1E+3``.
    """
    if text == "true":
        return True
    if text == "false":
        return False
    if text == "null":
        return None
    if not _NUMBER.fullmatch(text):
        return text
    if text.lstrip("-").isdigit() and len(text) < 19:
        return int(text)
    try:
        return JsonNumber(str(Decimal(text)) if len(text) <= _MAX_DIGITS else text)
    except InvalidOperation:  # an exponent beyond 18 digits
        return text


def own_text(element: Element) -> str:
    """The text directly inside an element, without that of its children, comments or processing instructions."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _add_members(parent: Element, members: dict[str, JsonValue]) -> None:
    for key, value in members.items():
        if key.startswith("@") and not isinstance(value, (dict, list)):
            parent.set(_encoded_name(key[1:]), _scalar(value) or "")
        elif key == "$" and not isinstance(value, (dict, list)):
            parent.text = _scalar(value)
        elif isinstance(value, list):
            _add_items(parent, _encoded_name(key), value)
        else:
            _fill(etree.SubElement(parent, _encoded_name(key)), value)


def _add_items(parent: Element, name: str, items: list[JsonValue]) -> None:
    for item in items:
        _fill(etree.SubElement(parent, name), item)


def _fill(element: Element, value: JsonValue) -> None:
    if isinstance(value, dict):
        _add_members(element, value)
    elif isinstance(value, list):
        _add_items(etree.SubElement(element, ARRAY), ELEMENT, value)
    else:
        element.text = _scalar(value)


def _scalar(value: JsonValue) -> str | None:
    return None if value is None else text_of(value)


def _value(element: Element) -> JsonValue:
    children = list(element.iterchildren("*"))
    text = own_text(element)
    if not children and not element.attrib:
        return primitive(text) if text else None
    if len(children) == 1 and children[0].tag == ARRAY and not element.attrib:
        return xml_to_json(children[0])
    members: dict[str, JsonValue] = {
        "@" + _decoded_name(etree.QName(name).localname): value for name, value in element.attrib.items()
    }
    for child in children:
        _add_member(members, _decoded_name(etree.QName(child).localname), _value(child))
    if text.strip():
        members["$"] = primitive(text)
    return members


def _add_member(members: dict[str, JsonValue], key: str, value: JsonValue) -> None:
    if key not in members:
        members[key] = value
    elif isinstance(members[key], _Repeated):
        members[key].append(value)
    else:
        members[key] = _Repeated((members[key], value))


class _Repeated(list[JsonValue]):
    """An array made of repeated siblings, told apart from a child that is an array itself."""


def _encoded_name(key: str) -> str:
    name = key.replace("$", _DOLLAR)
    name = NOT_IN_NAME.sub(lambda match: f"_JsonReader_{ord(match[0]):02X}_", name)
    return name if NAME_START.match(name) else _DIGIT + name


def _decoded_name(name: str) -> str:
    if "_JsonReader_" not in name:
        return name
    name = name.removeprefix(_DIGIT).replace(_DOLLAR, "$")
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), name)
