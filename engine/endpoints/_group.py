"""What endpoints with several children share: trying one after the other with the message as it was."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.env import env_of
from engine.endpoints._kind import Child
from engine.errors import TransportError
from engine.message.context import MessageContext

_ERROR_PROPERTIES = ("ERROR_CODE", "ERROR_MESSAGE", "ERROR_DETAIL", "ERROR_EXCEPTION")


async def send_to_first(message: MessageContext, children: Iterable[Child], none_ready: TransportError) -> Child:
    """Send to one after the other until one answers; gives that one.

    A child that failed is not asked twice for one message, also when its settings never suspend it; the reference
    would ask it for ever. Raises the error of the last child, or ``none_ready`` when ``children`` gives none at all
    (the reference's LAST_ENDPOINT rule); an error that may not be tried elsewhere, or that the child's own
    ``onError`` takes, ends the tries.
    """
    # A body that is still a stream can be sent once only.
    await message.payload.load(env_of(message).limits.buffered_body)
    before = message.payload, message.headers, message.axis2, message.to, message.is_response
    for name in _ERROR_PROPERTIES:
        message.properties.pop(name, None)
    error = none_ready
    for child in children:
        message.payload, message.headers, message.axis2, message.to, message.is_response = before
        try:
            await child.send(message)
        except TransportError as failure:
            if failure.on_error is not None:
                raise
            if not failure.elsewhere:
                failure.elsewhere = True  # an endpoint further out may try its other children
                raise
            failure.let_go()
            error = failure
        else:
            return child
    raise error
