"""<eventPublisher>"""

from __future__ import annotations

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.message.context import MessageContext


@element("eventPublisher", kind="mediator", category="core")
class EventPublisher(Mediator):
    """Publish the message as an event, and go on: each subscriber of its topic gets a copy.

    Example::

        <eventPublisher eventSourceName="quotes"/>
    """

    source: str = attr("Name of the event source.", name="eventSourceName", refers="event-source")

    async def mediate(self, message: MessageContext) -> bool:
        await env_of(message).event_source(self.source).publish(message)
        return True
