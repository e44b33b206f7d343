"""A message as the JSON that a data mapping reads, by its input schema."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.errors import ErrorCode, Fault
from engine.mediators._mapping_schema import ATTRIBUTE, TEXT, XSI, Level, Schema, items_of, level_of, member
from engine.message.codecs.json import JsonNumber, JsonValue
from engine.message.codecs.xml import Element
from engine.message.convert import own_text

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def from_xml(root: Element, schema: Schema, *, doubles: bool) -> JsonValue:
    """What the schema names of the tree below ``root``; everything else is left out.

    With ``doubles`` a whole number of the type ``number`` is written ``900.0``, as Java prints it. Raises Fault for
    another root, and for text that is no value of its type.
    """
    reader = _XmlReader(schema, doubles)
    if schema.title not in reader.names(root):
        found = etree.QName(root).localname
        raise Fault(f"the body is <{found}>, and the input schema is for '{schema.title}'", code=ErrorCode.BAD_PAYLOAD)
    return reader.members(root, schema.document.get("properties") or {})


def from_csv(text: str, schema: Schema) -> JsonValue:
    """The records, as objects with the schema's fields in their order. Raises Fault for a record with more of them."""
    fields = items_of(schema.document).get("properties") or {}
    records = []
    for number, cells in enumerate((row for row in csv.reader(io.StringIO(text, newline="")) if row), 1):
        if len(cells) > len(fields):
            problem = f"record {number} has {len(cells)} fields, and the input schema has {len(fields)}"
            raise Fault(problem, code=ErrorCode.BAD_PAYLOAD)
        records.append(
            {
                name: _typed(cell, schema_.get("type"), name, doubles=False)
                for cell, (name, schema_) in zip(cells, fields.items(), strict=False)
            }
        )
    return records


class _XmlReader:
    def __init__(self, schema: Schema, doubles: bool) -> None:
        self._schema = schema
        self._doubles = doubles
        self._knows_types = bool(schema.prefixes(XSI))

    def members(self, element: Element, level: Level) -> dict[str, JsonValue]:
        """The attributes and child elements of an element whose schema has ``level``."""
        found = dict(self._attributes(element, level))
        array = ""  # that the element before belongs to
        for child in element.iterchildren(tag=etree.Element):
            key = self._key(child, level)
            if key is None:
                array = ""
                continue
            schema = level[key]
            name = member(key)
            if schema.get("type") != "array":
                array = ""
                if self._has_value(child, schema):
                    found[name] = self._value(child, schema)
                continue
            if array != key:
                # An array that another element has interrupted begins anew (XMLInputReader.java).
                found[name] = []
                array = key
            items = items_of(schema)
            if self._has_value(child, items):
                found[name].append(self._value(child, items))
        return found

    def names(self, element: Element) -> list[str]:
        """The names that the schema may have for an element, without its xsi:type."""
        qname = etree.QName(element)
        return self._names(qname.namespace, qname.localname)

    def _names(self, uri: str | None, local: str) -> list[str]:
        prefixes = self._schema.prefixes(uri) if uri else []
        return [f"{prefix}:{local}" if prefix else local for prefix in prefixes] or [local]

    def _key(self, element: Element, level: Level) -> str | None:
        names = self.names(element)
        return next((name for name in (*self._typed_names(element, names), *names) if name in level), None)

    def _typed_names(self, element: Element, names: Iterable[str]) -> Iterable[str]:
        """Names with the xsi:type, as ``ns:record,xsi:type=sf:Account``."""
        type_ = element.get(f"{{{XSI}}}type")
        if type_ is None or not self._knows_types:
            return ()
        prefix, colon, local = type_.partition(":")
        uri = element.nsmap.get(prefix) if colon else None
        types = [f"{known}:{local}" for known in self._schema.prefixes(uri)] if uri else []
        return (
            f"{name},{xsi}:type={each}"
            for name in names
            for xsi in self._schema.prefixes(XSI)
            for each in types or [type_]
        )

    def _has_value(self, element: Element, schema: dict[str, Any]) -> bool:
        return schema.get("type") != "null" and not (self._is_nil(element) and schema.get("type") != "object")

    def _is_nil(self, element: Element) -> bool:
        return self._knows_types and (element.get(f"{{{XSI}}}nil") or "").lower() == "true"

    def _value(self, element: Element, schema: dict[str, Any]) -> JsonValue:
        if schema.get("type") != "object":
            return self._typed(own_text(element), schema.get("type"), etree.QName(element).localname)
        if self._is_nil(element):
            return {}
        members = self.members(element, level_of(schema))
        text = schema.get("value")
        if not isinstance(text, dict):
            return members
        return {TEXT: self._typed(own_text(element), text.get("type"), etree.QName(element).localname), **members}

    def _attributes(self, element: Element, level: Level) -> Iterable[tuple[str, JsonValue]]:
        for name, text in element.attrib.items():
            qname = etree.QName(str(name))
            names = self._names(qname.namespace, qname.localname)
            key = next((each for each in names if each in level), names[0])
            yield ATTRIBUTE + member(key), self._typed(str(text), level.get(key, {}).get("type"), key)

    def _typed(self, text: str, type_: Any, name: str) -> JsonValue:
        return _typed(text, type_, name, doubles=self._doubles)


def _typed(text: str, type_: Any, name: str, *, doubles: bool) -> JsonValue:
    if type_ == "boolean":
        return text.strip().lower() == "true"
    if type_ not in ("number", "integer"):
        return text
    digits = text.strip()
    if not (_WHOLE if type_ == "integer" else _NUMBER).fullmatch(digits):
        raise Fault(f"'{digits[:100]}' of '{name}' is no {type_}", code=ErrorCode.BAD_PAYLOAD)
    literal = str(Decimal(digits))
    if type_ == "number" and doubles and _WHOLE.fullmatch(literal):
        return JsonNumber(f"{literal}.0")
    return JsonNumber(literal)
