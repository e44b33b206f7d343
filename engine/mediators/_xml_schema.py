"""XML Schema for ``<validate>``, by libxml2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators._nodes import alone
from engine.mediators._resources import UnknownResource, as_bytes, parser
from engine.message.codecs import xml

_XS = "http://www.w3.org/2001/XMLSchema"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that does not fit. ``line`` is that in the payload as the engine holds it."""

    text: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class XmlSchema:
    """One schema, or several together. Raises Fault for what is no schema and for an unknown include."""

    def __init__(self, entries: list[Any], resources: dict[str, Any]) -> None:
        numbered = {f"synapse-schema-{index}": entry for index, entry in enumerate(entries)}
        reader = parser({**resources, **numbered})
        try:
            roots = [etree.fromstring(as_bytes(entry), reader) for entry in entries]
            root = roots[0] if len(roots) == 1 else _together(roots, list(numbered), reader)
            self._schema = etree.XMLSchema(root)
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError, UnknownResource) as error:
            raise Fault(f"the schema cannot be used: {error}") from None

    def mistakes(self, element: xml.Element) -> list[Mistake]:
        """What does not fit; empty when all does. Raises Fault when libxml2 gives up."""
        # libxml2 checks a whole document, so the element becomes one.
        document = etree.ElementTree(alone(element))
        try:
            if self._schema.validate(document):
                return []
        except etree.XMLSchemaValidateError as error:
            detail = "A pattern in the schema may need too many steps: repeats inside repeats do that, as in (a|aa)+."
            raise Fault(f"the payload cannot be checked: {error}", detail=detail) from None
        log: Any = self._schema.error_log  # its stub lacks that it is a sequence
        return [Mistake(entry.message, entry.line) for entry in log]


def _together(roots: list[xml.Element], locations: list[str], reader: etree.XMLParser) -> xml.Element:
    """A schema that imports or includes each of several."""
    lines = []
    for root, location in zip(roots, locations, strict=True):
        namespace = root.get("targetNamespace")
        if namespace:
            lines.append(f'<xs:import namespace="{namespace}" schemaLocation="{location}"/>')
        else:
            lines.insert(0, f'<xs:include schemaLocation="{location}"/>')
    lines.sort(key=lambda line: "include" not in line)
    return etree.fromstring(f'<xs:schema xmlns:xs="{_XS}">{"".join(lines)}</xs:schema>', reader)
