"""<send>"""

from __future__ import annotations

from engine.core import branches
from engine.core.env import Endpoint, env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, element, slot
from engine.expressions.dynamic import Value
from engine.mediators import _sending
from engine.mediators._direction import is_response, turn_back
from engine.message.context import MessageContext


@element("send", kind="mediator", category="core")
class Send(Mediator):
    """Send the message; its answer goes to the out sequence, or to the sequence ``receive``.

    Nothing after it in the list runs (Synapse trap 30). Without an endpoint, a response goes to the client, also one
    that the property RESPONSE="true" made a response; a request goes to its address, header To (trap 44), and to the
    client when it has none: after ``<makefault>``, or ``<header name="To" action="remove"/>``. With the property
    OUT_ONLY="true" nobody waits for an answer.

    Example::

        <send><endpoint><address uri="http://127.0.0.1:9000/services/Quotes"/></endpoint></send>
    """

    receive: Value | None = attr(
        "Sequence that takes the answer; `{expression}` chooses it.", default=None, refers="sequence"
    )
    build_message: bool = attr("Whether to read the whole body first.", name="buildmessage", default=False)
    endpoint: Endpoint | None = slot("Where to send.", of="endpoint")

    async def mediate(self, message: MessageContext) -> bool:
        if self.build_message:
            await message.payload.load(env_of(message).limits.buffered_body)
        _sending.forget_last_call(message)
        # PassThroughHttpSender submits what has no address as the response.
        if self.endpoint is None and (message.to is None or is_response(message)):
            turn_back(message)
            await message.exchange.answer(message)
            return False
        await self._send_on(message)
        return False

    async def _send_on(self, message: MessageContext) -> None:
        endpoint = self.endpoint if self.endpoint is not None else env_of(message).default_endpoint
        if _sending.is_out_only(message):
            await _sending.send_in_background(endpoint, message)
            return
        receive = self.receive.text(message) if self.receive is not None else None
        await branches.send_on(message, endpoint, receive)
