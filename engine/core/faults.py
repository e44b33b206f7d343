"""What happens when a message cannot go on: fault handlers, error properties, and the answer of last resort."""

from __future__ import annotations

import html
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lxml import etree

from engine.core.env import env_of
from engine.core.frames import OnError, handlers
from engine.core.redaction import SECRETS
from engine.errors import ErrorCode, Fault, Overloaded
from engine.expressions.values import xml_safe
from engine.message.codecs import soap
from engine.message.context import MessageContext
from engine.message.payload import Payload

log = logging.getLogger("myelin.flow")

DEFAULT_SEQUENCE = "fault"

Handler = Callable[[MessageContext], Awaitable[object]]


class LeftToTheEngine(Fault):
    """What the built-in sequence ``fault`` raises: the fault it was given is one that nobody takes."""


class BuiltInFaultSequence:
    """The sequence ``fault`` of flows that have none: it is always there, and projects name it without having it.

    Source: SynapseConfigUtils.setDefaultFaultSequence; the reference's own one logs and drops.
    """

    async def mediate(self, message: MessageContext) -> bool:
        raise LeftToTheEngine("a fault was given to the sequence 'fault', which these flows do not have")


def set_error_properties(message: MessageContext, fault: Fault) -> None:
    """What the fault sequence finds (Synapse trap 42).

    A fault that has a code of its own (back ends, ``throwError``, templates) overwrites what an earlier one left; any
    other has code 0, and leaves the properties of a message that has an ERROR_CODE as they are (FaultHandler.java).
    """
    error = {
        "ERROR_CODE": fault.code,
        "ERROR_MESSAGE": SECRETS.masked(fault.message.split("\n", 1)[0]),
        "ERROR_DETAIL": SECRETS.masked(fault.detail or fault.at()),
        "ERROR_EXCEPTION": type(fault).__name__,
    }
    keeps = fault.code == ErrorCode.DEFAULT and "ERROR_CODE" in message.properties
    message.properties.update(error | message.properties if keeps else error)


def as_fault(message: MessageContext, error: Exception) -> Fault:
    """The error itself if it is a Fault; any other is an error of ours, and leaves its traceback in the log."""
    if isinstance(error, Fault):
        return error
    log.error("%s: unexpected error", message.correlation_id, exc_info=error)
    return Fault(f"unexpected {type(error).__name__}")


async def handle(message: MessageContext, fault: Fault, handler: Handler | None) -> None:
    """Run a fault handler. It ends the flow and never resumes it; what it raises goes to the next outer handler.

    A fault with an ``on_error`` of its own goes there first, and only what that raises to ``handler``; None raises it.
    """
    if fault.on_error is not None:
        name, fault.on_error = fault.on_error, None
        try:
            await handle(message, fault, env_of(message).sequence(name).mediate)
        except Fault as second:
            await handle(message, second, handler)
        return
    if handler is None:
        raise fault
    set_error_properties(message, fault)
    log.warning("%s: %s (handled) at %s", message.correlation_id, fault.message, fault.at())
    frames, message.frames = message.frames, handlers(message.frames)
    try:
        await handler(message)
    except LeftToTheEngine:
        raise fault from None
    finally:
        message.frames = frames
        fault.let_go()


def with_handler(message: MessageContext, on_error: str | None, work: Awaitable[bool]) -> Awaitable[bool]:
    """``work``, and for its faults the sequence named ``on_error``, after which the whole flow is over: False."""
    return work if on_error is None else _handled(message, on_error, work)


async def _handled(message: MessageContext, on_error: str, work: Awaitable[bool]) -> bool:
    frames = message.frames
    frames.append(OnError(on_error))
    try:
        return await work
    except Fault as fault:
        raised = fault
    finally:
        frames.pop()
    await handle(message, raised, env_of(message).sequence(on_error).mediate)
    return False


async def answer_unhandled(message: MessageContext, fault: Fault) -> None:
    """The one answer of a flow whose fault nobody took: 400 to 504 with a JSON or SOAP fault, logged once.

    A deliberate difference from Synapse, which answers an empty 202 (trap 41);
    ``compatibility.unhandled_fault_202`` restores that.
    """
    log_unhandled(message, fault)
    await answer_fault(message, fault)


def log_unhandled(message: MessageContext, fault: Fault) -> None:
    """Say what has happened. The fault is kept for the answer, and goes to no handler any more."""
    log.error("%s: %s at %s", message.correlation_id, fault.message, fault.at())
    fault.let_go()


async def answer_fault(message: MessageContext, fault: Fault) -> None:
    """Answer the client with the fault, unless it has its answer."""
    if message.exchange.answered:
        return
    if env_of(message).unhandled_fault_202:
        await message.exchange.accept()
        return
    fill_fault(message, fault)
    await message.exchange.answer(message)


def clear(message: MessageContext, status: object) -> None:
    """Turn the message into an answer without body and headers."""
    message.payload.close()
    message.payload = Payload()
    message.payload.clear()
    message.headers.clear()
    message.axis2 = {"HTTP_SC": status}


def fill_fault(message: MessageContext, fault: Fault) -> None:
    """Turn the message into the answer that describes the fault: SOAP to SOAP clients, JSON to all others."""
    version = message.payload.kind
    message.payload.close()
    message.headers.clear()
    if version == "soap11" or version == "soap12":
        _soap_fault(message, fault, version)
    else:
        message.payload = Payload()
        error = {"code": fault.code, "message": SECRETS.masked(fault.message), "correlationId": message.correlation_id}
        message.payload.set_json({"error": error | _masked(fault.details)})
        content_type = "application/json"
        message.axis2 = {"HTTP_SC": fault.status, "messageType": content_type, "ContentType": content_type}
    message.headers.set("activityid", message.correlation_id)
    if isinstance(fault, Overloaded):
        message.headers.set("Retry-After", str(fault.retry_after))


def _masked(value: Any) -> Any:
    """JSON without secrets in its texts."""
    if isinstance(value, str):
        return SECRETS.masked(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, (list, tuple)) else value


def _soap_fault(message: MessageContext, fault: Fault, version: soap.Version) -> None:
    namespace = soap.NAMESPACES[version]
    reason = html.escape(xml_safe(SECRETS.masked(fault.message)))
    if version == "soap11":
        sender = "Client" if fault.status < 500 else "Server"
        inner = f"<faultcode>soapenv:{sender}</faultcode><faultstring>{reason}</faultstring>"
        content_type = "text/xml"
    else:
        sender = "Sender" if fault.status < 500 else "Receiver"
        inner = (
            f"<soapenv:Code><soapenv:Value>soapenv:{sender}</soapenv:Value></soapenv:Code>"
            f'<soapenv:Reason><soapenv:Text xml:lang="en">{reason}</soapenv:Text></soapenv:Reason>'
        )
        content_type = "application/soap+xml"
    text = f'<soapenv:Fault xmlns:soapenv="{namespace}">{inner}</soapenv:Fault>'
    message.payload = Payload()
    message.payload.set_envelope(soap.wrap(etree.fromstring(text), version))
    message.axis2 = {"HTTP_SC": fault.status, "messageType": content_type, "ContentType": content_type}
