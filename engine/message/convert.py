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
        root = writer.root(value)
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
    """JSON to XML, one document. ``namespace`` is that of the element around; without one it is None or empty."""

    def __init__(self, rules: JsonRules) -> None:
        self._nil, self._instructions = rules.nil, rules.write_instructions
        self._names: dict[str, str] = {}
        """Those of the keys so far: most come many times."""

    def root(self, value: JsonValue) -> Element:
        if isinstance(value, dict):
            namespace, nsmap = _declared(value, None)
            root = etree.Element(_tag(OBJECT, namespace), nsmap=nsmap)
            self.members(root, value, namespace)
        elif isinstance(value, list):
            root = etree.Element(ARRAY)
            self.items(root, ELEMENT, value, None)
        else:
            root = etree.Element(VALUE)
            self.fill(root, value, None)
        return root

    def append(self, parent: Element, name: str, value: JsonValue, namespace: str | None) -> None:
        """A new element ``name`` for ``value``, in the namespace that its ``@xmlns`` names, else in the parent's."""
        nsmap: Any = None
        if isinstance(value, dict):
            namespace, nsmap = _declared(value, namespace)
        self.fill(etree.SubElement(parent, _tag(name, namespace), nsmap=nsmap), value, namespace)

    def members(self, parent: Element, members: dict[str, JsonValue], namespace: str | None) -> None:
        for key, value in members.items():
            if key.startswith("@") and not isinstance(value, (dict, list)):
                if key != "@xmlns":
                    parent.set(_encoded_name(key[1:]), _scalar(value) or "")
            elif key == "$" and not isinstance(value, (dict, list)):
                parent.text = _scalar(value)
            elif isinstance(value, list):
                self.items(parent, self._name_of(key), value, namespace)
            else:
                self.append(parent, self._name_of(key), value, namespace)

    def items(self, parent: Element, name: str, items: list[JsonValue], namespace: str | None) -> None:
        if self._instructions:
            parent.append(etree.ProcessingInstruction(MULTIPLE, name))
        for item in items:
            self.append(parent, name, item, namespace)

    def fill(self, element: Element, value: JsonValue, namespace: str | None) -> None:
        if isinstance(value, dict):
            self.members(element, value, namespace)
        elif isinstance(value, list):
            self.items(etree.SubElement(element, _tag(ARRAY, namespace)), ELEMENT, value, namespace)
        elif value is None and self._nil:
            element.set("nil", "true")
        else:
            element.text = _scalar(value)

    def _name_of(self, key: str) -> str:
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = _encoded_name(key)
        return name


def _declared(members: dict[str, JsonValue], namespace: str | None) -> tuple[str | None, Any]:
    """The namespace of an object, and what its element has to declare."""
    declared = members.get("@xmlns")
    if not isinstance(declared, str):
        return namespace, None
    return declared, {None: declared} if declared else None


def _tag(name: str, namespace: str | None) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Reader:
    """XML to JSON."""

    def __init__(self, rules: JsonRules) -> None:
        self._rules = rules
        self._plain = rules.primitives and rules.keep_text is None and rules.replace_text is None

    def root(self, root: Element) -> JsonValue:
        name = _local(root.tag)
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
        wraps = children and not element.attrib and _local(children[0].tag) in (OBJECT, ARRAY)
        if wraps and len({_local(child.tag) for child in children}) == 1:
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
        name = _decoded_name(_local(element.tag))
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
