"""The client's SOAP version decides the version of its answer (Synapse's Axis2Sender)."""

from __future__ import annotations

from engine.core.env import env_of
from engine.core.http import RawHeaders
from engine.core.wire import is_true, leaves_as_it_came, packaging_of
from engine.message.codecs import soap
from engine.message.codecs.soap import Version
from engine.message.content_type import SOAP11, SOAP12, ContentType, Kind, parse_content_type
from engine.message.context import MessageContext

_KINDS = frozenset({"json", "xml", "soap11", "soap12"})
_SOAP = frozenset({"soap11", "soap12"})
_TYPES: dict[Version, str] = {"soap11": SOAP11, "soap12": SOAP12}


def may_differ(message: MessageContext) -> bool:
    """Whether ``match_client`` may have something to do."""
    kind = message.payload.kind
    return kind in _KINDS and not (kind == "json" and leaves_as_it_came(message))


async def match_client(message: MessageContext, request_headers: RawHeaders) -> None:
    """Make the answer the SOAP version of the request, when both are SOAP and differ.

    For a client that speaks no SOAP, plain XML that a flow made is plain XML under the name ``text/xml`` too (Axis2's
    MessageProcessorSelector), and a SOAP fault that a flow made is ``<Exception>`` (Synapse's POXUtils).

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
    if _is_fault_for_nobody(message, version, request_headers):
        payload.set_content(soap.exception_of(payload.envelope()))
        if not is_true(message.axis2.get("FAULTS_AS_HTTP_200")):
            message.axis2 = {"HTTP_SC": 500} | message.axis2
    if version not in _SOAP:
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


def _is_fault_for_nobody(message: MessageContext, version: Kind, headers: RawHeaders) -> bool:
    """Whether the flow made a SOAP fault, and neither the client nor a back end that answered speaks SOAP."""
    payload = message.payload
    if payload.kind not in _SOAP or payload.pending or payload.raw() is not None:
        return False
    if version in _SOAP and "TransportInURL" not in message.axis2:  # a back end's answer
        return False
    return _sent_type(headers).kind not in _SOAP and soap.is_fault(payload.envelope())


def _sent_type(headers: RawHeaders) -> ContentType:
    return parse_content_type(dict(headers).get(b"content-type", b""))


def _version_of(headers: RawHeaders) -> Version | None:
    """SOAP 1.2 has its own type; ``text/xml`` is SOAP 1.1 with a SOAPAction, and plain XML without."""
    type_ = _sent_type(headers)
    if type_.kind == "soap12":
        return "soap12"
    return "soap11" if type_.kind == "soap11" and (type_.is_packaged or b"soapaction" in dict(headers)) else None
