"""``application/json/badgerfish`` <-> an element: attributes are ``@name``, text is ``$``, namespaces ``@xmlns``.

The convention: http://www.sklar.com/badgerfish/. Repeated elements are arrays; an object with one name is a document.
"""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.codecs.xml import Element, attributes_of

_DEFAULT = "$"
"""The name of the default namespace in ``@xmlns``."""


def decode(raw: bytes) -> Element:
    """Raises DecodeError for what is not JSON, or not the JSON of one element."""
    value = json.decode(raw)
    if not isinstance(value, dict) or len(value) != 1:
        raise DecodeError("not BadgerFish: an object with the name of the one root element is expected")
    [(name, content)] = value.items()
    if not isinstance(content, dict):
        raise DecodeError(f"not BadgerFish: '{name}' is no object")
    return _element(name, content, {})


def encode(root: Element) -> bytes:
    """Comments go; in mixed content the text goes before the elements, since BadgerFish has one place for it."""
    # A copy has the namespaces that it uses, and not those of the envelope around it.
    alone = root if root.getparent() is None else copy.deepcopy(root)
    return json.encode({_name(alone): _object(alone, {})})


def _element(name: str, content: JsonValue, outer: dict[str | None, str]) -> Element:
    if not isinstance(content, dict):
        content = {"$": content}
    namespaces = outer | _declared(content)
    try:
        element = etree.Element(_tag(name, namespaces), nsmap=_for_lxml(namespaces))
        for key, value in content.items():
            if key == "$":
                element.text = json.text_of(value)
            elif key.startswith("@"):
                if key != "@xmlns":
                    element.set(_tag(key[1:], {**namespaces, None: ""}), json.text_of(value))
            else:
                children = value if isinstance(value, list) else [value]
                element.extend(_element(key, child, namespaces) for child in children)
    except ValueError as error:
        raise DecodeError(f"not BadgerFish: '{name}': {error}") from None
    return element


def _declared(content: dict[str, Any]) -> dict[str | None, str]:
    declared = content.get("@xmlns", {})
    if not isinstance(declared, dict) or not all(isinstance(uri, str) for uri in declared.values()):
        raise DecodeError("not BadgerFish: '@xmlns' is no object of texts")
    return {None if prefix == _DEFAULT else prefix: uri for prefix, uri in declared.items()}


def _for_lxml(namespaces: dict[str | None, str]) -> Any:
    return {prefix: uri for prefix, uri in namespaces.items() if uri}


def _tag(name: str, namespaces: dict[str | None, str]) -> str:
    prefix, _, local = name.rpartition(":")
    if prefix == "xml":
        return f"{{http://www.w3.org/XML/1998/namespace}}{local}"
    uri = namespaces.get(prefix or None, "")
    if prefix and not uri:
        raise DecodeError(f"not BadgerFish: the prefix of '{name}' is not declared in '@xmlns'")
    return f"{{{uri}}}{local}" if uri else local


def _object(element: Element, outer: dict[str | None, str]) -> dict[str, JsonValue]:
    result: dict[str, JsonValue] = {}
    declared = {prefix: uri for prefix, uri in element.nsmap.items() if outer.get(prefix) != uri}
    if declared:
        result["@xmlns"] = {prefix or _DEFAULT: uri for prefix, uri in declared.items()}
    for name, value in attributes_of(element):
        result[f"@{_attribute(element, name)}"] = value
    text = "".join(_texts(element))
    children = list(element.iterchildren("*"))
    if text.strip() or (text and not children):
        result["$"] = text
    for child in children:
        _put(result, _name(child), _object(child, dict(element.nsmap)))
    return result


def _texts(element: Element) -> list[str]:
    return [element.text or "", *(child.tail or "" for child in element)]


def _put(result: dict[str, JsonValue], name: str, value: JsonValue) -> None:
    if name not in result:
        result[name] = value
    elif isinstance(result[name], list):
        result[name].append(value)
    else:
        result[name] = [result[name], value]


def _name(element: Element) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local


def _attribute(element: Element, name: str) -> str:
    qname = etree.QName(name)
    if qname.namespace is None:
        return qname.localname
    if qname.namespace == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{qname.localname}"
    prefixes = (prefix for prefix, uri in element.nsmap.items() if uri == qname.namespace and prefix)
    return f"{next(prefixes)}:{qname.localname}"
