"""<target> of clone and iterate: where a branch goes."""

from __future__ import annotations

from engine.core import branches
from engine.core.env import Endpoint, env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.fields import attr, body, element, slot
from engine.declare.spec import Node
from engine.message.context import MessageContext


@element("target")
class Target(Node):
    """What a branch does: mediators written in place, a named sequence, or an endpoint; the first of them counts."""

    sequence: str | None = attr("Sequence to run.", default=None, refers="sequence", unless="sequence")
    endpoint_key: str | None = attr("Endpoint to send to.", name="endpoint", default=None, refers="endpoint")
    to: str | None = attr("Address to set first (header To).", default=None)
    soap_action: str | None = attr("SOAPAction to set first.", name="soapAction", default=None)
    steps: tuple[Mediator, ...] | None = body("Mediators to run.", tag="sequence")
    endpoint: Endpoint | None = slot("Endpoint to send to.", of="endpoint")

    async def mediate(self, message: MessageContext) -> bool:
        if self.soap_action is not None:
            message.headers.set("SOAPAction", f'"{self.soap_action}"')
        if self.to is not None:
            message.to = self.to
        if self.steps is not None:
            return await run(self.steps, message)
        if self.sequence is not None:
            return await env_of(message).sequence(self.sequence).mediate(message)
        return await self._send(message)

    async def _send(self, message: MessageContext) -> bool:
        """As ``send`` does: the answer goes to the out sequence."""
        endpoint = self.endpoint
        if endpoint is None and self.endpoint_key is not None:
            endpoint = env_of(message).endpoint(self.endpoint_key)
        if endpoint is None:
            return True
        await branches.send_on(message, endpoint)
        return False
