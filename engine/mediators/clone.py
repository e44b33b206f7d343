"""<clone>"""

from __future__ import annotations

from collections.abc import Iterator

from engine.core import branches
from engine.core.branches import Branch
from engine.core.mediator import Mediator
from engine.core.wire import is_true
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators._target import Target
from engine.message.context import MessageContext

_INDEX = "CLONED_ITERATION_INDEX"
_STOP = "STOP_TARGET_EXECUTION_ON_FAILURE"


@element("clone", kind="mediator", category="eip")
class Clone(Mediator):
    """Send copies of the message to several targets.

    The flow of the message itself ends here unless `continueParent` is true; the copies run at the same time unless
    `sequential` is true (Synapse trap 26). A copy into which the answer of a `call` came goes on after the clone.
    What a copy raises is taken by the handlers of this place and ends that copy alone; sequential copies stop there
    when the property STOP_TARGET_EXECUTION_ON_FAILURE is "true". `iterations` sends that many copies to one target,
    numbered from 1 in the property CLONED_ITERATION_INDEX. With `id` an `<aggregate>` of the same id joins the copies.

    Example::

        <clone id="quotes">
          <target><sequence><log/></sequence></target>
          <target><sequence><log level="full"/></sequence></target>
        </clone>
    """

    reads_body = True

    id: str | None = attr("Name by which an aggregate knows the copies.", default=None)
    continue_parent: bool = attr("Whether the message itself goes on.", name="continueParent", default=False)
    sequential: bool = attr("Whether to run one copy after the other.", default=False)
    iterations: Value | None = attr("Number of copies for one target; `{expression}` computes it.", default=None)
    targets: tuple[Target, ...] = children("Where the copies go.", tag="target")

    def __post_init__(self) -> None:
        if self.iterations is not None and len(self.targets) != 1:
            raise Unacceptable("with 'iterations' there is exactly one <target>.", code="one-of")

    async def mediate(self, message: MessageContext) -> bool:
        count = len(self.targets) if self.iterations is None else self._count(message, self.iterations)
        if self.sequential:
            stop = is_true(message.properties.get(_STOP))
            await branches.run_in_order(message, self._copies(message, count), stop_on_failure=stop)
        elif count:
            # The copies are made when their turn comes, and this message may go on and change meanwhile.
            branches.start_parallel(message, self._copies(message.clone(), count), count, f"clone at {self.where}")
        return self.continue_parent

    def _copies(self, message: MessageContext, count: int) -> Iterator[Branch]:
        fork = branches.fork_id(message)
        for number in range(count):
            copy = message.clone()
            branches.mark(copy, fork, self.id, number, count)
            if self.iterations is not None:
                copy.properties[_INDEX] = number + 1
            yield copy, self.targets[0 if self.iterations is not None else number]

    def _count(self, message: MessageContext, iterations: Value) -> int:
        text = iterations.text(message) or ""
        try:
            return max(0, int(text.strip()))
        except ValueError:
            raise Fault(f"'{text[:80]}' is no number of iterations") from None
