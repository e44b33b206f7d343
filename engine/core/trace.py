"""What each step of a flow did to its message, for somebody who watches: ``myelin trace``.

A message with a trace runs watched steps; all others run as ever, and cost nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core.redaction import MASK, SECRETS, is_secret
from engine.errors import Fault, Where
from engine.message.codecs import json, xml
from engine.message.payload import Payload

if TYPE_CHECKING:
    from engine.core.mediator import Mediator
    from engine.message.context import MessageContext

MOST_STEPS = 1_000
"""Steps of one trace that are kept."""

MOST_TEXT = 2_000
"""Characters of a value that are kept."""

NOT_READ = "(not read)"
"""A body that only passes through."""

State = Mapping[str, str]
"""What a message has, by what it is called: ``body``, ``property x``, ``header content-type``, ``axis2 HTTP_SC``."""


@dataclass(slots=True)
class Step:
    """One step that ran. ``depth`` counts the lists of steps around it."""

    tag: str
    where: Where
    depth: int
    seconds: float = 0.0
    before: State = field(default_factory=dict)
    after: State = field(default_factory=dict)
    goes_on: bool = True
    """Whether the flow goes on behind it."""
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    """The requests to back ends that it made, and what came of them."""

    def changes(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Name, value before and value after of what is another one; None where there is none."""
        for name in sorted({*self.before, *self.after}):
            old, new = self.before.get(name), self.after.get(name)
            if old != new:
                yield name, old, new


class Trace:
    """The steps of one request in the order in which they began."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.left_out = 0
        """Steps that ran beyond MOST_STEPS."""

    def called(self, what: str) -> None:
        """Note a request to a back end at the step that began last."""
        if self.steps:
            self.steps[-1].calls.append(SECRETS.masked(what))

    def watched(self, steps: Iterable[Mediator]) -> tuple[Any, ...]:
        """The same steps, each with somebody who writes down what it does."""
        return tuple([each if isinstance(each, _Watched) else _Watched(each, self) for each in steps])


class _Watched:
    """To the loop this is the step itself."""

    __slots__ = ("_step", "_trace", "reads_body", "spec", "where")

    def __init__(self, step: Mediator, trace: Trace) -> None:
        self._step = step
        self._trace = trace
        self.spec, self.where, self.reads_body = step.spec, step.where, step.reads_body

    async def mediate(self, message: MessageContext) -> bool:
        if len(self._trace.steps) >= MOST_STEPS:
            self._trace.left_out += 1
            return await self._step.mediate(message)
        seen = Step(self.spec.tag, self.where, len(message.frames), before=_state_of(message))
        self._trace.steps.append(seen)
        began = time.perf_counter()
        try:
            seen.goes_on = await self._step.mediate(message)
        except Fault as fault:
            seen.fault = SECRETS.masked(fault.message)
            raise
        finally:
            seen.seconds = time.perf_counter() - began
            seen.after = _state_of(message)
        return seen.goes_on


def _state_of(message: MessageContext) -> State:
    state = {"body": _body(message.payload)}
    for scope, values in (
        ("property", message.properties),
        ("variable", message.variables),
        ("axis2", message.axis2),
        ("header", dict(message.headers)),
    ):
        for name, value in values.items():
            state[f"{scope} {name}"] = MASK if is_secret(name) else _shown(_text(value))
    return state


def _body(payload: Payload) -> str:
    if payload.pending:
        return NOT_READ
    raw = payload.raw()
    try:
        content = raw if raw is not None else payload.render(payload.kind)
    except Fault as fault:
        return f"({fault.message})"
    return _shown(content.decode(payload.charset, "replace"))


def _text(value: Any) -> str:
    if isinstance(value, etree._Element):
        return xml.text_of(value)
    try:
        return json.text_of(value)
    except TypeError:
        return repr(value)


def _shown(text: str) -> str:
    text = SECRETS.masked(text)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}… ({len(text):,} characters)"
