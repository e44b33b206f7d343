"""<aggregate>"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import logging
from functools import partial
from typing import Literal

from lxml import etree

from engine.core import branches
from engine.core.branches import branches_of
from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.fields import attr, body, child, element
from engine.declare.spec import REQUIRED, Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.jsonpath import JsonPath
from engine.mediators import _merge
from engine.mediators._group import Group, number_of
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.payload import Payload

log = logging.getLogger("myelin.flow")


@element("correlateOn")
class CorrelateOn(Node):
    """Which messages belong together."""

    expression: Expression = attr("Messages in which it has a value make one group; `false` lets them pass.")


@element("messageCount")
class MessageCount(Node):
    """How many messages make a group complete."""

    min: Value | None = attr("Complete with so many; -1 = does not count. `{expression}` computes it.", default=None)
    max: Value | None = attr("Takes no more than so many; -1 = does not count.", default=None)


@element("completeCondition")
class CompleteCondition(Node):
    """When a group is complete."""

    timeout: int = attr("Seconds after the first message; 0 = never.", default=0)
    count: MessageCount | None = child("How many messages.", tag="messageCount")


@element("onComplete")
class OnComplete(Node):
    """What happens with a complete group."""

    expression: Expression | None = attr(
        "What to take from each message; the first element of its body by default.", default=None
    )
    sequence: str | None = attr("Sequence that gets the merged message.", default=None, refers="sequence")
    enclosing: str | None = attr(
        "Property that holds the XML element to put around the result.", name="enclosingElementProperty", default=None
    )
    element_type: Literal["root", "child"] | None = attr(
        "`root` makes an array of JSON results, `child` one object of them all.",
        name="aggregateElementType",
        default=None,
    )
    steps: tuple[Mediator, ...] = body("Mediators that get the merged message.")

    async def mediate(self, message: MessageContext) -> bool:
        """Without a sequence and without mediators the merged message is dropped, as in Synapse."""
        if self.sequence is not None:
            return await env_of(message).sequence(self.sequence).mediate(message)
        return bool(self.steps) and await run(self.steps, message)


@element("aggregate", kind="mediator", category="eip")
class Aggregate(Mediator):
    """Join messages that a clone or an iterate made, and go on with the result once all are here.

    The messages of one clone or iterate with the same `id` make a group. It is complete with all of them, with
    `min` or `max` of them, or after the timeout; what comes later is dropped. The flow of each message ends here until
    then. A copy of the first message with the merged payload runs through `<onComplete>`; if that comes to its end, the
    last message goes on after the aggregate with the merged payload (Synapse trap 28). A message of no clone or iterate
    passes as it is. `<correlateOn>` groups all messages in which its expression has a value, also those of different
    requests, whatever the value is (trap 27). A group that can never become complete is given up when its request has
    nothing more under way.

    Example::

        <aggregate id="quotes">
          <completeCondition timeout="10"/>
          <onComplete expression="json-eval($.quote)"><respond/></onComplete>
        </aggregate>
    """

    reads_body = True

    id: str | None = attr("Name of the clone or iterate that made the messages.", default=None)
    correlate: CorrelateOn | None = child("Which messages belong together.", tag="correlateOn")
    condition: CompleteCondition | None = child("When a group is complete.", tag="completeCondition")
    on_complete: OnComplete = child("What happens then.", tag="onComplete", default=REQUIRED)
    _groups: dict[str, Group] = dataclasses.field(init=False, default_factory=dict)
    _held: int = dataclasses.field(init=False, default=0)

    async def mediate(self, message: MessageContext) -> bool:
        key = self._key(message)
        if key is None:
            return True
        group = self._groups.get(key)
        if group is None:
            if self._fork(message) in branches_of(message).completed:
                return False  # late: its group was complete without it
            group = self._open(key, message)
        self._collect(group, message)
        if not group.is_complete:
            return False
        return await self._complete(group, message)

    # ---------------------------------------------------------------- groups

    def _fork(self, message: MessageContext) -> str | None:
        name = branches.CORRELATION + (f".{self.id}" if self.id else "")
        value = message.properties.get(name)
        return value if isinstance(value, str) else None

    def _key(self, message: MessageContext) -> str | None:
        """The name of the message's group, None when it has none (Synapse trap 27)."""
        if self.correlate is None:
            return self._fork(message)
        expression = self.correlate.expression
        found = expression.evaluate(message)
        is_json = isinstance(expression, JsonPath)
        if found is False and not is_json:
            return None
        if found == [] or (is_json and (found is None or not _merge.is_json(found))):
            raise Fault(f"the correlation {expression.source} finds nothing in the message")
        return self._fork(message) if found is None else expression.source

    def _open(self, key: str, message: MessageContext) -> Group:
        count = self.condition.count if self.condition is not None else None
        group = Group(
            key=key,
            total=_total(message, self.id),
            minimum=number_of(count.min if count is not None else None, message),
            maximum=number_of(count.max if count is not None else None, message),
        )
        self._groups[key] = group
        timeout = self.condition.timeout if self.condition is not None else 0
        name = f"aggregate at {self.where}"
        is_part = self._fork(message) is not None
        if timeout > 0 and is_part:
            branches_of(message).start(message, self._complete_late(group, timeout), name, counts=False)
        elif timeout > 0:
            env_of(message).spawn(self._complete_late(group, timeout), name)
        elif is_part and not message.ending.passed:
            message.ending.add(partial(self._give_up, group))
        return group

    def _collect(self, group: Group, message: MessageContext) -> None:
        if self._held >= env_of(message).limits.aggregate:
            raise Fault(f"the aggregate holds {self._held:,} messages of incomplete groups, which is its limit")
        if group.add(message):
            self._held += 1

    def _close(self, group: Group) -> None:
        self._groups.pop(group.key, None)
        self._held -= len(group.messages)
        group.done.set()

    async def _give_up(self, group: Group) -> None:
        if not group.done.is_set():
            self._close(group)
            log.warning(
                "aggregate at %s: %d messages of a group came and no more will; it is given up",
                self.where,
                len(group.messages),
            )

    # ---------------------------------------------------------------- completion

    async def _complete(self, group: Group, last: MessageContext) -> bool:
        """Give the merged message to onComplete. Gives whether ``last`` goes on with the merged payload."""
        self._close(group)
        fork = self._fork(last)
        if fork is not None:
            branches_of(last).completed.add(fork)
        for each in group.messages:
            if each is not last:
                each.functions = list(group.functions)  # it left the template, and the expression may ask for $func:x
        merged = group.messages[0].clone(self._merged(group.messages))
        merged.functions = list(group.functions)
        # Before onComplete, which may change or send away the merged message.
        payload = merged.payload.copy()
        if not await branches.run_branch(merged, self.on_complete, group.frames):
            return False
        last.payload = payload
        return True

    async def _complete_late(self, group: Group, seconds: int) -> None:
        """The timer: what has come by then is the group, and the last message goes on from here."""
        try:
            await asyncio.wait_for(group.done.wait(), seconds)
            return
        except TimeoutError:
            log.warning("aggregate at %s: complete with %d messages by timeout", self.where, len(group.messages))
        last = group.messages[-1]
        last.functions = list(group.functions)
        await branches.run_branch(last, _AfterTimeout(self, group), group.frames)

    def _merged(self, messages: list[MessageContext]) -> Payload:
        """Raises Fault when the results cannot be found or put together."""
        expression = self.on_complete.expression
        frame = self._enclosing(messages[0])
        if isinstance(expression, JsonPath):
            result: JsonValue
            if self.on_complete.element_type == "child":
                result = _merge.merge_objects(messages, expression)
            else:
                result = _merge.merge_json(messages, expression)
            payload = Payload()
            payload.set_json(result if frame is None else {etree.QName(frame).localname: result})
            return payload
        payload = _merge.merge_xml(messages, expression)
        if frame is not None:
            _merge.enclose(payload, copy.deepcopy(frame))
        return payload

    def _enclosing(self, message: MessageContext) -> etree._Element | None:
        name = self.on_complete.enclosing
        if name is None:
            return None
        value = message.properties.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, etree._Element):
            raise Fault(f"the property '{name}' holds no XML element to put around the aggregated payload")
        return value


class _AfterTimeout:
    """The last message of a group that its timer completed."""

    def __init__(self, aggregate: Aggregate, group: Group) -> None:
        self._aggregate, self._group = aggregate, group

    async def mediate(self, message: MessageContext) -> bool:
        message.resumed = await self._aggregate._complete(self._group, message)
        return message.resumed


def _total(message: MessageContext, id_: str | None) -> int | None:
    """How many parts the clone or iterate made, from the first message that came."""
    sequence = message.properties.get(branches.SEQUENCE + (f".{id_}" if id_ else ""))
    total = sequence.partition("/")[2] if isinstance(sequence, str) else ""
    return int(total) if total.isdecimal() else None
