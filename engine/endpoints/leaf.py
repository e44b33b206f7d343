"""What http, address, wsdl and default endpoints have in common: suspension, and the exchange with the back end."""

from __future__ import annotations

from collections.abc import Awaitable

from engine.core import rabbitmq, vfs
from engine.core.env import env_of
from engine.core.http import BLOCKING, HttpRequest, HttpResponse
from engine.core.last_hop import drop_addressing
from engine.core.wire import is_true, leaves_as_it_came, packaging_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import child, child_text, element
from engine.endpoints import _local, outgoing
from engine.endpoints._kind import Kind, Place
from engine.endpoints._settings import (
    EnableAddressing,
    EnableRM,
    EnableSec,
    MarkForSuspension,
    RetryConfig,
    SuspendOnFailure,
    Timeout,
    codes,
)
from engine.endpoints._states import states_of
from engine.endpoints.suspension import DEFAULT_MARKED, DEFAULT_SUSPENSION, Suspension, SuspensionPolicy
from engine.errors import ErrorCode, TransportError
from engine.message.codecs import soap
from engine.message.context import MessageContext


@element("leaf")
class Leaf(Kind):
    """An endpoint that sends."""

    SUSPENDED = ErrorCode.ENDPOINT_SUSPENDED
    beyond_http = False
    """Whether its address may be that of a file or a proxy: not where a client's word can be the whole of it."""

    timeout: Timeout | None = child("How long to wait.", tag="timeout")
    suspend: SuspendOnFailure | None = child("When to rest.", tag="suspendOnFailure")
    mark: MarkForSuspension | None = child("What is forgiven.", tag="markForSuspension")
    retry: RetryConfig | None = child("What may be tried elsewhere.", tag="retryConfig")
    old_suspend: int | None = child_text("Seconds to rest (old form).", tag="suspendDurationOnFailure")
    addressing: EnableAddressing | None = child("Send WS-Addressing headers.", tag="enableAddressing")
    security: EnableSec | None = child("Not supported.", tag="enableSec")
    reliable: EnableRM | None = child("Not supported.", tag="enableRM")
    _suspension: Suspension | None = None

    def attach(self, place: Place) -> None:
        if place.session is not None:
            raise Unacceptable("<session> needs a <loadbalance>.", code="requires")
        super().attach(place)
        self._policy = self._suspension_policy()

    @property
    def state(self) -> str:
        return self._suspension.state if self._suspension is not None else "ACTIVE"

    def ready(self, message: MessageContext) -> bool:
        return (self._suspension or self._bound(message)).ready

    async def send(self, message: MessageContext) -> None:
        suspension = self._suspension or self._bound(message)
        if suspension.state != "ACTIVE" and not suspension.ready:
            rests = f"endpoint {suspension.name} failed, and rests for another {suspension.waits:.0f} s"
            raise TransportError(rests, code=self.SUSPENDED)
        accepted = message.axis2.get("FORCE_SC_ACCEPTED")
        if accepted is not None and is_true(accepted):
            await _accept(message)
        try:
            await self.deliver(message)
        except TransportError as error:
            if error.code != ErrorCode.OAUTH:  # a token server that fails says nothing of this endpoint
                suspension.failed(error.code)
            error.endpoint = suspension.name
            error.elsewhere = self.retry is None or self.retry.allows(error.code)
            raise
        if suspension.state != "ACTIVE":
            suspension.succeeded()

    async def deliver(self, message: MessageContext) -> None:
        """Send, and take the answer into the message. Raises TransportError for what is the back end's failure."""
        url = self.address_for(message)
        wait = self.timeout.seconds(message) if self.timeout is not None else None
        imposed = self.format_for(message)
        if self.beyond_http and url.startswith((vfs.SCHEME, rabbitmq.SCHEME)):
            await (vfs if url.startswith(vfs.SCHEME) else rabbitmq).send(message, url, imposed)
            return
        if imposed is not None or not leaves_as_it_came(message):
            if message.payload.pending and (imposed is not None or packaging_of(message) is not None):
                await message.payload.load(env_of(message).limits.buffered_body)
            if self.addressing is None:
                drop_addressing(message)
        request = outgoing.request_of(message, self.method_for(message), url, imposed, wait)
        answer = await self.ask(message, request)
        if BLOCKING in message.axis2:
            outgoing.refuse(message, answer)
        outgoing.receive(message, answer, self.place.name)
        if "FORCE_ERROR_ON_SOAP_FAULT" in message.properties and is_true(
            message.properties["FORCE_ERROR_ON_SOAP_FAULT"]
        ):
            await _refuse_soap_fault(message)

    def ask(self, message: MessageContext, request: HttpRequest) -> Awaitable[HttpResponse]:
        """Send the request. Raises TransportError."""
        if self.beyond_http and request.url.startswith(_local.SCHEME):
            return _local.call(message, request)
        return env_of(message).http.send(request)

    def address_for(self, message: MessageContext) -> str:
        """The URL to call. Raises Fault when there is none."""
        raise NotImplementedError

    def method_for(self, message: MessageContext) -> str:
        """HTTP_METHOD of the message, else POST (Synapse trap 39)."""
        return str(message.axis2.get("HTTP_METHOD") or "POST").upper()

    def format_for(self, message: MessageContext) -> str | None:
        """The content type this endpoint imposes, or None."""
        return None

    def _bound(self, message: MessageContext) -> Suspension:
        """The state under this endpoint's name, also when an earlier deployment made it."""
        self._suspension = states_of(env_of(message)).of(self.place.name, self._policy)
        return self._suspension

    def _suspension_policy(self) -> SuspensionPolicy:
        """Raises Unacceptable for error codes that are no numbers."""
        mark, suspend = self.mark, self.suspend
        initial = suspend.initial if suspend is not None else None
        return SuspensionPolicy(
            suspend_codes=codes(suspend.codes) if suspend is not None else frozenset(),
            initial=self.old_suspend or (initial if initial is not None else DEFAULT_SUSPENSION),
            factor=suspend.factor if suspend is not None else 1.0,
            maximum=suspend.maximum if suspend is not None and suspend.maximum else float("inf"),
            mark_codes=(codes(mark.codes) if mark is not None else frozenset()) or DEFAULT_MARKED,
            retries=mark.retries if mark is not None else 0,
            retry_delay=mark.delay if mark is not None else 0.0,
        )


async def _refuse_soap_fault(message: MessageContext) -> None:
    """A SOAP fault counts as a failure of the back end (Synapse trap 36). Raises TransportError 500000."""
    await message.payload.load(env_of(message).limits.buffered_body)
    if message.payload.kind in ("soap11", "soap12") and soap.is_fault(message.payload.envelope()):
        raise TransportError("the back end answered with a SOAP fault", code=ErrorCode.SOAP_FAULT)


async def _accept(message: MessageContext) -> None:
    """FORCE_SC_ACCEPTED: the client gets its 202 before the back end is called (Synapse trap 41)."""
    if message.exchange.answered:
        return  # another child of a failover endpoint was tried before
    # Once the client has its answer, no more of its request is read.
    await message.payload.load(env_of(message).limits.buffered_body)
    env_of(message).detach()
    await message.exchange.accept()
