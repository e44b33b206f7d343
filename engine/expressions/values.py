"""How values print: Synapse's stringValueOf, XPath's string(), Java's Double.toString."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from lxml import etree

from engine.message.codecs import json, xml
from engine.message.convert import own_text


def text_of(value: Any) -> str | None:
    """A value as Synapse prints it (traps 2 and 3); None for a null."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, list) and all(isinstance(item, (str, etree._Element)) for item in value):
        return _nodes_text(value)
    if isinstance(value, etree._Element):
        return element_text(value)
    return json.text_of(value)


def element_text(element: etree._Element) -> str:
    """Own text, trimmed, with plain spaces for non-breaking ones; the XML when there is none (trap 2)."""
    text = own_text(element).replace("\u00a0", " ").strip()
    return text or xml.text_of(element)


def xpath_string(value: Any) -> str:
    """XPath 1.0 string(): the whole text of the first node, ``3`` for the number 3, ``""`` for nothing."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _xpath_number(value)
    if isinstance(value, list) and (not value or isinstance(value[0], (str, etree._Element))):
        return xpath_string(value[0]) if value else ""
    if isinstance(value, etree._Element):
        return "".join(value.itertext())
    return json.text_of(value)


def truth_of(value: Any) -> bool:
    """XPath 1.0 boolean(): any non-empty text is true, ``false`` too (trap 16)."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, etree._Element):
        return True
    return bool(value)


def java_double(value: float) -> str:
    """``Double.toString``: ``3.0``, ``1.0E10``, ``1.0E-5``, ``NaN``, ``Infinity``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    sign, digits, _ = Decimal(repr(value)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    exponent = Decimal(repr(value)).adjusted()
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{exponent}"


def _xpath_number(value: float) -> str:
    if math.isfinite(value) and value == int(value) and abs(value) < 1e18:
        return str(int(value))
    if math.isfinite(value):
        return format(Decimal(repr(value)), "f")
    return java_double(value)


def _nodes_text(nodes: list[Any]) -> str:
    if len(nodes) == 1 and not isinstance(nodes[0], str):
        return element_text(nodes[0])
    return "".join(node if isinstance(node, str) else xml.text_of(node) for node in nodes)
