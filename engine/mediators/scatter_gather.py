"""<scatter-gather>"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree

from engine.core import branches
from engine.core.branches import Branch
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import attr, body, child, children, element
from engine.declare.spec import REQUIRED, Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.mediators._group import number_of
from engine.mediators._merge import is_json
from engine.mediators._nodes import alone
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.payload import Payload


@element("aggregation")
class Aggregation(Node):
    """What is taken from each branch, and when there is enough."""

    expression: Expression = attr("What to take from the message of each branch.")
    condition: Expression | None = attr("Takes only branches for which it is true.", default=None)
    timeout: Duration = attr("Milliseconds after which what has come is the result; 0 = never.", default=Duration(0.0))
    min: Value | None = attr("Enough with so many; `{expression}` computes it.", name="min-messages", default=None)
    max: Value | None = attr("The same.", name="max-messages", default=None)


@element("sequence")
class Scattered(Node):
    """One branch."""

    steps: tuple[Mediator, ...] = body("Mediators to run.")

    async def mediate(self, message: MessageContext) -> bool:
        return await run(self.steps, message)


@element("scatter-gather", kind="mediator", category="eip")
class ScatterGather(Mediator):
    """Run several sequences on copies of the message, and go on with what they make.

    The results are in the order of the sequences. With `target="variable"` this message goes on with a new variable;
    with `target="body"` the last branch that came goes on, its payload replaced by the results. A branch that fails,
    or whose flow ends early, gives no result; when no branch gives one the flow ends here.

    Example::

        <scatter-gather target="body" result-content-type="JSON">
          <aggregation expression="json-eval($)" timeout="5000"/>
          <sequence><log/></sequence>
          <sequence><property name="second" value="true"/></sequence>
        </scatter-gather>
    """

    reads_body = True

    parallel: bool = attr("Whether the branches run at the same time.", name="parallel-execution", default=True)
    target: Literal["body", "variable"] = attr("Where the results go.")
    variable: str | None = attr("Name of the variable.", name="target-variable", default=None)
    content_type: Literal["JSON", "XML"] = attr("An array, or an element.", name="result-content-type")
    enclosing: str | None = attr("Name of that element.", name="result-enclosing-element", default=None)
    aggregation: Aggregation = child("What is taken from each branch.", tag="aggregation", default=REQUIRED)
    sequences: tuple[Scattered, ...] = children("The branches.", tag="sequence")

    def __post_init__(self) -> None:
        if not self.sequences:
            raise Unacceptable("there is no <sequence> to run.", code="missing-element")
        if self.target == "variable" and not self.variable:
            raise Unacceptable("the target 'variable' needs 'target-variable'.", code="missing-attribute")
        if self.content_type == "XML" and not self.enclosing:
            raise Unacceptable("an XML result needs 'result-enclosing-element'.", code="missing-attribute")

    async def mediate(self, message: MessageContext) -> bool:
        gathered = await self._gather(message)
        if not gathered:
            return False
        last = next(reversed(gathered.values()))
        results = [gathered[number] for number in sorted(gathered)]
        result = self._xml(results) if self.content_type == "XML" else self._json(results)
        if self.target == "variable":
            assert self.variable is not None  # checked at load
            message.variables[self.variable] = result
        else:
            message.adopt(last)
            _set_body(message, result)
        message.resumed = True
        return True

    async def _gather(self, message: MessageContext) -> dict[int, MessageContext]:
        """The branches that came, by number, in the order in which they came."""
        came: dict[int, MessageContext] = {}
        enough = asyncio.get_running_loop().create_future()
        limits: list[int] = []

        def take(number: int, branch: MessageContext) -> None:
            if enough.done():
                return
            try:
                if not self._is_wanted(branch):
                    return
                if not came:
                    limits.extend(number_of(value, branch) for value in (self.aggregation.min, self.aggregation.max))
            except Fault as fault:
                enough.set_exception(fault)
                return
            came[number] = branch
            if any(0 < limit <= len(came) for limit in limits):
                enough.set_result(None)

        count = len(self.sequences)
        name = f"scatter-gather at {self.where}"
        scattered = self._scatter(message)
        ended = branches.start_joining(message, scattered, count, name, parallel=self.parallel, came=take)
        await asyncio.wait(
            {ended, enough}, timeout=self.aggregation.timeout or None, return_when=asyncio.FIRST_COMPLETED
        )
        if not enough.cancel():  # what comes after this is late
            enough.result()
        return came

    def _scatter(self, message: MessageContext) -> Iterator[Branch]:
        base, fork, count = message.clone(), branches.fork_id(message), len(self.sequences)
        for number, sequence in enumerate(self.sequences):
            branch = base.clone()
            branches.mark(branch, fork, None, number, count)
            yield branch, sequence

    def _is_wanted(self, branch: MessageContext) -> bool:
        condition = self.aggregation.condition
        return condition is None or (condition.text(branch) or "").lower() == "true"

    def _json(self, results: list[MessageContext]) -> list[Any]:
        values = [self.aggregation.expression.evaluate(result) for result in results]
        if self.target == "variable" and not all(is_json(value) for value in values):
            raise Fault(f"{self.aggregation.expression.source} finds no JSON in one of the branches")
        return [
            value if is_json(value) else self.aggregation.expression.text(result)
            for value, result in zip(values, results, strict=True)
        ]

    def _xml(self, results: list[MessageContext]) -> xml.Element:
        root = etree.Element(self.enclosing or "")
        for result in results:
            root.extend(self._elements(result))
        return root

    def _elements(self, result: MessageContext) -> list[xml.Element]:
        """The elements that the expression finds, or the one whose text it is."""
        expression = self.aggregation.expression
        found = expression.evaluate(result)
        nodes = found if isinstance(found, list) else [found]
        elements = [alone(node) for node in nodes if isinstance(node, etree._Element)]
        if elements:
            return elements
        try:
            return [xml.decode_text(expression.text(result) or "")]
        except DecodeError as error:
            raise Fault(f"what {expression.source} finds in one of the branches is {error}") from None


def _set_body(message: MessageContext, result: Any) -> None:
    message.payload.close()
    message.payload = Payload()
    if isinstance(result, etree._Element):
        message.payload.set_content(result)
        message.set_axis2("messageType", "application/xml")
    else:
        message.payload.set_json(result)
        message.set_axis2("messageType", "application/json")
    message.axis2.pop("NO_ENTITY_BODY", None)
