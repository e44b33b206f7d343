"""foreach with ``collection``: each element is a message of its own, and the results come together again."""

from __future__ import annotations

import copy
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from lxml import etree

from engine.core import branches
from engine.core.branches import Branch
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.mediators._json_places import Steps, replaced, steps_of
from engine.mediators._nodes import alone, detach
from engine.message.codecs import xml
from engine.message.context import MessageContext
from engine.message.payload import Payload

_EXPRESSION = re.compile(r"^\s*(?:\$\{\s*)?(.*?)\s*\}?\s*$", re.DOTALL)
_VARIABLE = re.compile(r"vars\.([\w-]+)|vars\[\s*[\"']([^\"']+)[\"']\s*\]")
_XPATH_OF_VARIABLE = re.compile(r"xpath\(.*,\s*[\"']([\w.-]+)[\"']\s*\)$", re.DOTALL)


class Place(NamedTuple):
    """Where an array is: in the payload, or in a variable."""

    variable: str | None
    steps: Steps


def place_of(source: str) -> Place | None:
    """The place that an expression names; None for XPath. Raises Unacceptable for a path that cannot be written at."""
    inner = _inner(source)
    variable = _VARIABLE.match(inner)
    if variable is not None:
        return Place(variable[1] or variable[2], steps_of("$" + inner[variable.end() :]))
    if inner.startswith("payload"):
        return Place(None, steps_of("$" + inner.removeprefix("payload")))
    return Place(None, steps_of(inner)) if inner.startswith(("$.", "$[", "json-eval(")) or inner == "$" else None


class Settings(Protocol):
    """The attributes of the mediator."""

    parallel: bool
    update_original: bool
    variable: str | None
    content_type: Any
    enclosing: str | None
    counter: str | None
    no_wait: bool


@dataclass(frozen=True, slots=True)
class ForEachCollection:
    """The loop, and what is done with its results. ``place`` is where an array is put back; None = nowhere."""

    collection: Expression
    body: Callable[[MessageContext], Awaitable[bool]]
    settings: Settings
    where: str
    place: Place | None

    async def mediate(self, message: MessageContext) -> bool:
        """False when an element failed, or its flow ended early: the results would not be complete."""
        found = self.collection.evaluate(message)
        if isinstance(found, etree._Element):
            found = [found]
        if not isinstance(found, list):
            raise Fault(f"{self.collection.source} finds no array")
        if not found:
            return True
        items = [alone(item) if isinstance(item, etree._Element) else item for item in found]
        results: list[MessageContext | None] = [None] * len(items)
        ended = branches.start_joining(
            message,
            self._branches(message.clone(Payload()), items),
            len(items),
            f"foreach at {self.where}",
            parallel=self.settings.parallel,
            came=_nothing if self.settings.no_wait else results.__setitem__,
        )
        if self.settings.no_wait and self.settings.parallel:
            return True
        await ended
        if self.settings.no_wait:
            return True
        complete = [result for result in results if result is not None]
        if len(complete) < len(items):
            return False
        self._keep(message, complete, items)
        message.resumed = True
        return True

    def _branches(self, base: MessageContext, items: list[Any]) -> Iterator[Branch]:
        fork = branches.fork_id(base)
        for number, item in enumerate(items):
            branch = base.clone(Payload())
            branches.mark(branch, fork, None, number, len(items))
            if isinstance(item, etree._Element):
                branch.payload.set_content(item)
            else:
                branch.payload.set_json(item)
            if self.settings.counter:
                branch.variables[self.settings.counter] = number
            yield branch, _Body(self.body)

    # ---------------------------------------------------------------- results

    def _keep(self, message: MessageContext, results: list[MessageContext], items: list[Any]) -> None:
        settings = self.settings
        if not settings.update_original:
            assert settings.variable is not None  # checked at load
            if settings.content_type == "XML":
                message.variables[settings.variable] = joined(settings.enclosing or "", results)
            else:
                message.variables[settings.variable] = [result.payload.json() for result in results]
        elif isinstance(items[0], etree._Element):
            self._replace_elements(message, [result.payload.content() for result in results])
        else:
            self._replace_array(message, [result.payload.json() for result in results])

    def _replace_array(self, message: MessageContext, results: list[Any]) -> None:
        if self.place is None:
            raise Fault(f"nothing can be put in place of what {self.collection.source} finds")
        variable, steps = self.place
        if variable is None:
            message.payload.set_json(replaced(message.payload.json(), steps, results))
        else:
            message.variables[variable] = replaced(message.variables.get(variable), steps, results)

    def _replace_elements(self, message: MessageContext, results: list[xml.Element | None]) -> None:
        """At the place of the first old element's parent, as Synapse does, behind what else is there."""
        source = _inner(self.collection.source)
        variable = _VARIABLE.match(source) or _XPATH_OF_VARIABLE.match(source)
        if variable is not None:
            name = variable[1] or variable[2]
            message.variables[name] = copy.deepcopy(message.variables[name])
        envelope = message.payload.envelope() if variable is None else None
        found = self.collection.evaluate(message)
        old = found if isinstance(found, list) else [found]
        parent = old[0].getparent()
        if parent is None:
            raise Fault(f"{self.collection.source} finds elements that nothing can be put in place of")
        for each in old:
            detach(each)
        parent.extend(alone(result) for result in results if result is not None)
        if envelope is not None:
            message.payload.set_view(envelope)


def _nothing(number: int, result: MessageContext) -> None:
    """Nobody waits for results."""


@dataclass(frozen=True, slots=True)
class _Body:
    run: Callable[[MessageContext], Awaitable[bool]]

    async def mediate(self, message: MessageContext) -> bool:
        return await self.run(message)


def joined(name: str, results: list[MessageContext]) -> xml.Element:
    """The first body elements of all, in one element."""
    root = etree.Element(name)
    contents = (result.payload.content() for result in results)
    root.extend(alone(content) for content in contents if content is not None)
    return root


def _inner(source: str) -> str:
    match = _EXPRESSION.match(source)
    return match[1] if match is not None else source
