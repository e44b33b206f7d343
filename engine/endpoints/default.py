"""<endpoint><default/></endpoint>"""

from __future__ import annotations

from engine.declare.fields import element
from engine.endpoints._formatted import Formatted
from engine.errors import Fault
from engine.message.context import MessageContext


@element("default", kind="endpoint-type", category="endpoint")
class Default(Formatted):
    """Send to the address the message has: header To.

    Example::

        <endpoint><default format="soap11"/></endpoint>
    """

    def target_of(self, message: MessageContext) -> str:
        if not message.to or "://" not in message.to:
            raise Fault(
                "the message has no address to be sent to",
                detail="Name an endpoint, or set the header To to a URL before.",
            )
        return message.to
