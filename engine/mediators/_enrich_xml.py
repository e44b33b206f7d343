"""What ``<enrich>`` does with XML (Synapse's Source.evaluate and Target.insert).

A source gives nodes: elements, and texts as ``str``.
"""

from __future__ import annotations

import logging
from typing import Any, TypeAlias

from lxml import etree

from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.xpath import XPath
from engine.mediators import _enrich_json
from engine.mediators._nodes import alone, detach
from engine.mediators._selection import set_text
from engine.message.codecs import json, soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")

Content: TypeAlias = xml.Element | str


def found_nodes(message: MessageContext, source: Expression, *, keep: bool) -> list[Content]:
    """What an expression finds, as copies; elements are taken out of the message unless ``keep``."""
    if not keep:
        message.payload.editable_envelope()
    value = source.evaluate(message)
    nodes = nodes_of(value)
    if not nodes:
        log.error("enrich: %s finds nothing", source.source)
    if not keep:
        for each in value if isinstance(value, list) else ():
            if isinstance(each, etree._Element) and each.getparent() is not None:
                detach(each)
    return nodes


def nodes_of(value: Any) -> list[Content]:
    """A value as nodes, all of them copies. JSON is its text."""
    if value is None:
        return []
    if isinstance(value, etree._Element):
        return [alone(value)]
    if isinstance(value, list) and any(isinstance(each, etree._Element) for each in value):
        return [alone(each) if isinstance(each, etree._Element) else str(each) for each in value]
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return list(value)
    if isinstance(value, list) and not value:
        return []
    return [json.text_of(value)]


def value_of(nodes: list[Content]) -> Any:
    """Nodes as the value of a property: one text is a text, all else the list (trap 25)."""
    if nodes and all(isinstance(each, str) for each in nodes):
        return "".join(map(str, nodes))
    return nodes


def body_nodes(message: MessageContext, *, keep: bool) -> list[Content]:
    """The first element of the body, as a copy."""
    content = message.payload.content()
    if content is None:
        return []
    nodes: list[Content] = [alone(content)]
    if not keep:
        message.payload.editable_envelope()
        taken = message.payload.content()
        assert taken is not None  # the copy has what the original has
        detach(taken)
    return nodes


def insert_into_body(message: MessageContext, nodes: list[Content], action: str) -> None:
    """Put nodes in place of, into or behind the first element of the body; JSON text becomes a JSON body."""
    if action == "replace" and nodes and isinstance(nodes[0], str):
        value = _enrich_json.parse(nodes[0])
        if isinstance(value, (dict, list)):
            message.payload.set_json(value)
            return
    envelope = message.payload.editable_envelope()
    content = message.payload.content()
    if content is not None:
        insert(nodes, content, action)
        return
    body = soap.body_of(envelope)
    for each in nodes:
        if isinstance(each, str):
            log.error("enrich: text cannot be put into an empty body")
        else:
            body.append(each)


def insert_at(message: MessageContext, nodes: list[Content], target: Expression, action: str) -> None:
    """Put nodes in place of, into or behind what the expression finds first. Raises Fault when it finds nothing."""
    if not nodes:
        log.error("enrich: there is nothing to put at %s", target.source)
        return
    message.payload.editable_envelope()
    found = target.evaluate(message)
    first = found[0] if isinstance(found, list) and found else None
    if isinstance(first, etree._Element):
        insert(nodes, first, action)
    elif isinstance(first, str) and isinstance(target, XPath) and (owner := target.owner(message)) is not None:
        _insert_at_text(nodes[0], *owner)
    else:
        raise Fault(f"enrich: {target.source} finds no place to put anything")


def _insert_at_text(node: Content, owner: xml.Element, attribute: str) -> None:
    """In place of a text or an attribute: the first node only."""
    if isinstance(node, str):
        if attribute:
            owner.set(attribute, node)
        else:
            set_text(owner, node)
    elif attribute:
        raise Fault(f"enrich: an element cannot be the value of the attribute '{attribute}'")
    else:
        owner.text = None
        owner.append(node)


def replace_envelope(message: MessageContext, nodes: list[Content]) -> None:
    """Raises Fault when the first node is no SOAP envelope."""
    first = nodes[0] if nodes else None
    if not isinstance(first, etree._Element) or soap.version_of(first) is None:
        raise Fault("enrich: a SOAP envelope is needed to replace the envelope")
    message.payload.set_envelope(first)


def set_property(message: MessageContext, name: str, nodes: list[Content], action: str) -> None:
    """The property holds the nodes; ``child`` puts them into the element it holds already."""
    held = message.properties.get(name)
    holder = _element_of(held) if action == "child" else None
    if holder is None:
        message.set_property(name, value_of(nodes))
    else:
        insert(nodes, holder, "child")
        message.properties[name] = holder


def insert(nodes: list[Content], target: xml.Element, action: str) -> None:
    """Synapse's order: siblings are each put right behind the target, so that the last one comes first."""
    elements = [each for each in nodes if isinstance(each, etree._Element)]
    if action == "child":
        target.extend(elements)
        return
    if action == "sibling":
        for each in elements:
            _add_behind(target, each)
        return
    if elements and target.getparent() is None:
        raise Fault("enrich: the root cannot be replaced; use the target type 'envelope'")
    for node in nodes:
        if isinstance(node, str):
            set_text(target, node)
        else:
            target.addprevious(node)
    if elements:
        detach(target)


def _add_behind(target: xml.Element, element: xml.Element) -> None:
    element.tail, target.tail = target.tail, None
    target.addnext(element)


def _element_of(value: Any) -> xml.Element | None:
    if isinstance(value, list) and value and isinstance(value[0], etree._Element):
        value = value[0]
    if isinstance(value, etree._Element):
        return alone(value)
    if not isinstance(value, str):
        return None
    try:
        return xml.decode_text(value)
    except DecodeError:
        return None
