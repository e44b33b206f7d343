"""<store>"""

from __future__ import annotations

from engine.core.background import Detached
from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators._sending import copy_of
from engine.message.context import MessageContext


@element("store", kind="mediator", category="core")
class Store(Mediator):
    """Put a copy of the message into a message store, and go on.

    The sequence runs on the message itself before it is stored. A flow that only stores answers 202.

    Example::

        <store messageStore="orders"/>
    """

    store: Value = attr("Name of the store; `{expression}` chooses it.", name="messageStore", refers="message-store")
    sequence: str | None = attr("Sequence that runs before.", default=None, refers="sequence")

    async def mediate(self, message: MessageContext) -> bool:
        env = env_of(message)
        name = self.store.text(message)
        if not name:
            raise Fault(f"the message store '{self.store.source}' gives no name")
        queue = env.message_store(name).queue(env)
        if self.sequence is not None:
            await env.sequence(self.sequence).mediate(message)
        twin = await copy_of(message)
        twin.exchange = Detached(message.exchange.path)
        await queue.put(twin)
        return True
