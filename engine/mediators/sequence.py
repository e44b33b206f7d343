"""<sequence> inside a flow"""

from __future__ import annotations

from engine.core.env import env_of
from engine.core.faults import with_handler
from engine.core.mediator import Mediator
from engine.core.sequence import run_named
from engine.declare.fields import attr, body, element
from engine.declare.spec import OneOf, Requires
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element(
    "sequence",
    kind="mediator",
    category="core",
    rules=(OneOf(("key", "name")), Requires("onError", ("name",))),
)
class SequenceCall(Mediator):
    """Run a named sequence, or one written in place.

    With ``key`` the sequence of that name runs; `{expression}` chooses it at run time. With ``name`` the mediators
    inside run, and ``onError`` takes their faults, which ends the flow (Synapse trap 42).

    Example::

        <sequence name="audit"><log level="custom"><property name="step" value="audit"/></log></sequence>
    """

    key: Value | None = attr("Name of the sequence to run.", default=None, refers="sequence")
    name: str | None = attr("Name of the sequence written here, for messages.", default=None)
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    steps: tuple[Mediator, ...] = body("The mediators.")

    async def mediate(self, message: MessageContext) -> bool:
        if self.key is None:
            return await self._run_inline(message)
        name = self.key.text(message)
        if not name:
            raise Fault(f"the sequence key '{self.key.source}' gives no name")
        return await env_of(message).sequence(name).mediate(message)

    async def _run_inline(self, message: MessageContext) -> bool:
        work = run_named(f"sequence '{self.name}'", self.steps, message)
        return await with_handler(message, self.on_error, work)
