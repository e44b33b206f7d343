"""<respond>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.declare.fields import element
from engine.mediators._direction import turn_back
from engine.message.context import MessageContext


@element("respond", kind="mediator", category="core")
class Respond(Mediator):
    """Send the message to the client as the answer, and end the flow.

    A second answer to one request is refused, with a warning in the log (Synapse traps 41 and 44).

    Example::

        <respond/>
    """

    async def mediate(self, message: MessageContext) -> bool:
        turn_back(message)
        await message.exchange.answer(message)
        return False
