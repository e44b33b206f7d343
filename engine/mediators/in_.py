"""<in>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.fields import body, element
from engine.mediators._direction import is_response
from engine.message.context import MessageContext


@element("in", kind="mediator", category="core")
class In(Mediator):
    """Run mediators for requests only.

    Example::

        <in><log level="custom"><property name="asked" value="now"/></log></in>
    """

    steps: tuple[Mediator, ...] = body("The mediators.")

    async def mediate(self, message: MessageContext) -> bool:
        return is_response(message) or await run(self.steps, message)
