"""Values between Python, XPath and text.

Properties hold Python values; XPath knows node-sets, text, numbers and booleans; Synapse prints them by its own rules.
"""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.message.codecs import json, xml
from engine.message.convert import own_text

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STRING = etree.XPath("string()", smart_strings=False)
_NO_BREAK_SPACE = "\xa0"


def bind(value: Any) -> Any:
    """A property as an XPath variable.

    None is the empty node-set, so that every comparison with it is false (Synapse trap 4). Numbers compare and add as
    numbers, a deliberate difference from Synapse trap 9, where an INTEGER property is NaN. Numbers that libxml2 would
    print with an exponent, and integers that a double cannot hold, are bound as their digits: XPath converts text
    where it needs a number. JSON objects and arrays are bound as their text.
    """
    if type(value) is str:
        return xml_safe(value)
    if value is None:
        return []
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value) if -(2**31) < value < 2**31 else str(value)
    if isinstance(value, float):
        return xpath_number(value) if 0 < abs(value) <= 1e-5 or 1e9 <= abs(value) < float("inf") else value
    if isinstance(value, etree._Element):
        return [value]
    return value if is_node_set(value) else xml_safe(json.text_of(value))


def is_node_set(value: Any) -> bool:
    """Whether a list holds XML nodes, not JSON values."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], etree._Element)


def xml_safe(text: str) -> str:
    """The text with U+FFFD for the characters that libxml2 refuses."""
    return _NOT_XML.sub("\ufffd", text) if _NOT_XML.search(text) else text


def xpath_string(value: Any) -> str:
    """XPath's ``string()`` of a property; None is ``""``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return xpath_number(value)
    if isinstance(value, etree._Element):
        return str(_STRING(value))
    return str(_STRING(value[0])) if is_node_set(value) else json.text_of(value)


def argument_string(argument: Any) -> str:
    """XPath's ``string()`` of what lxml hands to a function; attribute and text nodes come as lists of str."""
    if isinstance(argument, list):
        return xpath_string(argument[0]) if argument else ""
    return xpath_string(argument)


def xpath_number(value: float) -> str:
    """A number as XPath 1.0 prints it: no exponent, no fraction when there is none."""
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def java_double(value: float) -> str:
    """A number as Java's ``Double.toString`` prints it: ``3.0``, ``1.0E10``, ``1.0E-5``, ``NaN`` (Synapse trap 3)."""
    magnitude = abs(value)
    if magnitude == 0 or 1e-3 <= magnitude < 1e7:
        return repr(value)
    if value != value or magnitude == float("inf"):
        return xpath_number(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)  # only NaN and infinity have letters here
    written = "".join(map(str, digits))
    fraction = written[1:].rstrip("0") or "0"
    return f"{'-' if sign else ''}{written[0]}.{fraction}E{len(written) + exponent - 1}"


def text_of(value: Any) -> str | None:
    """A property or XPath result as ``stringValueOf`` prints it (Synapse traps 2 and 3); None stays None."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, etree._Element):
        return nodes_text([value])
    return nodes_text(value) if is_node_set(value) else json.text_of(value)


def nodes_text(nodes: list[Any]) -> str:
    """A node-set as text: one element with text of its own is that text, trimmed; all else is XML (Synapse trap 2).

    Text and attribute nodes are given as str.
    """
    if len(nodes) == 1 and isinstance(nodes[0], etree._Element):
        text = own_text(nodes[0]).replace(_NO_BREAK_SPACE, " ").strip()
        return text or element_xml(nodes[0])
    return "".join([node if isinstance(node, str) else element_xml(node) for node in nodes])


def element_xml(element: etree._Element) -> str:
    """One element as XML that declares the namespaces it uses, not those of the envelope around it."""
    return xml.text_of(copy.deepcopy(element))


def truth_of(value: Any) -> bool:
    """XPath's ``boolean()`` of a property: any text but ``""`` is true, also "false" (Synapse trap 16)."""
    if isinstance(value, (str, bool)):
        return bool(value)
    if isinstance(value, (int, float)):
        return value == value and value != 0
    return value is not None


def elements_of(value: Any) -> list[etree._Element]:
    """The elements that an expression found; a variable may hold one of them alone."""
    if isinstance(value, etree._Element):
        return [value]
    return [node for node in value if isinstance(node, etree._Element)] if isinstance(value, list) else []


def argument_of(value: Any) -> Any:
    """A property or XPath result as the argument of a template: one element stays one, else text (Synapse trap 7)."""
    if isinstance(value, etree._Element):
        return value
    if is_node_set(value) and len(value) == 1:
        return value[0]
    return text_of(value)
