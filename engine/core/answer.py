"""The one answer to a request, as HTTP has it: status, headers and body, made from a message."""

from __future__ import annotations

import logging

from engine.core.http import WITHOUT_BODY, RawHeaders
from engine.core.last_hop import answer_addressing
from engine.core.wire import body_of, headers_of, is_true, leaves_as_it_came
from engine.message.body import BodyStream
from engine.message.codecs import soap
from engine.message.context import MessageContext

log = logging.getLogger("myelin.http")

_REQUEST_ONLY = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"authorization",
        b"cookie",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"origin",
        b"range",
        b"referer",
    }
)
"""What a client says about itself: it does not come back in an answer that the flow made of the request."""


def answer_of(
    message: MessageContext, own_id: tuple[bytes, bytes] | None = None
) -> tuple[int, RawHeaders, bytes | BodyStream]:
    """Status, headers and body of the answer; ``own_id`` is the header with the request's id."""
    status, axis2 = status_of(message), message.axis2
    if status in WITHOUT_BODY or ("NO_ENTITY_BODY" in axis2 and is_true(axis2["NO_ENTITY_BODY"])):
        message.payload.close()
        body: bytes | BodyStream = b""
        content_type = None
    elif leaves_as_it_came(message):
        body, content_type = message.payload.body(), None
    else:
        answer_addressing(message)
        body, content_type = body_of(message, is_answer=True)
    headers = headers_of(message, content_type, own_id)
    if "TransportInURL" in axis2:
        # No back end answered: these are still the request's.
        headers = [pair for pair in headers if pair[0] not in _REQUEST_ONLY]
    return status, headers, body


def status_of(message: MessageContext) -> int:
    """HTTP_SC, else 500 for a SOAP fault that the flow made, else 200."""
    status = message.axis2.get("HTTP_SC")
    if status is not None:
        try:
            code = status if type(status) is int else int(str(status))
        except ValueError:
            code = 0
        if 200 <= code <= 599:
            return code
        log.warning("%s: HTTP_SC is '%s', which is no status to answer with", message.correlation_id, status)
        return 500
    payload = message.payload
    made_here = payload.kind in ("soap11", "soap12") and payload.raw() is None and not payload.pending
    if made_here and soap.is_fault(payload.envelope()) and not is_true(message.axis2.get("FAULTS_AS_HTTP_200")):
        return 500
    return 200
