"""foreach with ``expression``: one element after another in the very message (Synapse trap 29)."""

from __future__ import annotations

import copy
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lxml import etree

from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.jsonpath import JsonPath
from engine.mediators._json_places import Steps, replaced, replaced_items
from engine.mediators._nodes import alone, detach
from engine.message.codecs import xml
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext

log = logging.getLogger("myelin.flow")


@dataclass(frozen=True, slots=True)
class ForEachInPlace:
    """The loop. ``prefix`` stands before the names of the properties."""

    expression: Expression
    place: Steps | None
    """Where a JSON array is put back; None: each element goes back to its own place."""
    body: Callable[[MessageContext], Awaitable[bool]]
    prefix: str
    continue_on_failure: bool

    async def mediate(self, message: MessageContext) -> bool:
        """Always True: a body that says False ends the loop only."""
        message.properties[f"{self.prefix}FOREACH_ORIGINAL_MESSAGE"] = copy.deepcopy(message.payload.envelope())
        self._count(message, 0)
        if isinstance(self.expression, JsonPath):
            await self._json(message, self.expression)
        else:
            await self._xml(message)
        return True

    async def _json(self, message: MessageContext, expression: JsonPath) -> None:
        document, found = message.payload.json(), expression.evaluate(message)
        if not isinstance(found, list):
            raise Fault(f"{expression.source} finds no JSON array")
        if not found:
            return
        if self.place is None and not all(isinstance(item, (dict, list)) for item in found):
            raise Fault(f"{expression.source} finds values that are no objects, which cannot be put back")
        results: dict[int, JsonValue] = {}
        for number, item in enumerate(found):
            message.payload.set_json(item)
            goes_on = await self._try(message)
            if goes_on is None:
                continue  # what failed is left out
            results[number] = message.payload.json()
            self._count(message, len(results))
            if not goes_on and not self.continue_on_failure:
                break
        if self.place is not None:
            message.payload.set_json(replaced(document, self.place, list(results.values())))
        else:
            own = {id(found[number]): result for number, result in results.items()}
            message.payload.set_json(replaced_items(document, own))

    async def _xml(self, message: MessageContext) -> None:
        envelope, kind = message.payload.envelope(), message.payload.kind
        found = self.expression.evaluate(message)
        elements = [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
        if not elements:
            return
        parent = elements[0].getparent()
        if parent is None:
            raise Fault(f"{self.expression.source} finds elements that are not in the payload")
        items = [alone(each) for each in elements]
        for each in elements:
            detach(each)
        for number, item in enumerate(items, start=1):
            message.payload.set_content(item)
            goes_on = await self._try(message)
            _append(parent, message.payload.content())
            self._count(message, number)
            if not goes_on and not self.continue_on_failure:
                break
        message.payload.kind = kind
        message.payload.set_view(envelope)

    async def _try(self, message: MessageContext) -> bool | None:
        """What the body says; None when it failed and the loop goes on all the same."""
        try:
            return await self.body(message)
        except Fault as fault:
            if not self.continue_on_failure:
                raise
            log.warning("%s: %s at %s; foreach goes on", message.correlation_id, fault.message, fault.at())
            return None

    def _count(self, message: MessageContext, number: int) -> None:
        message.properties[f"{self.prefix}FOREACH_COUNTER"] = number


def _append(parent: xml.Element, content: xml.Element | None) -> None:
    if content is not None:
        parent.append(alone(content))
