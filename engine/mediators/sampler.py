"""<sampler>"""

from __future__ import annotations

import asyncio
import dataclasses
import logging

from engine.core import branches
from engine.core.branches import branches_of
from engine.core.env import env_of
from engine.core.frames import handlers
from engine.core.mediator import Mediator
from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import attr, child, element
from engine.declare.spec import REQUIRED, Node
from engine.errors import Fault
from engine.mediators._direction import is_response
from engine.mediators._target import Target
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")


@element("messageQueue")
class MessageQueue(Node):
    """Where messages wait."""

    class_: str = attr("Java class of the queue; only the one in memory is there.", default="")

    def __post_init__(self) -> None:
        if self.class_.rpartition(".")[2] not in ("", "UnboundedMessageQueue"):
            raise Unacceptable("messages wait in memory only.", code="unsupported", hint="Leave the class out.")


@element("sampler", kind="mediator", category="eip")
class Sampler(Mediator):
    """Let a bounded number of messages per unit of time go to the target; the others wait for their turn.

    The flow of the message itself ends here. A response is not sampled: its flow ends, with a warning. How many may
    wait is `limits.aggregate`; one more is a fault.

    Example::

        <sampler rate="5" unitTime="1000"><target sequence="audit"/></sampler>
    """

    reads_body = True

    id: str | None = attr("Name, kept for tools.", default=None)
    rate: int = attr("How many in each unit of time.", default=1)
    unit_time: Duration = attr("Milliseconds.", name="unitTime", default=Duration(1.0))
    target: Target = child("Where they go.", tag="target", default=REQUIRED)
    queue: MessageQueue | None = child("Where they wait.", tag="messageQueue")
    _began: float = dataclasses.field(init=False, default=0.0)
    """When the unit of time began in which the latest message has its turn."""
    _taken: int = dataclasses.field(init=False, default=0)
    _waiting: int = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.rate < 1 or self.unit_time <= 0:
            raise Unacceptable("'rate' and 'unitTime' are 1 or more.")

    async def mediate(self, message: MessageContext) -> bool:
        if is_response(message):
            log.warning("%s: a response is not sampled at %s", message.correlation_id, self.where)
            return False
        if self._waiting >= env_of(message).limits.aggregate:
            raise Fault(f"{self._waiting:,} messages wait in the sampler, which is its limit")
        twin, outer, delay = message.clone(), handlers(message.frames), self._delay()
        branches_of(message).start(message, self._later(twin, outer, delay), f"sampler at {self.where}")
        return False

    def _delay(self) -> float:
        """Seconds until the turn of a message that comes now."""
        now = asyncio.get_running_loop().time()
        if now >= self._began + self.unit_time:
            self._began, self._taken = now, 0
        elif self._taken >= self.rate:
            self._began, self._taken = self._began + self.unit_time, 0
        self._taken += 1
        return max(0.0, self._began - now)

    async def _later(self, twin: MessageContext, outer: list[object], delay: float) -> None:
        self._waiting += 1
        try:
            await asyncio.sleep(delay)
        finally:
            self._waiting -= 1
        await branches.run_branch(twin, self.target, outer)
