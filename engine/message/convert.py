"""JSON values <-> XML elements by Synapse's rules (JsonUtil, its Constants, and the staxon library in it)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from engine.message import json_rules
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonNumber, JsonValue, text_of
from engine.message.codecs.xml import NAME_START, NOT_IN_NAME, Element, attributes_of
from engine.message.java_regex import expanded
from engine.message.json_rules import JsonRules

OBJECT, ARRAY, ELEMENT, VALUE = "jsonObject", "jsonArray", "jsonElement", "jsonValue"
_WRAPPERS = ({OBJECT}, {ARRAY})
MULTIPLE = "xml-multiple"
"""The processing instruction that tells an array from repeated elements."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DIGIT, _DOLLAR = "_JsonReader_PD_", "_JsonReader_PS_"
_ENCODED = re.compile(r"_JsonReader_([0-9]{1,7})_")
_MAX_DIGITS = 1000
_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def json_to_xml(value: JsonValue, rules: JsonRules | None = None) -> Element:
    """``jsonObject``, ``jsonArray`` or ``jsonValue``. Null becomes an empty element, an empty array vanishes.

    ``rules`` are those of the process by default. Raises DecodeError for text that XML cannot carry (control
    characters) and for namespaces that are no URI.
    """
    writer = _Writer(rules or json_rules.active())
    try:
        if isinstance(value, dict):
            root = writer.element(None, OBJECT, value)
            writer.members(root, value)
        elif isinstance(value, list):
            root = etree.Element(ARRAY)
            writer.items(root, ELEMENT, value)
        else:
            root = etree.Element(VALUE)
            writer.fill(root, value)
    except ValueError as error:
        raise DecodeError(f"not representable as XML: {error}") from None
    return root


def xml_to_json(root: Element, rules: JsonRules | None = None) -> JsonValue:
    """The JSON of an element; Synapse's own wrapper elements are taken off, any other root stays as the one key.

    ``rules`` are those of the process by default.
    """
    return _Reader(rules or json_rules.active()).root(root)


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
    own = element.text or ""
    return own + "".join([child.tail or "" for child in element]) if len(element) else own


class _Writer:
    """JSON to XML."""

    def __init__(self, rules: JsonRules) -> None:
        self._nil, self._instructions = rules.nil, rules.write_instructions

    def element(self, parent: Element | None, name: str, value: JsonValue) -> Element:
        """A new element ``name`` for ``value``, in the namespace that its ``@xmlns`` names, else in the parent's."""
        declared = value.get("@xmlns") if isinstance(value, dict) else None
        namespace = declared if isinstance(declared, str) else None
        nsmap: Any = {None: namespace} if namespace else None
        if namespace is None and parent is not None:
            namespace = etree.QName(parent).namespace
        tag = f"{{{namespace}}}{name}" if namespace else name
        return etree.Element(tag, nsmap=nsmap) if parent is None else etree.SubElement(parent, tag, nsmap=nsmap)

    def members(self, parent: Element, members: dict[str, JsonValue]) -> None:
        for key, value in members.items():
            if key.startswith("@") and not isinstance(value, (dict, list)):
                if key != "@xmlns":
                    parent.set(_encoded_name(key[1:]), _scalar(value) or "")
            elif key == "$" and not isinstance(value, (dict, list)):
                parent.text = _scalar(value)
            elif isinstance(value, list):
                self.items(parent, _encoded_name(key), value)
            else:
                self.fill(self.element(parent, _encoded_name(key), value), value)

    def items(self, parent: Element, name: str, items: list[JsonValue]) -> None:
        if self._instructions:
            parent.append(etree.ProcessingInstruction(MULTIPLE, name))
        for item in items:
            self.fill(self.element(parent, name, item), item)

    def fill(self, element: Element, value: JsonValue) -> None:
        if isinstance(value, dict):
            self.members(element, value)
        elif isinstance(value, list):
            self.items(self.element(element, ARRAY, None), ELEMENT, value)
        elif value is None and self._nil:
            element.set("nil", "true")
        else:
            element.text = _scalar(value)


class _Reader:
    """XML to JSON."""

    def __init__(self, rules: JsonRules) -> None:
        self._rules = rules
        self._plain = rules.primitives and rules.keep_text is None and rules.replace_text is None

    def root(self, root: Element) -> JsonValue:
        name = etree.QName(root).localname
        if name == ARRAY:
            return [self._value(child) for child in root.iterchildren("*")]
        if name in (OBJECT, VALUE):
            return self._value(root) if name == VALUE or len(root) or root.attrib else {}
        return {self._name(root): self._value(root)}

    def _value(self, element: Element) -> JsonValue:
        if not len(element):
            text = element.text or ""
            if not element.attrib and not (self._rules.namespace_declarations and self._rules.keep_namespaces):
                return self._leaf(text)
        else:
            text = own_text(element)
        if self._rules.nil and _says_nil(element):
            return None
        children = [child for child in element if isinstance(child.tag, str)]
        if not element.attrib and {etree.QName(child).localname for child in children} in _WRAPPERS:
            # What an aggregate encloses (JsonStreamTargetImpl.java).
            values = [self.root(child) for child in children]
            return values[0] if len(values) == 1 else values
        members = self._attributes(element)
        self._children(element, members)
        if not members:
            return self._leaf(text)
        if text.strip():
            members["$"] = self._primitive(text)
        return members

    def _leaf(self, text: str) -> JsonValue:
        if text:
            return self._primitive(text)
        return None if self._rules.empty_is_null else ""

    def _primitive(self, text: str) -> JsonValue:
        if self._plain:
            return primitive(text)
        rules = self._rules
        if not rules.primitives or (rules.keep_text is not None and rules.keep_text.fullmatch(text)):
            return text
        if rules.keep_text is None and rules.replace_text is not None and rules.replace_text.match(text):
            return rules.replace_text.replace(lambda match: expanded(rules.replacement, match), text, 1)
        return primitive(text)

    def _attributes(self, element: Element) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {}
        rules = self._rules
        if rules.keep_namespaces and rules.namespace_declarations:
            parent = element.getparent()
            inherited = parent.nsmap if parent is not None else {}
            for prefix, uri in element.nsmap.items():
                if inherited.get(prefix) != uri:
                    members["@xmlns" if prefix is None else f"@xmlns{rules.namespace_separator}{prefix}"] = uri
        for name, value in attributes_of(element):
            members[f"@{self._attribute_name(element, name)}"] = value
        return members

    def _children(self, element: Element, members: dict[str, JsonValue]) -> None:
        """Add the child elements; repeated ones, and those behind a processing instruction, are arrays."""
        pending = False
        for child in element:
            if isinstance(child.tag, str):
                name = self._name(child)
                if pending and not isinstance(members.get(name), _Repeated):
                    members[name] = _Repeated([members[name]] if name in members else ())
                pending = False
                _add_member(members, name, self._value(child))
            elif self._rules.read_instructions and isinstance(child, etree._ProcessingInstruction):
                if child.target != MULTIPLE:
                    continue
                name = _decoded_name((child.text or "").strip())
                pending = not name
                if name:
                    members[name] = _Repeated([members[name]] if name in members else ())

    def _name(self, element: Element) -> str:
        name = _decoded_name(etree.QName(element).localname)
        if self._rules.keep_namespaces and element.prefix:
            return f"{element.prefix}{self._rules.namespace_separator}{name}"
        return name

    def _attribute_name(self, element: Element, name: str) -> str:
        qualified = etree.QName(name)
        local = _decoded_name(qualified.localname)
        if self._rules.keep_namespaces and qualified.namespace:
            prefixes = [prefix for prefix, uri in element.nsmap.items() if uri == qualified.namespace and prefix]
            if prefixes:
                return f"{prefixes[0]}{self._rules.namespace_separator}{local}"
        return local


def _says_nil(element: Element) -> bool:
    return element.get("nil") == "true" or element.get(_XSI_NIL) == "true"


def _add_member(members: dict[str, JsonValue], key: str, value: JsonValue) -> None:
    if key not in members:
        members[key] = value
    elif isinstance(members[key], _Repeated):
        members[key].append(value)
    else:
        members[key] = _Repeated((members[key], value))


class _Repeated(list[JsonValue]):
    """An array made of repeated siblings, told apart from a child that is an array itself."""


def _scalar(value: JsonValue) -> str | None:
    return None if value is None else text_of(value)


def _encoded_name(key: str) -> str:
    """A key as an element's name; characters that no name may have are ``_JsonReader_`` and their number.

    So is the first one of a key that would be taken for a wrapper.
    """
    if key in (OBJECT, ARRAY):
        return f"{_number_of_character(key[0])}{key[1:]}"
    dollar = key.startswith("$")
    name = NOT_IN_NAME.sub(_number_of, key[1:] if dollar else key)
    if dollar:
        return _DOLLAR + name
    return name if NAME_START.match(name) else _DIGIT + name


def _number_of(match: re.Match[str]) -> str:
    return _number_of_character(match[0])


def _number_of_character(character: str) -> str:
    return f"_JsonReader_{ord(character)}_"


def _decoded_name(name: str) -> str:
    if "_JsonReader_" not in name:
        return name
    if name.startswith(_DIGIT):
        prefix, name = "", name[len(_DIGIT) :]
    elif name.startswith(_DOLLAR):
        prefix, name = "$", name[len(_DOLLAR) :]
    else:
        prefix = ""
    return prefix + _ENCODED.sub(_character_of, name)


def _character_of(match: re.Match[str]) -> str:
    number = int(match[1])
    return chr(number) if number < 0x110000 else match[0]
