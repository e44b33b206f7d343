"""<enqueue>"""

from __future__ import annotations

from engine.core import branches
from engine.core.branches import branches_of
from engine.core.env import env_of
from engine.core.frames import handlers
from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.errors import Overloaded
from engine.message.context import MessageContext


@element("enqueue", kind="mediator", category="eip")
class Enqueue(Mediator):
    """Run a sequence on a copy of the message when its turn comes in a priority executor.

    The message itself goes on at once. What the sequence raises is taken by the handlers of this place.

    Example::

        <enqueue executor="orders" priority="10" sequence="audit"/>
    """

    reads_body = True

    executor: str = attr("Name of the priority executor.", refers="priority-executor")
    sequence: str = attr("Sequence to run.", refers="sequence")
    priority: int = attr("Priority: that of one of its queues.", default=0)

    async def mediate(self, message: MessageContext) -> bool:
        priorities = env_of(message).priority_executor(self.executor).priorities(env_of(message))
        turn = priorities.admit(self.priority)
        twin, outer = message.clone(), handlers(message.frames)

        async def work() -> None:
            try:
                await turn
                await branches.run_branch(twin, env_of(twin).sequence(self.sequence), outer)
            finally:
                if turn.done() and not turn.cancelled():
                    priorities.leave()

        try:
            branches_of(message).start(message, work(), f"enqueue at {self.where}")
        except Overloaded:
            if not turn.cancel():
                priorities.leave()
            raise
        return True
