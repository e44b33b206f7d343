"""<endpoint><default/></endpoint>"""

from __future__ import annotations

from engine.declare.fields import element
from engine.endpoints._formatted import Formatted
from engine.endpoints._ws_addressing import take_address
from engine.errors import Fault
from engine.message.context import MessageContext


@element("default", kind="endpoint-type", category="endpoint")
class Default(Formatted):
    """Send to the address the message has: header To, or else the WS-Addressing header To of a SOAP message.

    Whoever can send such a SOAP message to a flow that sets no address chooses where the engine sends it, among the
    ``client_targets`` in ``myelin.yaml``: at first this machine, and nothing once others can reach the engine. A To
    that the flow sets may be any URL, or begin with ``vfs:`` and be a file: let no client choose it whole.

    Example::

        <endpoint><default format="soap11"/></endpoint>
    """

    beyond_http = True

    async def send(self, message: MessageContext) -> None:
        if not _is_url(message.to):
            await take_address(message)
        await super().send(message)

    def target_of(self, message: MessageContext) -> str:
        if message.to is None or not _is_url(message.to):
            raise Fault(
                "the message has no address to be sent to",
                detail="Name an endpoint, or set the header To to a URL before.",
            )
        return message.to


def _is_url(address: str | None) -> bool:
    """Until somebody sets it, the address of a request is its path."""
    return address is not None and "://" in address and not address.startswith("/")
