"""One conversation: in sequence, back end, out sequence, and always exactly one answer. Proxies and APIs share it."""

from __future__ import annotations

import time
from collections.abc import Sequence as Steps
from dataclasses import dataclass

from engine.core import faults
from engine.core.branches import Branches, branches_of, send_on
from engine.core.env import Endpoint, Sequence, ServiceName, env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.core.wire import is_true
from engine.errors import Fault
from engine.message.context import MessageContext


@dataclass(frozen=True, slots=True)
class Part:
    """The sequence of one direction: steps written in place, or the name of a sequence."""

    label: str
    steps: Steps[Mediator] | None = None
    key: str | None = None

    async def mediate(self, message: MessageContext) -> bool:
        """Run it. An absent part counts as run to its end."""
        try:
            if self.key is not None:
                return await env_of(message).sequence(self.key).mediate(message)
            return self.steps is None or await run(self.steps, message)
        except Fault as fault:
            fault.path.append(self.label)
            raise

    @property
    def present(self) -> bool:
        return self.key is not None or self.steps is not None


@dataclass(frozen=True, slots=True)
class Flow:
    """What a proxy or a resource does with a message."""

    label: str
    in_part: Part
    out_part: Part
    fault_part: Part
    endpoint: Endpoint | None = None
    service: ServiceName | None = None

    async def serve(self, message: MessageContext) -> None:
        """Run the whole conversation. Never raises a Fault and never leaves without an answer."""
        message.branches = branches = Branches(self)
        try:
            try:
                await self._converse(message)
            except Exception as error:
                await self.take(message, error)
            if branches.running:
                await branches.over()
            if not message.exchange.answered:
                await _last_answer(message, branches.fault)
            message.payload.close()
        finally:
            await message.ending.come()
            meter = env_of(message).meter
            if meter is not None and self.service is not None:
                meter.served(self.service, time.time() - message.created, failed=branches.failed)

    async def go_on(self, message: MessageContext) -> None:
        """The out sequence, or the sequence that ``send`` named, as often as the message asks for it."""
        while message.continues:
            message.continues = False
            await self._respond_part(message)

    async def take(self, message: MessageContext, error: Exception) -> None:
        """Give an error that no ``onError`` took to the fault sequence. Never raises.

        What nobody takes is logged here, and answers the client at the end of the conversation.
        """
        branches = branches_of(message)
        branches.failed = True
        fault = faults.as_fault(message, error)
        handler = self._handler(message) if fault is error else None
        try:
            if handler is not None or fault.on_error is not None:
                await faults.handle(message, fault, None if handler is None else handler.mediate)
                await self.go_on(message)
                return
        except Exception as second:
            fault = faults.as_fault(message, second)
        faults.log_unhandled(message, fault)
        branches.fault = branches.fault or fault

    async def _converse(self, message: MessageContext) -> None:
        to_the_end = not self.in_part.present or await self.in_part.mediate(message)
        if to_the_end and self.endpoint is not None and not message.exchange.answered:
            try:
                await send_on(message, self.endpoint)
            except Fault as fault:
                fault.path.append(f"endpoint of {self.label}")
                raise
        await self.go_on(message)

    async def _respond_part(self, message: MessageContext) -> None:
        if message.receive is not None:
            receive, message.receive = message.receive, None
            await env_of(message).sequence(receive).mediate(message)
        elif self.out_part.present:
            await self.out_part.mediate(message)
        elif not message.exchange.answered:
            # No out sequence: the back end's answer goes straight to the client (trap 44).
            await message.exchange.answer(message)

    def _handler(self, message: MessageContext) -> Sequence | None:
        if self.fault_part.present:
            return self.fault_part
        return env_of(message).fault_sequence


async def _last_answer(message: MessageContext, fault: Fault | None) -> None:
    """The answer of a flow that gave none: drop, a missing respond, a fault sequence that only logs (trap 41)."""
    if fault is None and is_true(message.axis2.get("NIO-ACK-Requested")):
        faults.clear(message, message.axis2.get("HTTP_SC") or 202)
        await message.exchange.answer(message)
    elif fault is None:
        await message.exchange.accept()
    else:
        await faults.answer_fault(message, fault)
