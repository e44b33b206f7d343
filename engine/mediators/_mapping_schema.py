"""The JSON schemas beside a data mapping: what they say about names, namespaces and types.

WSO2's editors write them: JSON Schema with ``title`` (the root element), ``namespaces``, ``attributes`` beside
``properties``, and ``value`` for the text of an element that has children or attributes. In a mapping an element
``ns:a-b`` is the member ``ns_a_EnC0DeCHaRHyPh3n_b``, an attribute has the prefix ``attr_``, text is ``_ELEMVAL``.
"""

from __future__ import annotations

import dataclasses
from typing import Any

ATTRIBUTE = "attr_"
TEXT = "_ELEMVAL"
HYPHEN = "_EnC0DeCHaRHyPh3n_"
SEPARATOR = "_Separat0r_"
"""Between a name and the xsi:type that tells its elements apart."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"

Level = dict[str, Any]
"""Name of a child or attribute -> its schema."""


@dataclasses.dataclass(frozen=True, slots=True)
class Schema:
    """A schema as the file has it. ``namespaces`` is prefix -> URI; several prefixes may have one URI."""

    title: str
    document: dict[str, Any]
    namespaces: dict[str, str]

    def prefixes(self, uri: str) -> list[str]:
        """The prefixes of a namespace, in the order of the file."""
        return [prefix for prefix, known in self.namespaces.items() if known == uri]


def schema_from(document: Any) -> Schema:
    """Raises ValueError for what has no title, and so is no schema of a mapping."""
    if not isinstance(document, dict) or not isinstance(document.get("title"), str):
        raise ValueError("it has no title, which names the root")
    namespaces: dict[str, str] = {}
    for each in document.get("namespaces") or ():
        namespaces.setdefault(str(each.get("prefix") or ""), str(each.get("url") or ""))
    return Schema(document["title"], document, namespaces)


def level_of(schema: dict[str, Any]) -> Level:
    """The children and attributes of an object."""
    return {**(schema.get("properties") or {}), **(schema.get("attributes") or {})}


def items_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an array's items, with the attributes that stand beside them."""
    items = schema.get("items") or {}
    first: dict[str, Any] = items if isinstance(items, dict) else items[0]
    attributes = {**(first.get("attributes") or {}), **(schema.get("attributes") or {})}
    return {**first, "attributes": attributes} if attributes else first


def member(name: str) -> str:
    """How a mapping writes the name of an element or attribute."""
    return name.replace(":", "_").replace(",", SEPARATOR).replace("=", "_").replace("-", HYPHEN)


def variable(title: str) -> str:
    """How a mapping writes the title of a schema."""
    return title.replace(":", "_").replace("=", "_").replace(",", "_").replace("-", HYPHEN)
