"""What http, address and default endpoints have in common: timeout, suspension, and the exchange with the back end."""

from __future__ import annotations

from typing import Literal

from engine.core.env import env_of
from engine.core.wire import is_true
from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import child, child_text, element
from engine.declare.spec import Node
from engine.endpoints import outgoing
from engine.endpoints.suspension import DEFAULT_SUSPENSION, Suspension, SuspensionPolicy
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.codecs import soap
from engine.message.context import MessageContext


@element("timeout")
class Timeout(Node):
    """How long to wait for the answer."""

    duration: Duration | None = child_text("Milliseconds until the answer must have begun.", tag="duration")
    response_action: Literal["fault", "discard", "never"] = child_text(
        "What a timeout does; a discarded answer is a fault too, since every request is answered.",
        tag="responseAction",
        default="fault",
    )


@element("suspendOnFailure")
class SuspendOnFailure(Node):
    """Which errors make the endpoint rest, and for how long."""

    codes: str = child_text("Error codes, separated by commas; -1 = none.", tag="errorCodes", default="")
    initial: Duration | None = child_text("First rest, in milliseconds.", tag="initialDuration")
    factor: float = child_text("By how much each further rest grows.", tag="progressionFactor", default=1.0)
    maximum: Duration | None = child_text("Longest rest, in milliseconds.", tag="maximumDuration")


@element("markForSuspension")
class MarkForSuspension(Node):
    """Errors that are forgiven a few times."""

    codes: str = child_text("Error codes, separated by commas.", tag="errorCodes", default="")
    retries: int = child_text("How many are forgiven.", tag="retriesBeforeSuspension", default=0)
    delay: Duration = child_text("Rest after each, in milliseconds.", tag="retryDelay", default=Duration(0.0))


@element("retryConfig")
class RetryConfig(Node):
    """Which errors a failover endpoint may try elsewhere. One endpoint alone has no elsewhere."""

    enabled: str = child_text("Only these.", tag="enabledErrorCodes", default="")
    disabled: str = child_text("All but these.", tag="disabledErrorCodes", default="")


@element("leaf", open_content=True)
class Leaf(Node):
    """An endpoint that sends."""

    timeout: Timeout | None = child("How long to wait.", tag="timeout")
    suspend: SuspendOnFailure | None = child("When to rest.", tag="suspendOnFailure")
    mark: MarkForSuspension | None = child("What is forgiven.", tag="markForSuspension")
    retry: RetryConfig | None = child("What may be tried elsewhere.", tag="retryConfig")
    old_suspend: int | None = child_text("Seconds to rest (old form).", tag="suspendDurationOnFailure")

    def address_for(self, message: MessageContext) -> str:
        """The URL to call. Raises Fault when there is none."""
        raise NotImplementedError

    def method_for(self, message: MessageContext) -> str:
        """HTTP_METHOD of the message, else POST (Synapse trap 39)."""
        return str(message.axis2.get("HTTP_METHOD") or "POST").upper()

    def format_for(self, message: MessageContext) -> str | None:
        """The content type this endpoint imposes, or None."""
        return None

    def suspension(self, name: str) -> Suspension:
        """A fresh state for this endpoint. Raises Unacceptable for error codes that are no numbers."""
        mark, suspend = self.mark, self.suspend
        initial = suspend.initial if suspend is not None else None
        policy = SuspensionPolicy(
            suspend_codes=_codes(suspend.codes) if suspend is not None else frozenset(),
            initial=self.old_suspend or (initial if initial is not None else DEFAULT_SUSPENSION),
            factor=suspend.factor if suspend is not None else 1.0,
            maximum=suspend.maximum if suspend is not None and suspend.maximum else float("inf"),
            mark_codes=_codes(mark.codes) if mark is not None else frozenset(),
            retries=mark.retries if mark is not None else 0,
            retry_delay=mark.delay if mark is not None else 0.0,
        )
        return Suspension(name, policy)

    async def send(self, message: MessageContext, suspension: Suspension) -> None:
        """Send the message; it becomes the answer. Raises TransportError."""
        if not suspension.ready:
            raise TransportError(f"endpoint {suspension.name} is suspended", code=ErrorCode.ENDPOINT_SUSPENDED)
        if is_true(message.axis2.get("FORCE_SC_ACCEPTED")):
            await _accept(message)
        url = self.address_for(message)
        wait = self.timeout.duration if self.timeout is not None else None
        imposed = self.format_for(message)
        if imposed is not None and message.payload.pending:
            await message.payload.load(env_of(message).limits.buffered_body)
        request = outgoing.request_of(message, self.method_for(message), url, imposed, wait)
        try:
            response = await env_of(message).http.send(request)
        except TransportError as error:
            suspension.failed(error.code)
            raise
        suspension.succeeded()
        outgoing.receive(message, response)
        if is_true(message.properties.get("FORCE_ERROR_ON_SOAP_FAULT")):
            await _refuse_soap_fault(message)


async def _refuse_soap_fault(message: MessageContext) -> None:
    """A SOAP fault counts as a failure of the call (Synapse trap 36). Raises Fault 500000."""
    await message.payload.load(env_of(message).limits.buffered_body)
    if message.payload.kind in ("soap11", "soap12") and soap.is_fault(message.payload.envelope()):
        raise Fault("the back end answered with a SOAP fault", code=ErrorCode.SOAP_FAULT, status=502)


async def _accept(message: MessageContext) -> None:
    """FORCE_SC_ACCEPTED: the client gets its 202 before the back end is called (Synapse trap 41)."""
    # Once the client has its answer, no more of its request is read.
    await message.payload.load(env_of(message).limits.buffered_body)
    await message.exchange.accept()


def _codes(text: str) -> frozenset[int]:
    try:
        return frozenset(int(code) for code in text.replace(",", " ").split())
    except ValueError:
        raise Unacceptable(f"'{text}' is not a list of error codes.", code="bad-value") from None
