"""<out>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.fields import body, element
from engine.mediators._direction import is_response
from engine.message.context import MessageContext


@element("out", kind="mediator", category="core")
class Out(Mediator):
    """Run mediators for responses only.

    Example::

        <out><respond/></out>
    """

    steps: tuple[Mediator, ...] = body("The mediators.")

    async def mediate(self, message: MessageContext) -> bool:
        return not is_response(message) or await run(self.steps, message)
