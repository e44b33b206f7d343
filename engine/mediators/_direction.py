"""Which way a message travels: to a back end, or back to the client."""

from __future__ import annotations

from engine.message.context import MessageContext


def is_response(message: MessageContext) -> bool:
    """Whether the message is on its way back. A text property RESPONSE overrules what the engine knows.

    Source: Synapse's Axis2MessageContext.isResponse, and trap 44.
    """
    marked = message.properties.get("RESPONSE")
    return marked.lower() == "true" if isinstance(marked, str) else message.is_response


def turn_back(message: MessageContext) -> None:
    """Make the message a response: the next hop is the client."""
    message.is_response = True
    message.to = None
