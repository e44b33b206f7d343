"""WS-Addressing header blocks are for one hop: a SOAP message that the flow changed leaves without them.

Source: ``MessageHelper.removeAddressingHeaders``, which the reference calls for each message it sends on or back.
"""

from __future__ import annotations

from engine.core.wire import is_true
from engine.message.codecs.xml import Element
from engine.message.context import MessageContext

ADDRESSING = frozenset({"http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"})
"""The namespaces of WS-Addressing 1.0 and of its submission of 2004."""


def drop_addressing(message: MessageContext) -> None:
    """Take the blocks out of a changed SOAP message; with PRESERVE_WS_ADDRESSING they stay.

    A message that leaves as it came keeps them, for its bytes do not change.
    """
    payload = message.payload
    if payload.kind not in ("soap11", "soap12") or payload.pending or payload.raw() is not None:
        return
    if is_true(message.properties.get("PRESERVE_WS_ADDRESSING")) or not _blocks(payload.envelope()):
        return
    # A payload of its own: what an outer endpoint keeps for another try is untouched.
    message.payload = payload.copy()
    for block in _blocks(message.payload.editable_envelope()):
        parent = block.getparent()
        assert parent is not None  # they are children of the header
        parent.remove(block)


def _blocks(envelope: Element) -> list[Element]:
    return [block for block in envelope.iterfind("{*}Header/*") if _namespace(block) in ADDRESSING]


def _namespace(block: Element) -> str:
    return str(block.tag).partition("}")[0].removeprefix("{")
