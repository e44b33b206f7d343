"""<foreach>"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Literal

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, body, element
from engine.declare.spec import OneOf
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.jsonpath import JsonPath
from engine.mediators._foreach_collection import ForEachCollection, place_of
from engine.mediators._foreach_in_place import ForEachInPlace
from engine.mediators._json_places import Steps, steps_of
from engine.message.context import MessageContext

_NOT_IN_PLACE = frozenset({"call", "send", "callout"})


@element(
    "foreach",
    kind="mediator",
    category="eip",
    rules=(OneOf(("expression", "collection")), OneOf(("sequence", "steps"))),
)
class ForEach(Mediator):
    """Run mediators for each element of the payload, or of a variable.

    With `expression` the elements are worked on one after another, each as the payload of this very message, and put
    back in place (Synapse trap 29): the property FOREACH_COUNTER counts them, FOREACH_ORIGINAL_MESSAGE holds the
    envelope of before, both with `id_` in front when there is an id. `call`, `send` and `callout` cannot stand inside.
    With `continueLoopOnFailure` an element that fails does not end the loop. A JSON path of names and indexes has to
    find an array; one with a filter or a wildcard may find objects of several places.

    With `collection` each element is a message of its own, and they run at the same time unless `parallel-execution`
    is false. What the mediators make of them replaces the collection, or goes as JSON or XML into `target-variable`;
    with `continue-without-aggregation` nobody waits for them. An empty collection is left as it is.

    Example::

        <foreach expression="json-eval($.orders)">
          <sequence><property name="last" expression="json-eval($.id)"/></sequence>
        </foreach>
    """

    reads_body = True

    id: str | None = attr("Put in front of the names of the properties.", default=None)
    expression: Expression | None = attr("Finds the elements to work on in place.", default=None)
    continue_on_failure: bool = attr(
        "Whether to go on after an element that fails.", name="continueLoopOnFailure", default=False
    )
    sequence: str | None = attr("Sequence to run.", default=None, refers="sequence")
    collection: Expression | None = attr("Finds the elements that become messages.", default=None)
    version: Literal["", "v1", "v2"] = attr("Kept for tools: the attributes tell which form it is.", default="")
    parallel: bool = attr("Whether the messages run at the same time.", name="parallel-execution", default=True)
    update_original: bool = attr("Whether the results replace the collection.", name="update-original", default=True)
    variable: str | None = attr("Variable that gets the results otherwise.", name="target-variable", default=None)
    content_type: Literal["JSON", "XML"] | None = attr(
        "What the variable gets: an array, or an element.", name="result-content-type", default=None
    )
    enclosing: str | None = attr("Name of that element.", name="result-enclosing-element", default=None)
    counter: str | None = attr("Variable that counts from 0.", name="counter-variable", default=None)
    no_wait: bool = attr(
        "Whether to go on at once, without results.", name="continue-without-aggregation", default=False
    )
    steps: tuple[Mediator, ...] | None = body("Mediators to run.", tag="sequence")
    _run: Callable[[MessageContext], Awaitable[bool]] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if self.expression is not None:
            self._run = self._in_place(self.expression).mediate
        elif self.collection is not None:
            self._run = self._of_collection(self.collection).mediate

    async def mediate(self, message: MessageContext) -> bool:
        return await self._run(message)

    def _in_place(self, expression: Expression) -> ForEachInPlace:
        """Raises Unacceptable."""
        forbidden = next((step for step in self.steps or () if step.spec.tag in _NOT_IN_PLACE), None)
        if forbidden is not None:
            raise Unacceptable(
                f"<{forbidden.spec.tag}> cannot stand inside a foreach with 'expression'.",
                code="unsupported",
                hint="Use 'collection' in place of 'expression', or <iterate>.",
            )
        place = _place(expression) if isinstance(expression, JsonPath) else ()
        prefix = f"{self.id}_" if self.id else ""
        return ForEachInPlace(expression, place, self._body, prefix, self.continue_on_failure)

    def _of_collection(self, collection: Expression) -> ForEachCollection:
        """Raises Unacceptable."""
        if self.counter and self.parallel:
            raise Unacceptable("'counter-variable' needs parallel-execution=\"false\".", code="requires")
        where = str(self.where)
        if self.no_wait:
            return ForEachCollection(collection, self._body, self, where, None)
        if self.update_original:
            return ForEachCollection(collection, self._body, self, where, place_of(collection.source))
        if not self.variable or self.content_type is None:
            raise Unacceptable(
                "with update-original=\"false\" there must be 'target-variable' and 'result-content-type'.",
                code="missing-attribute",
            )
        if self.content_type == "XML" and not self.enclosing:
            raise Unacceptable("an XML result needs 'result-enclosing-element'.", code="missing-attribute")
        return ForEachCollection(collection, self._body, self, where, None)

    async def _body(self, message: MessageContext) -> bool:
        if self.steps is not None:
            return await run(self.steps, message)
        assert self.sequence is not None  # one of them is there, as the rules say
        sequence = env_of(message).sequence(self.sequence)
        steps: tuple[Mediator, ...] = getattr(sequence, "steps", ())
        if self.expression is not None and any(step.spec.tag in _NOT_IN_PLACE for step in steps):
            raise Fault(f"sequence '{self.sequence}' has a call, send or callout, which foreach cannot run in place")
        return await sequence.mediate(message)


def _place(expression: JsonPath) -> Steps | None:
    """Where the array is, None for a path that is more than names and indexes.

    Raises Unacceptable for one that may find an object and others inside of it.
    """
    try:
        return steps_of(expression.source)
    except Unacceptable:
        if ".." in expression.source:
            raise
        return None
