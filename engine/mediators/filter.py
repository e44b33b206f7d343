"""<filter>"""

from __future__ import annotations

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Regex
from engine.declare.fields import attr, body, child, element
from engine.declare.spec import Node, OneOf, Requires
from engine.expressions.base import Expression
from engine.message.context import MessageContext


@element("branch")
class Branch(Node):
    """Mediators written in place, or the name of a sequence."""

    sequence: str | None = attr("Sequence to run.", default=None, refers="sequence")
    steps: tuple[Mediator, ...] = body("Mediators to run.")

    async def mediate(self, message: MessageContext) -> bool:
        if self.sequence is not None:
            return await env_of(message).sequence(self.sequence).mediate(message)
        return await run(self.steps, message)


@element("then")
class Then(Branch):
    """What runs when the condition holds."""


@element("else")
class Else(Branch):
    """What runs when it does not."""


@element(
    "filter",
    kind="mediator",
    category="core",
    rules=(
        OneOf(("xpath", "source")),
        Requires("source", ("regex",)),
        Requires("regex", ("source", "xpath")),
        Requires("else", ("then",)),
    ),
)
class Filter(Mediator):
    """Run mediators when a condition holds, others when it does not.

    The condition is an expression, or the text of ``source`` that ``regex`` must match as a whole (Synapse trap 15; a
    null matches nothing). Text from XPath is true unless it is empty, also "false"; text from json-eval is true only
    if it is "true" (trap 16). Without ``<then>`` the mediators directly inside are the branch.

    Example::

        <filter source="$ctx:HTTP_SC" regex="2..">
          <then><respond/></then>
          <else><throwError type="BACKEND" errorMessage="refused"/></else>
        </filter>
    """

    xpath: Expression | None = attr("The condition.", default=None)
    source: Expression | None = attr("Text to compare.", default=None)
    regex: Regex | None = attr("What the whole text must match.", default=None)
    then: Then | None = child("When the condition holds.", tag="then")
    otherwise: Else | None = child("When it does not.", tag="else")
    steps: tuple[Mediator, ...] = body("Mediators to run when it holds, in place of `<then>`.")

    async def mediate(self, message: MessageContext) -> bool:
        if self._holds(message):
            return await (run(self.steps, message) if self.then is None else self.then.mediate(message))
        return self.otherwise is None or await self.otherwise.mediate(message)

    def _holds(self, message: MessageContext) -> bool:
        if self.xpath is not None:
            return self.xpath.truth(message)
        assert self.source is not None  # the rules above: one of xpath and source,
        assert self.regex is not None  # and source only with regex
        text = self.source.text(message)
        return text is not None and self.regex.fullmatch(text) is not None
