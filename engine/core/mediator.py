"""The one contract of every step."""

from __future__ import annotations

from abc import abstractmethod

from engine.declare.spec import Node
from engine.message.context import MessageContext


class Mediator(Node):
    """A step of a flow."""

    @abstractmethod
    async def mediate(self, message: MessageContext) -> bool:
        """Work on the message. False ends the flow here, as respond, send and drop do; a Fault goes to its handler."""
