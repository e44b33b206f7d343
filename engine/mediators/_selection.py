"""Nodes of the payload that a mediator reads and puts others in place of."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.expressions.base import Expression
from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext


def selected(message: MessageContext, source: Expression | None) -> xml.Element | None:
    """The element that ``source`` finds first; without it the first element of the body, None for an empty body.

    Text that it finds is read as XML (Synapse's SourceXPathSupport). Raises Fault when it finds neither.
    """
    if source is None:
        return message.payload.content()
    found: Any = source.evaluate(message)
    first = found[0] if isinstance(found, list) and found else found
    if isinstance(first, etree._Element):
        return first
    if isinstance(first, str):
        try:
            return xml.decode_text(first)
        except DecodeError as error:
            raise Fault(f"what {source.source} finds is {error}") from None
    raise Fault(f"{source.source} finds no element")


def replace(message: MessageContext, place: xml.Element, result: xml.Element) -> None:
    """Put ``result`` where ``place`` is in an editable envelope.

    In place of Envelope it becomes the envelope; in place of Body and Header its children become theirs. Raises Fault
    when ``place`` is no part of the message, or an envelope is needed and ``result`` is none.
    """
    envelope = message.payload.envelope()
    namespace = etree.QName(envelope).namespace
    if place is envelope:
        if soap.version_of(result) is None:
            raise Fault(f"a SOAP envelope cannot be replaced by <{etree.QName(result).localname}>")
        message.payload.set_envelope(result)
    elif place.getparent() is envelope and place.tag in (f"{{{namespace}}}Body", f"{{{namespace}}}Header"):
        place[:] = list(result)
    else:
        parent = place.getparent()
        if parent is None:
            raise Fault("what is to be replaced is no part of the message")
        result.tail, place.tail = place.tail, None
        parent.replace(place, result)


def set_text(element: xml.Element, text: str) -> None:
    """The text instead of all that is inside."""
    element[:] = []
    element.text = text
