"""Flows of one ``<payloadFactory>``, and what they make."""

from __future__ import annotations

import copy

from engine.message.codecs import xml
from engine.message.context import MessageContext
from engine.testing.harness import Harness


def factory_of(media_type: str, template: str, *args: str) -> str:
    inside = "".join(f"<arg {arg}/>" for arg in args)
    return (
        f'<payloadFactory media-type="{media_type}"><format>{template}</format><args>{inside}</args></payloadFactory>'
    )


async def message_after(steps: str, body: bytes = b"{}", content_type: str = "application/json") -> MessageContext:
    """The message after the steps."""
    harness = Harness()
    message = harness.message(body, content_type)
    assert await harness.run(steps, message) is True
    return message


def content_of(message: MessageContext) -> str:
    """The payload as XML."""
    element = message.payload.content()
    assert element is not None
    return xml.text_of(copy.deepcopy(element))
