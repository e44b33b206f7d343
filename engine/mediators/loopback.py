"""<loopback>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.declare.fields import element
from engine.mediators._direction import is_response, turn_back
from engine.message.context import MessageContext


@element("loopback", kind="mediator", category="core")
class Loopback(Mediator):
    """End the in sequence and go on with the out sequence, with the message as it is.

    In a response it ends the flow, and nothing else (Synapse trap 44).

    Example::

        <loopback/>
    """

    async def mediate(self, message: MessageContext) -> bool:
        if not is_response(message):
            turn_back(message)
            message.continues = True
        return False
