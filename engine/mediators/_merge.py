"""The messages of an aggregate -> one payload (Synapse's AggregateMediator and EIPUtils)."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.values import elements_of
from engine.mediators._nodes import alone
from engine.message.codecs import soap, xml
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.payload import Payload


def merge_json(messages: list[MessageContext], expression: Expression) -> list[JsonValue]:
    """What the expression finds in each message: one item per message, nothing counts as null."""
    return [_json_of(message, expression) for message in messages]


def merge_objects(messages: list[MessageContext], expression: Expression) -> dict[str, JsonValue]:
    """One object of the members of all: objects are merged, arrays joined, other values of one name become an array.

    Source: Synapse's JSONMergeUtils with MERGE_INTO_ARRAY.

    Raises Fault for a message in which the expression finds no object.
    """
    result: dict[str, JsonValue] = {}
    for message in messages:
        found = _json_of(message, expression)
        for each in found if isinstance(found, list) else [found]:
            if not isinstance(each, dict):
                raise Fault(f"aggregateElementType 'child' needs objects, and {expression.source} found another value")
            _extend(result, each)
    return result


def merge_xml(messages: list[MessageContext], expression: Expression | None) -> Payload:
    """The first message's envelope with what the expression finds in each; without one, the first body element of each.

    Raises Fault when it finds nothing in a message other than the first, as Synapse does.
    """
    first, *others = messages
    payload = first.payload.copy()
    body = soap.body_of(payload.editable_envelope())
    if expression is not None:
        _keep_matches(first, payload, expression, body)
    for each in others:
        body.extend(alone(node) for node in _elements_of(each, expression))
    return payload


def enclose(payload: Payload, element: xml.Element) -> None:
    """Put the elements of the body into ``element``."""
    envelope = payload.envelope()
    body = soap.body_of(envelope)
    children = list(body.iterchildren("*"))
    element.extend(alone(child) for child in children)
    for child in children:
        body.remove(child)
    body.append(element)


def is_json(value: Any) -> bool:
    """Whether an expression found a JSON value, not nothing at all."""
    return value is None or isinstance(value, (str, bool, int, float, Decimal, dict, list))


def _keep_matches(first: MessageContext, payload: Payload, expression: Expression, body: xml.Element) -> None:
    """Move the matches to the top of the body in place of the element they came from; without any, all stays."""
    probe = first.clone(payload)
    elements = elements_of(expression.evaluate(probe))
    if not elements or elements[0].getparent() in (None, body):
        return
    ancestors = [each for each in elements[0].iterancestors() if each.getparent() is body]
    body.extend(alone(node) for node in elements)
    for ancestor in ancestors:
        body.remove(ancestor)


def _elements_of(message: MessageContext, expression: Expression | None) -> list[xml.Element]:
    if expression is None:
        content = message.payload.content()
        return [content] if content is not None else []
    elements = elements_of(expression.evaluate(message))
    if not elements:
        raise Fault(f"{expression.source} finds no element to aggregate in one of the messages")
    if soap.version_of(elements[0]) is not None:
        raise Fault(f"{expression.source} finds a whole SOAP envelope, which cannot be put into another")
    return elements


def _json_of(message: MessageContext, expression: Expression) -> JsonValue:
    """The value; an array of one is its one item, an empty one null (EIPUtils.getJSONElement)."""
    found = expression.evaluate(message)
    if isinstance(found, list):
        return None if not found else found[0] if len(found) == 1 else found
    if is_json(found):
        return found
    raise Fault(f"{expression.source} finds nothing to aggregate in one of the messages")


def _extend(target: dict[str, JsonValue], source: dict[str, JsonValue]) -> None:
    for name, value in source.items():
        there = target.get(name)
        if name not in target:
            target[name] = copy.deepcopy(value)
        elif isinstance(there, list):
            there.extend(value if isinstance(value, list) else [value])
        elif isinstance(there, dict) and isinstance(value, dict):
            _extend(there, value)
        else:
            target[name] = [there, copy.deepcopy(value)]
