"""<sequence name="…">"""

from __future__ import annotations

from typing import ClassVar

from engine.core.artifact import Artifact, require_name
from engine.core.faults import with_handler
from engine.core.mediator import Mediator
from engine.core.sequence import run_named
from engine.declare.fields import attr, body, element
from engine.message.context import MessageContext


@element("sequence", kind="artifact", category="artifact")
class Sequence(Artifact):
    """Name a list of mediators, to be run from anywhere with <sequence key="…"/>.

    ``onError`` names the sequence that takes a fault raised inside; the flow ends with it (Synapse trap 42). The
    sequence named ``main`` serves the requests that no proxy takes, ``fault`` the faults that no flow takes.

    Example::

        <sequence name="audit"><log level="custom"><property name="who" expression="$trp:User"/></log></sequence>
    """

    kind: ClassVar[str] = "sequence"

    name: str = attr("Name of the sequence.")
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    key: str | None = attr("Not used in a definition.", default=None)
    steps: tuple[Mediator, ...] = body("The mediators.")

    def __post_init__(self) -> None:
        require_name("sequence", self.name)

    async def mediate(self, message: MessageContext) -> bool:
        """Run the mediators. After ``onError`` has taken a fault the whole flow is over: False."""
        work = run_named(f"sequence '{self.name}'", self.steps, message)
        return await with_handler(message, self.on_error, work)
