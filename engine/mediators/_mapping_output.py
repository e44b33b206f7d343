"""What a data mapping makes, as XML or CSV by its output schema."""

from __future__ import annotations

import csv
import io
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators._mapping_schema import ATTRIBUTE, HYPHEN, SEPARATOR, TEXT, Schema
from engine.message.codecs.json import JsonValue, text_of
from engine.message.codecs.xml import Element


def to_xml(value: JsonValue, schema: Schema) -> Element:
    """The element that the schema's title names, with the members of ``value`` in it.

    Null members are left out, and an empty array is one empty element (MapOutputFormatter.java). Raises Fault for what
    is no object, and for names and text that XML cannot have.
    """
    if not isinstance(value, dict):
        raise Fault("the mapping gave no object, and XML has one root")
    writer = _XmlWriter(schema)
    try:
        root = writer.root()
        writer.fill(root, value)
    except ValueError as error:
        raise Fault(f"the mapping gave what XML cannot carry: {error}") from None
    return root


def to_csv(value: JsonValue) -> str:
    """A record for each item of an array, and nested values in the order of the mapping."""
    rows: list[list[str]] = [[]]
    _collect(value, rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().removesuffix("\n")


def to_json(value: JsonValue) -> JsonValue:
    """The value with its hyphens."""
    if isinstance(value, dict):
        return {key.replace(HYPHEN, "-"): to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value.replace(HYPHEN, "-") if isinstance(value, str) else value


class _XmlWriter:
    def __init__(self, schema: Schema) -> None:
        self._title = schema.title
        self._namespaces = schema.namespaces

    def root(self) -> Element:
        nsmap: dict[Any, str] = {prefix or None: uri for prefix, uri in self._namespaces.items() if uri}
        return etree.Element(self._tag(self._title.replace(":", "_", 1)), nsmap=nsmap)

    def fill(self, element: Element, members: dict[str, JsonValue]) -> None:
        # Attributes in the order of the reference, which puts each before those it has.
        for name in reversed([name for name in members if name.startswith(ATTRIBUTE)]):
            if members[name] is not None:
                element.set(self._attribute(name), text_of(members[name]))
        for name, value in members.items():
            if name == TEXT and value is not None:
                _append_text(element, text_of(value))
            elif value is not None and name != TEXT and not name.startswith(ATTRIBUTE):
                for item in _items(value):
                    self._add(element, name, item)

    def _add(self, parent: Element, name: str, value: JsonValue) -> None:
        child = etree.SubElement(parent, self._tag(name))
        if isinstance(value, dict):
            self.fill(child, value)
        elif value is not None:
            child.text = text_of(value)

    def _tag(self, name: str) -> str:
        name = name.replace(HYPHEN, "-").partition(SEPARATOR)[0]
        return self._qualified(name) or name

    def _attribute(self, name: str) -> str:
        name = name.removeprefix(ATTRIBUTE).replace(HYPHEN, "-")
        return self._qualified(name) or name

    def _qualified(self, name: str) -> str:
        """Clark's notation of a name that begins with a known prefix, else ``""``."""
        prefix, _, local = name.partition("_")
        uri = self._namespaces.get(prefix) if prefix and local else None
        return f"{{{uri}}}{local}" if uri else ""


def _items(value: JsonValue) -> list[JsonValue]:
    """The elements that a member makes; arrays in arrays are taken as one."""
    if isinstance(value, dict) and value and all(key.isdigit() for key in value):
        value = list(value.values())  # what a mapping fills by index
    if not isinstance(value, list):
        return [value]
    return [inner for item in value for inner in _items(item)] or [None]


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _collect(value: JsonValue, rows: list[list[str]]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _collect(item, rows)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if index:
                rows.append([])
            _collect(item, rows)
    else:
        rows[-1].append("" if value is None else text_of(value))
