"""<drop>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.declare.fields import element
from engine.message.context import MessageContext


@element("drop", kind="mediator", category="core")
class Drop(Mediator):
    """End the flow without an answer from it: the client gets an empty 202 (Synapse trap 41).

    Example::

        <drop/>
    """

    async def mediate(self, message: MessageContext) -> bool:
        message.to = None
        return False
