"""<call>"""

from __future__ import annotations

from engine.core import branches
from engine.core.env import Endpoint, env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, child, element, slot
from engine.mediators import _sending
from engine.mediators._call_payload import CallSource, CallTarget, with_payloads
from engine.message.context import MessageContext


@element("call", kind="mediator", category="core")
class Call(Mediator):
    """Call an endpoint, wait for the answer, and go on with it.

    The answer replaces payload, HTTP headers and axis2 properties (Synapse trap 37); a 4xx or 5xx is an answer too
    (trap 36). Without an endpoint the message goes to its address, header To. With the property OUT_ONLY="true" a copy
    is sent, nobody waits, and the flow goes on with the message as it is.

    ``blocking`` never blocks anything here; it keeps what flows see of it (trap 40): HTTP headers and axis2 properties
    of the request stay unless the property BLOCKING_SENDER_PRESERVE_REQ_HEADERS is "false", HTTP_SC is text, and a
    failure has the error code 401002. A 4xx or 5xx other than 400, 409 and 500 is a failure, with the status for its
    error code, unless the axis2 property non.error.http.status.codes has it.

    ``<source>`` is sent in place of the payload. ``<target>`` takes the answer; payload, HTTP headers and content type
    are then those of before the call.

    Example::

        <call><endpoint><http method="get" uri-template="https://api.example.com/orders/{uri.var.id}"/></endpoint></call>
    """

    blocking: bool = attr("Whether to behave like the blocking sender.", default=False)
    init_options: bool = attr(
        "`false`: a blocking call uses the login of `<NTLM>`.", name="initAxis2ClientOptions", default=True
    )
    source: CallSource | None = child("What to send in place of the payload.", tag="source")
    target: CallTarget | None = child("Where to put the answer.", tag="target")
    endpoint: Endpoint | None = slot("Where to send.", of="endpoint")

    def __post_init__(self) -> None:
        self.reads_body = self.source is not None or self.target is not None

    async def mediate(self, message: MessageContext) -> bool:
        if self.source is not None or self.target is not None:
            await with_payloads(message, self.source, self.target, self._call)
            return True
        recipients = (
            () if self.blocking or _sending.is_out_only(message) else self._endpoint(message).recipients(message)
        )
        if not recipients:
            await self._call(message)
            return True
        _sending.forget_last_call(message)
        await branches.call_each(message, recipients)
        return False

    def _endpoint(self, message: MessageContext) -> Endpoint:
        return self.endpoint if self.endpoint is not None else env_of(message).default_endpoint

    async def _call(self, message: MessageContext) -> None:
        endpoint = self._endpoint(message)
        _sending.forget_last_call(message)
        if self.blocking:
            await _sending.call_blocking(endpoint, message, fresh_options=self.init_options)
        elif _sending.is_out_only(message):
            await _sending.send_in_background(endpoint, message)
        else:
            # A call does not turn the message around: the in sequence goes on (SynapseCallbackReceiver).
            direction = message.is_response
            await endpoint.send(message)
            message.is_response = direction
