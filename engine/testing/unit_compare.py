"""Whether a test got what it expects: as WSO2's runner compares, by content, and without white space."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError

_SPACE = re.compile(r"\s+")


def same(expected: str, actual: str) -> bool:
    """XML and JSON are compared by content: order of attributes and of members, and white space, mean nothing."""
    return bool(_comparable(expected) == _comparable(actual))


def _comparable(text: str) -> Any:
    stripped = text.strip()
    if stripped.startswith("<"):
        try:
            return _canonical(xml.decode(stripped.encode()))
        except DecodeError:
            pass
    try:
        return _without_space(json.decode(stripped.encode()))
    except DecodeError:
        return _SPACE.sub("", stripped)


def _canonical(element: etree._Element) -> tuple[Any, ...]:
    """Tag, attributes, and what is inside: prefixes mean nothing, comments are not there."""
    children = tuple(_canonical(child) for child in element.iterchildren(tag=etree.Element))
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    return element.tag, dict(element.attrib), _SPACE.sub("", text), children


def _without_space(value: Any) -> Any:
    if isinstance(value, str):
        return _SPACE.sub("", value)
    if isinstance(value, list):
        return [_without_space(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_space(each) for name, each in value.items()}
    return ("boolean", value) if isinstance(value, bool) else value  # for Python, True is 1
