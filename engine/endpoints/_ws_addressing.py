"""WS-Addressing headers of SOAP messages: what a client asks for, and what ``<enableAddressing>`` sends."""

from __future__ import annotations

import copy
import uuid

from lxml import etree

from engine.core import client_targets
from engine.core.env import env_of
from engine.core.wire import is_true
from engine.endpoints._settings import EnableAddressing
from engine.endpoints.addressing import Format
from engine.message import addressing
from engine.message.codecs import soap
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext

_NAMESPACES = {"final": addressing.FINAL, "submission": addressing.SUBMISSION}
_ANONYMOUS = {
    "final": "http://www.w3.org/2005/08/addressing/anonymous",
    "submission": "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
}


async def take_address(message: MessageContext) -> None:
    """Make the header block To of a SOAP message the address it is sent to; the block and its kin have served.

    With the property PRESERVE_WS_ADDRESSING they stay. Raises Fault for an address that clients may not name. Source:
    RelayUtils.processAddressing, and MessageHelper.removeAddressingHeaders.
    """
    if parse_content_type(message.message_type).kind not in ("soap11", "soap12"):
        return
    await message.payload.load(env_of(message).limits.buffered_body)
    address = addressing.text(message.payload.envelope(), "To")
    if not address.startswith(("http://", "https://")) or addressing.is_anonymous(address):
        return  # a client does not choose files
    client_targets.check(address, env_of(message).limits.client_targets)
    message.to = address
    if not is_true(message.properties.get("PRESERVE_WS_ADDRESSING")):
        envelope = copy.deepcopy(message.payload.envelope())
        addressing.remove_blocks(envelope)
        message.payload = message.payload.copy()
        message.payload.set_envelope(envelope)


async def with_headers(message: MessageContext, wanted: EnableAddressing, format_: Format | None, to: str) -> None:
    """Put To, ReplyTo, MessageID and Action into the message; anything but SOAP stays as it is.

    Headers of the message's last hop go; with the property PRESERVE_WS_ADDRESSING they stay, and only those that are
    missing come to them. The Action is the SOAPAction. The payload becomes another one: what an outer endpoint keeps
    for another try is untouched.
    """
    if format_ is None and parse_content_type(message.message_type).kind not in ("soap11", "soap12"):
        return
    if format_ in ("pox", "get", "rest"):
        return
    await message.payload.load(env_of(message).limits.buffered_body)
    envelope = copy.deepcopy(message.payload.envelope())
    header = soap.header_of(envelope)
    preserves = is_true(message.properties.get("PRESERVE_WS_ADDRESSING"))
    if not preserves:
        addressing.remove_blocks(envelope)
    namespace = _NAMESPACES[wanted.version]
    values = {"To": to, "MessageID": f"urn:uuid:{uuid.uuid4()}"}
    action = (message.headers.get("soapaction") or "").strip('" ')
    if action:
        values["Action"] = action
    for name, value in values.items():
        if not _has(header, name):
            addressing.add(header, namespace, name, value)
    if not preserves:
        reply_to = addressing.add(header, namespace, "ReplyTo")
        addressing.add(reply_to, namespace, "Address", _ANONYMOUS[wanted.version])
    message.payload = message.payload.copy()
    message.payload.set_envelope(envelope)


def _has(header: etree._Element, name: str) -> bool:
    return any(header.find(f"{{{namespace}}}{name}") is not None for namespace in _NAMESPACES.values())
