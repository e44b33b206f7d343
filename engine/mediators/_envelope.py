"""The SOAP envelope around a payload that is about to be replaced."""

from __future__ import annotations

import copy

from engine.core.env import env_of
from engine.errors import Fault
from engine.message.codecs import soap, xml
from engine.message.context import MessageContext


async def header_blocks(message: MessageContext) -> list[xml.Element]:
    """Copies of the header blocks of a SOAP message; none for any other message.

    A body that cannot be read has none either: a fault sequence makes its answer whatever the client sent.
    """
    payload = message.payload
    if payload.kind not in ("soap11", "soap12"):
        return []
    try:
        await payload.load(env_of(message).limits.buffered_body)
        return copy.deepcopy(payload.envelope().findall("{*}Header/*"))
    except Fault:
        return []


def wrap(content: xml.Element, version: soap.Version, blocks: list[xml.Element]) -> xml.Element:
    """An envelope with these header blocks and this content."""
    envelope = soap.wrap(content, version)
    if blocks:
        soap.header_of(envelope).extend(blocks)
    return envelope


async def replace_content(message: MessageContext, content: xml.Element) -> None:
    """Make ``content`` the payload. A SOAP message keeps its envelope and header blocks."""
    blocks = await header_blocks(message)
    # Asked for afterwards: reading text/xml may have shown that it is plain XML.
    version = message.payload.kind
    if version == "soap11" or version == "soap12":
        message.payload.set_envelope(wrap(content, version, blocks))
    else:
        message.payload.set_content(content)
