"""What call and send have in common."""

from __future__ import annotations

from engine.core.background import Acknowledged
from engine.core.env import Endpoint, env_of
from engine.core.http import AUTHENTICATE, BLOCKING, Login
from engine.core.wire import is_true
from engine.errors import ErrorCode, TransportError
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext

BLOCKING_ERROR = "blocking.sender.error"
"""Property that a blocking call leaves: "true" or "false" (Synapse's SynapseConstants.BLOCKING_SENDER_ERROR)."""

_STATUSES = range(400, 1000)
_LAST_CALL = (BLOCKING_ERROR, "last_endpoint")


def forget_last_call(message: MessageContext) -> None:
    """Remove what an earlier call or send noted about itself."""
    for name in _LAST_CALL:
        message.properties.pop(name, None)


def is_out_only(message: MessageContext) -> bool:
    """Whether the flow said, with the property OUT_ONLY, that it expects no answer."""
    return is_true(message.properties.get("OUT_ONLY"))


async def copy_of(message: MessageContext) -> MessageContext:
    """A message of its own to send. A body that is still a stream is read first, since two cannot share it."""
    await message.payload.load(env_of(message).limits.buffered_body)
    return message.clone()


async def send_in_background(endpoint: Endpoint, message: MessageContext) -> None:
    """Send a copy and do not wait; the answer is dropped, a fault is logged.

    Where no client waits but a source must know how its message ended, sending is part of the flow.
    """
    twin = await copy_of(message)
    if isinstance(message.exchange, Acknowledged):
        await send_and_forget(endpoint, twin)
        return
    name = f"out-only message {message.correlation_id}"
    env_of(message).spawn(send_and_forget(endpoint, twin), name, counts=True)


async def send_and_forget(endpoint: Endpoint, message: MessageContext) -> None:
    """Send, and give up the answer's body so that its connection is free again."""
    try:
        await endpoint.send(message)
    finally:
        message.payload.close()


async def call_blocking(endpoint: Endpoint, message: MessageContext, *, fresh_options: bool) -> None:
    """Send as Synapse's blocking sender does: what flows see of it is trap 40.

    HTTP headers and axis2 properties of the request stay, unless BLOCKING_SENDER_PRESERVE_REQ_HEADERS is "false" for
    the headers; HTTP_SC is text. Without ``fresh_options`` (initAxis2ClientOptions) the login that ``<NTLM>`` left is
    used. Raises TransportError: 401002, or the status of an answer that counts as a failure.
    """
    if not fresh_options:
        await _take_login(message)
    message.axis2[BLOCKING] = "true"
    try:
        if is_out_only(message):
            twin = await copy_of(message)
            await send_and_forget(endpoint, twin)
            status = twin.axis2.get("HTTP_SC")
        else:
            status = await _exchange(endpoint, message)
    except TransportError as fault:
        note_failure(message, fault)
        raise
    finally:
        message.axis2.pop(AUTHENTICATE, None)
        message.axis2.pop(BLOCKING, None)
    if status is not None:
        message.axis2["HTTP_SC"] = str(status)
    message.properties[BLOCKING_ERROR] = "false"


def note_failure(message: MessageContext, fault: TransportError) -> None:
    """Tell the flow, in its properties, that a blocking call has failed; the fault gets the code of such a call."""
    message.properties[BLOCKING_ERROR] = "true"
    if fault.code in _STATUSES:
        message.properties["HTTP_SC"] = message.axis2["HTTP_SC"] = fault.code
    else:
        fault.code = ErrorCode.BLOCKING_SENDER


async def _take_login(message: MessageContext) -> None:
    login = message.axis2_client.get(AUTHENTICATE)
    if isinstance(login, Login):
        # It is sent more than once.
        await message.payload.load(env_of(message).limits.buffered_body)
        message.axis2[AUTHENTICATE] = login


async def _exchange(endpoint: Endpoint, message: MessageContext) -> object:
    """Send and take the answer's payload, to be sent on in the format of the request; gives its status."""
    headers, axis2 = message.headers.copy(), dict(message.axis2)
    request_type = parse_content_type(message.message_type).media
    to, direction, resumed = message.to, message.is_response, message.resumed
    await endpoint.send(message)
    status = message.axis2.get("HTTP_SC")
    if message.properties.get("BLOCKING_SENDER_PRESERVE_REQ_HEADERS") != "false":
        message.headers = headers
    message.axis2, message.to, message.is_response, message.resumed = axis2, to, direction, resumed
    goes_out_as(message, request_type or message.payload.media)
    if request_type not in ("", message.payload.media):
        await message.payload.load(env_of(message).limits.buffered_body)
    return status


def goes_out_as(message: MessageContext, media: str) -> None:
    """Convert to this media type whatever becomes the payload, when it is sent; "" keeps what it is."""
    if media and message.headers.get("content-type") is None:
        message.set_axis2("messageType", media)
    elif media:
        message.axis2["messageType"] = media
