"""<messageProcessor>"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import ClassVar

from engine.artifacts._schedule import Schedule, check_cron
from engine.artifacts.message_store import StoreParameter
from engine.core import faults
from engine.core.artifact import require_name
from engine.core.background import Active
from engine.core.env import Environment, MessageQueue, env_of
from engine.core.wire import is_true
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element
from engine.errors import Fault, Overloaded
from engine.message.context import MessageContext
from engine.message.ending import Ending

log = logging.getLogger("myelin.background")

_FORWARDING, _SAMPLING = "ScheduledMessageForwardingProcessor", "SamplingProcessor"
_REPLY, _FAULT = "message.processor.reply.sequence", "message.processor.fault.sequence"
_DEACTIVATE, _FAILED = "message.processor.deactivate.sequence", "message.processor.failMessagesStore"
_MIN_INTERVAL = 0.001


@element("messageProcessor", kind="artifact", category="artifact")
class MessageProcessor(Active):
    """Work on the messages of a message store, one after the other.

    The ScheduledMessageForwardingProcessor sends each to ``targetEndpoint``; an answer with 2xx, or a status of
    ``non.retry.status.codes``, takes it out of the store. Other answers and faults are tried again, after
    ``client.retry.interval`` ms, ``max.delivery.attempts`` times (4; -1 for ever); then it goes to the store
    ``message.processor.failMessagesStore``, or is dropped when ``max.delivery.drop`` is ``Enabled``, or stops the
    processor. The answer goes to ``message.processor.reply.sequence``, a failure to
    ``message.processor.fault.sequence``. The SamplingProcessor hands ``concurrency`` messages to ``sequence`` every
    ``interval`` ms. ``cronExpression`` in place of ``interval``, ``is.active`` and ``throttle`` do what they say. With
    several workers, each process has a store and a processor of its own.

    Example::

        <messageProcessor name="sender" messageStore="orders" targetEndpoint="shop"
            class="org.apache.synapse.message.processor.impl.forwarder.ScheduledMessageForwardingProcessor">
          <parameter name="client.retry.interval">1000</parameter>
        </messageProcessor>
    """

    kind: ClassVar[str] = "message-processor"

    name: str = attr("Name of the processor.")
    class_: str = attr("Java class: that of the forwarding or of the sampling processor.")
    store: str = attr("Store that it works on.", name="messageStore", refers="message-store")
    target: str | None = attr(
        "Endpoint that a forwarding processor sends to.", name="targetEndpoint", default=None, refers="endpoint"
    )
    parameters: tuple[StoreParameter, ...] = children("Settings.", tag="parameter")

    def __post_init__(self) -> None:
        require_name("message processor", self.name)
        self._settings = {each.name: each.value.strip() for each in self.parameters}
        self._kind = self.class_.rpartition(".")[2]
        if self._kind not in (_FORWARDING, _SAMPLING):
            raise Unacceptable(
                f"the processor '{self._kind}' is a Java class, and there is no JVM here.",
                code="unsupported",
                hint=f"Use {_FORWARDING} or {_SAMPLING}.",
            )
        if self._kind == _SAMPLING and not self._settings.get("sequence"):
            raise Unacceptable("the SamplingProcessor needs the parameter 'sequence'.", code="missing-element")
        cron = self._settings.get("cronExpression", "")
        if cron:
            check_cron(cron)
        self._schedule = Schedule(max(self._number("interval", 1000) / 1000, _MIN_INTERVAL), cron)
        self._retry = max(self._number("client.retry.interval", 1000) / 1000, _MIN_INTERVAL)
        self._attempts = self._number("max.delivery.attempts", 4)
        self._dropped = frozenset(self._settings.get("non.retry.status.codes", "").replace(",", " ").split())
        self._concurrency = max(1, self._number("concurrency", 1))

    def _number(self, name: str, default: int) -> int:
        text = self._settings.get(name) or str(default)
        try:
            return int(text)
        except ValueError:
            raise Unacceptable(f"the parameter '{name}' is '{text}', which is no whole number.") from None

    async def run(self, current: Callable[[], Environment]) -> None:
        if self._settings.get("is.active", "true").lower() == "false":
            return
        queue = self._queue(current())
        goes_on = True
        while goes_on:
            await queue.first(current())
            if self._kind == _SAMPLING:
                await self._sample(queue, current())
                await self._schedule.next()
            else:
                goes_on = await self._forward(queue, current)

    def _queue(self, env: Environment) -> MessageQueue:
        return env.message_store(self.store).queue(env)

    async def _sample(self, queue: MessageQueue, env: Environment) -> None:
        """Begin some messages. What there is no room for stays in the store until the next time."""
        for _ in range(min(self._concurrency, await queue.size())):
            message = await queue.first(env)
            removed = asyncio.get_running_loop().create_future()
            try:
                env.spawn(self._sampled(message, removed), f"processor '{self.name}'", counts=True)
            except Overloaded as fault:
                log.warning("processor '%s' waits: %s", self.name, fault.message)
                return
            try:
                await queue.remove(message)
                removed.set_result(None)
            finally:
                removed.cancel()

    async def _sampled(self, message: MessageContext, removed: asyncio.Future[None]) -> None:
        await removed
        await self._mediated(self._settings["sequence"], message)

    async def _mediated(self, sequence: str, message: MessageContext, fault: Fault | None = None) -> None:
        """Run a sequence on a message of its own; what it raises ends here."""
        if fault is not None:
            faults.set_error_properties(message, fault)
        message.ending = Ending()  # the conversation that stored it has its own
        try:
            await env_of(message).sequence(sequence).mediate(message)
        except Fault as second:
            log.error("processor '%s': sequence '%s': %s at %s", self.name, sequence, second.message, second.at())
        finally:
            message.payload.close()
            await message.ending.come()

    async def _forward(self, queue: MessageQueue, current: Callable[[], Environment]) -> bool:
        """Bring the first message to its end. Gives whether the processor goes on."""
        message = await queue.first(current())
        attempt = 0
        while True:
            failed = await self._try(message, current())
            if failed is None:
                await queue.remove(message)
                if is_true(self._settings.get("throttle", "")) or "cronExpression" in self._settings:
                    await self._schedule.next()
                return True
            attempt += 1
            log.warning("processor '%s': attempt %d failed: %s", self.name, attempt, failed.message)
            if 0 < self._attempts <= attempt:
                return await self._give_up(queue, message, current(), failed)
            await Schedule(self._retry).next()

    async def _try(self, message: MessageContext, env: Environment) -> Fault | None:
        """Send a copy; what went wrong, or None."""
        twin = message.clone()
        twin.env = env
        try:
            endpoint = env.endpoint(self.target) if self.target is not None else env.default_endpoint
            await endpoint.send(twin)
            await twin.payload.load(env.limits.buffered_body)
            status = str(twin.axis2.get("HTTP_SC") or "200")
            expected = status.startswith("2") or status in self._dropped or is_true(message.properties.get("OUT_ONLY"))
            if not expected:
                raise Fault(f"the back end answered {status}", code=int(status), status=502)
        except Fault as fault:
            if self._settings.get(_FAULT):
                await self._mediated(self._settings[_FAULT], twin, fault)
            return fault
        if self._settings.get(_REPLY):
            await self._mediated(self._settings[_REPLY], twin)
        return None

    async def _give_up(self, queue: MessageQueue, message: MessageContext, env: Environment, fault: Fault) -> bool:
        failed_store = self._settings.get(_FAILED)
        if failed_store:
            await env.message_store(failed_store).queue(env).put(message)
            await queue.remove(message)
            return True
        if self._settings.get("max.delivery.drop", "").lower() == "enabled":
            log.error("processor '%s': message %s is dropped", self.name, message.correlation_id)
            await queue.remove(message)
            return True
        log.error("processor '%s' stops: %s. Deploy it anew to start it again.", self.name, fault.message)
        if self._settings.get(_DEACTIVATE):
            twin = message.clone()
            twin.env = env
            await self._mediated(self._settings[_DEACTIVATE], twin, fault)
        return False
