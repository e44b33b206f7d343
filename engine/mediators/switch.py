"""<switch>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Regex
from engine.declare.fields import attr, body, child, children, element
from engine.declare.spec import Node
from engine.expressions.base import Expression
from engine.message.context import MessageContext


@element("case")
class Case(Node):
    """One case."""

    regex: Regex = attr("What the whole text must match.")
    steps: tuple[Mediator, ...] = body("Mediators to run.")


@element("default")
class Default(Node):
    """What runs when no case matches."""

    steps: tuple[Mediator, ...] = body("Mediators to run.")


@element("switch", kind="mediator", category="core")
class Switch(Mediator):
    """Run the first case whose regular expression matches the whole text.

    No other case runs after it (Synapse traps 15 and 16). A null matches no case.

    Example::

        <switch source="$trp:Accept">
          <case regex="application/json.*"><log category="DEBUG"/></case>
          <default><drop/></default>
        </switch>
    """

    source: Expression = attr("Computes the text.")
    cases: tuple[Case, ...] = children("The cases, in order.", tag="case")
    default: Default | None = child("When no case matches.", tag="default")

    async def mediate(self, message: MessageContext) -> bool:
        chosen = self._choose(message)
        return chosen is None or await run(chosen.steps, message)

    def _choose(self, message: MessageContext) -> Case | Default | None:
        text = self.source.text(message)
        if text is not None:
            for case in self.cases:
                if case.regex.fullmatch(text) is not None:
                    return case
        return self.default
