"""<call>"""

from __future__ import annotations

from engine.core.env import Endpoint, env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, element, slot
from engine.errors import ErrorCode, TransportError
from engine.mediators import _sending
from engine.message.context import MessageContext


@element("call", kind="mediator", category="core")
class Call(Mediator):
    """Call an endpoint, wait for the answer, and go on with it.

    The answer replaces payload, HTTP headers and axis2 properties (Synapse trap 37); a 4xx or 5xx is an answer too
    (trap 36). Without an endpoint the message goes to its address, header To. With the property OUT_ONLY="true" a copy
    is sent, nobody waits, and the flow goes on with the message as it is.

    ``blocking`` never blocks anything here; it keeps what flows see of it (trap 40): HTTP headers and axis2 properties
    of the request stay unless the property BLOCKING_SENDER_PRESERVE_REQ_HEADERS is "false", HTTP_SC is text, and a
    failure has the error code 401002.

    Example::

        <call><endpoint><http method="get" uri-template="https://api.example.com/orders/{uri.var.id}"/></endpoint></call>
    """

    blocking: bool = attr("Whether to behave like the blocking sender.", default=False)
    init_options: bool = attr("Axis2 option, without a meaning here.", name="initAxis2ClientOptions", default=True)
    endpoint: Endpoint | None = slot("Where to send.", of="endpoint")

    async def mediate(self, message: MessageContext) -> bool:
        endpoint = self.endpoint if self.endpoint is not None else env_of(message).default_endpoint
        _sending.forget_last_call(message)
        if self.blocking:
            await _call_blocking(endpoint, message)
        elif _sending.is_out_only(message):
            await _sending.send_in_background(endpoint, message)
        else:
            # A call does not turn the message around: the in sequence goes on (SynapseCallbackReceiver).
            direction = message.is_response
            await endpoint.send(message)
            message.is_response = direction
        return True


async def _call_blocking(endpoint: Endpoint, message: MessageContext) -> None:
    try:
        if _sending.is_out_only(message):
            twin = await _sending.copy_of(message)
            await _sending.send_and_forget(endpoint, twin)
            status = twin.axis2.get("HTTP_SC")
        else:
            status = await _exchange(endpoint, message)
    except TransportError as fault:
        message.properties[_sending.BLOCKING_ERROR] = "true"
        fault.code = ErrorCode.BLOCKING_SENDER
        raise
    message.axis2["HTTP_SC"] = str(status)
    message.properties[_sending.BLOCKING_ERROR] = "false"


async def _exchange(endpoint: Endpoint, message: MessageContext) -> object:
    """Send and take the answer's payload; gives its status."""
    headers, axis2 = message.headers.copy(), dict(message.axis2)
    to, direction = message.to, message.is_response
    await endpoint.send(message)
    status = message.axis2.get("HTTP_SC")
    if message.properties.get("BLOCKING_SENDER_PRESERVE_REQ_HEADERS") != "false":
        message.headers = headers
    message.axis2, message.to, message.is_response = axis2, to, direction
    return status
