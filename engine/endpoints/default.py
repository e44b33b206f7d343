"""<endpoint><default/></endpoint>"""

from __future__ import annotations

from engine.declare.fields import attr, element
from engine.endpoints import addressing
from engine.endpoints.leaf import Leaf
from engine.errors import Fault
from engine.message.context import MessageContext


@element("default", kind="endpoint-type", category="endpoint")
class Default(Leaf):
    """Send to the address the message has: header To.

    Example::

        <endpoint><default format="soap11"/></endpoint>
    """

    format: addressing.Format | None = attr("Format of the payload.", default=None)
    encoding: str | None = attr("Character encoding.", default=None)

    def address_for(self, message: MessageContext) -> str:
        if not message.to or "://" not in message.to:
            raise Fault(
                "the message has no address to be sent to",
                detail="Name an endpoint, or set the header To to a URL before.",
            )
        return addressing.with_postfix(message.to, message)

    def format_for(self, message: MessageContext) -> str | None:
        return addressing.content_type(self.format)
