"""<priorityExecutor>"""

from __future__ import annotations

from typing import ClassVar

from engine.core.artifact import Artifact, require_name
from engine.core.env import Environment
from engine.core.priorities import Priorities
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import REQUIRED, Node

_HINT = "Leave it out: queues are served in turn, by their priority."


@element("queue")
class Queue(Node):
    """Where work of one priority waits."""

    priority: int = attr("Its priority: the higher, the more often it has its turn.")
    size: int | None = attr("How much may wait.", default=None)


@element("queues")
class Queues(Node):
    """The queues."""

    is_fixed_size: bool = attr("Whether each has a size; else there is no bound.", name="isFixedSize", default=True)
    next_queue: str | None = attr("Java class that chooses the next queue.", name="nextQueue", default=None)
    items: tuple[Queue, ...] = children("One for each priority.", tag="queue")

    def __post_init__(self) -> None:
        if self.next_queue is not None:
            raise Unacceptable("a Java class cannot choose the next queue.", code="unsupported", hint=_HINT)
        if not self.items:
            raise Unacceptable("there is no <queue>.", code="missing-element")
        if any(queue.priority < 1 for queue in self.items):
            raise Unacceptable("a priority is 1 or more.")
        if self.is_fixed_size and any(queue.size is None for queue in self.items):
            raise Unacceptable("each <queue> needs a 'size'.", code="missing-attribute")


@element("threads")
class Threads(Node):
    """How much runs at the same time."""

    core: int = attr("So much at once.", default=20)
    max: int = attr("So much when the queues are full.", default=100)
    keep_alive: int = attr("Seconds a Java thread idles; without a meaning here.", name="keep-alive", default=5)

    def __post_init__(self) -> None:
        if self.core < 1:
            raise Unacceptable("'core' is 1 or more.")


@element("priorityExecutor", kind="artifact", category="artifact")
class PriorityExecutor(Artifact):
    """Run sequences by priority, a bounded number at a time, for the mediator <enqueue>.

    Of queues that have work waiting, one of priority 10 has ten turns for each of one of priority 1. What finds no
    room to wait is a fault.

    Example::

        <priorityExecutor name="orders">
          <queues><queue size="100" priority="10"/><queue size="100" priority="1"/></queues>
          <threads core="5" max="10"/>
        </priorityExecutor>
    """

    kind: ClassVar[str] = "priority-executor"

    name: str = attr("Name of the executor.")
    handler: str | None = attr("Java class called before.", name="beforeExecuteHandler", default=None)
    queues: Queues = child("The queues.", tag="queues", default=REQUIRED)
    threads: Threads | None = child("How much runs at the same time.", tag="threads")

    def __post_init__(self) -> None:
        require_name("priority executor", self.name)
        if self.handler is not None:
            raise Unacceptable("a Java handler cannot run here.", code="unsupported", hint="Leave it out.")

    def priorities(self, env: Environment) -> Priorities:
        """Its queues: one set for each name, process and form of the declaration."""
        sizes = {queue.priority: queue.size for queue in self.queues.items}
        core, most = (self.threads.core, self.threads.max) if self.threads is not None else (20, 100)
        form = f"{self.name} {sizes} {core} {most}"
        return env.shared("priority-executor", form, lambda: Priorities(self.name, sizes, core, most))
