"""The client's SOAP version decides the version of its answer (Synapse's Axis2Sender)."""

from __future__ import annotations

from engine.core.env import env_of
from engine.core.http import RawHeaders
from engine.core.wire import packaging_of
from engine.message.codecs.soap import Version
from engine.message.content_type import SOAP11, SOAP12, parse_content_type
from engine.message.context import MessageContext

_KINDS = frozenset({"json", "xml", "soap11", "soap12"})
_TYPES: dict[Version, str] = {"soap11": SOAP11, "soap12": SOAP12}


async def match_client(message: MessageContext, request_headers: RawHeaders) -> None:
    """Make the answer the SOAP version of the request, when both are SOAP and differ.

    For a client that speaks no SOAP, plain XML that a flow made is plain XML under the name ``text/xml`` too (Axis2's
    MessageProcessorSelector).

    One with attachments stays as it is; one that shall leave as multipart (``enableMTOM``) is loaded for it. Raises
    Fault when the answer cannot be read.
    """
    payload = message.payload
    if payload.kind not in _KINDS or payload.is_packaged:
        return
    if packaging_of(message) is not None:
        await payload.load(env_of(message).limits.buffered_body)
        return
    version = parse_content_type(message.message_type).kind
    if version not in ("soap11", "soap12"):
        return
    wanted = _version_of(request_headers)
    is_made_here = payload.kind == "json" or (payload.kind == "xml" and not payload.pending and payload.raw() is None)
    if wanted is None and version == "soap11" and is_made_here:
        message.axis2 |= {"messageType": "application/xml", "ContentType": message.message_type}
    if wanted is None or wanted == version or payload.kind == "json":
        return
    await payload.load(env_of(message).limits.buffered_body)
    payload.envelope()  # tells SOAP from plain XML
    if payload.kind == "xml" and payload.raw() is not None:
        return
    message.set_axis2("messageType", _TYPES[wanted])


def _version_of(headers: RawHeaders) -> Version | None:
    """SOAP 1.2 has its own type; ``text/xml`` is SOAP 1.1 with a SOAPAction, and plain XML without."""
    found = dict(headers)
    type_ = parse_content_type(found.get(b"content-type", b""))
    if type_.kind == "soap12":
        return "soap12"
    return "soap11" if type_.kind == "soap11" and (type_.is_packaged or b"soapaction" in found) else None
