"""WS-Addressing header blocks are for one hop: a SOAP message that the flow changed leaves without them.

A changed answer has blocks of its own, when the client gave its request a MessageID. Sources:
``MessageHelper.removeAddressingHeaders``, which the reference calls for each message it sends on or back, and Axis2's
``AddressingOutHandler``.
"""

from __future__ import annotations

import uuid

from engine.core.wire import is_true
from engine.message import addressing
from engine.message.addressing import Called
from engine.message.codecs import soap
from engine.message.codecs.xml import Element
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext

_SOAP = ("soap11", "soap12")


def drop_addressing(message: MessageContext) -> None:
    """Take the blocks out of a changed SOAP message; with PRESERVE_WS_ADDRESSING they stay.

    A message that leaves as it came keeps them, for its bytes do not change.
    """
    payload = message.payload
    if payload.kind not in _SOAP or payload.pending or payload.raw() is not None or _preserves(message):
        return
    if addressing.blocks(payload.envelope()):
        addressing.remove_blocks(_own_envelope(message))


def answer_addressing(message: MessageContext) -> None:
    """The same for an answer, which gets the blocks that a client with WS-Addressing waits for."""
    called = message.operation.get(addressing.CALLED)
    if not isinstance(called, Called) or not _is_soap_made_here(message) or _preserves(message):
        drop_addressing(message)
        return
    action = _action_of(message, called)
    envelope = _own_envelope(message)
    addressing.remove_blocks(envelope)
    header = soap.header_of(envelope)
    if action:
        addressing.add(header, called.namespace, "Action", action)
    addressing.add(header, called.namespace, "MessageID", f"urn:uuid:{uuid.uuid4()}")
    addressing.add(header, called.namespace, "RelatesTo", called.message_id)


def _is_soap_made_here(message: MessageContext) -> bool:
    payload = message.payload
    if payload.pending or payload.untouched:
        return False
    return payload.kind in _SOAP or parse_content_type(message.message_type).kind in _SOAP


def _preserves(message: MessageContext) -> bool:
    return is_true(message.properties.get("PRESERVE_WS_ADDRESSING"))


def _own_envelope(message: MessageContext) -> Element:
    """To be changed in place. The payload is another one: what an outer endpoint keeps for another try is untouched."""
    message.payload = message.payload.copy()
    return message.payload.editable_envelope()


def _action_of(message: MessageContext, called: Called) -> str:
    """That of the back end's answer; else the one that WSDL gives the answer to the request's by default."""
    envelope = message.payload.envelope()
    action = addressing.text(envelope, "Action") if message.resumed else ""
    if not action and soap.is_fault(envelope):
        return f"{called.namespace}/fault"
    return action or (f"{called.action}Response" if called.action else "")
