"""<iterate>"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator

from engine.core import branches
from engine.core.branches import Branch
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, element
from engine.declare.spec import REQUIRED, Requires
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.jsonpath import JsonPath
from engine.expressions.values import elements_of
from engine.mediators._envelope import wrap
from engine.mediators._json_places import Steps, replaced, steps_of
from engine.mediators._nodes import alone, detach
from engine.mediators._target import Target
from engine.message.codecs import soap, xml
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.payload import Payload

Fill = Callable[[MessageContext], None]
"""Puts its part of the payload into the message that will carry it."""


@element("iterate", kind="mediator", category="eip", rules=(Requires("attachPath", ("preservePayload",)),))
class Iterate(Mediator):
    """Split the message: each element that the expression finds goes to the target as a message of its own.

    The payload of a part is its element (with the header blocks of a SOAP message), or with `preservePayload` the
    whole payload with this one element at `attachPath` in place of all. A JSON path must find an array. The flow of
    the message itself ends here unless `continueParent` is true; the parts run at the same time unless `sequential`
    is true (Synapse trap 26). A part into which the answer of a `call` came goes on after the iterate. What a part
    raises is taken by the handlers of this place and ends that part alone. With `id` an `<aggregate>` of the same id
    joins the parts.

    Example::

        <iterate id="orders" expression="json-eval($.orders)">
          <target><sequence><log level="full"/></sequence></target>
        </iterate>
    """

    reads_body = True

    id: str | None = attr("Name by which an aggregate knows the parts.", default=None)
    expression: Expression = attr("Finds the elements.")
    continue_parent: bool = attr("Whether the message itself goes on.", name="continueParent", default=False)
    sequential: bool = attr("Whether to run one part after the other.", default=False)
    preserve_payload: bool = attr(
        "Whether a part keeps the payload around its element.", name="preservePayload", default=False
    )
    attach_path: Expression | None = attr(
        "Where a preserved payload gets the element.", name="attachPath", default=None
    )
    target: Target = child("Where the parts go.", tag="target", default=REQUIRED)
    _place: Steps = dataclasses.field(init=False, default=())
    _attach: Steps = dataclasses.field(init=False, default=())

    def __post_init__(self) -> None:
        if self.attach_path is not None:
            if not self.preserve_payload:
                raise Unacceptable("'attachPath' has a meaning with preservePayload=\"true\" only.", code="requires")
            if isinstance(self.attach_path, JsonPath) is not isinstance(self.expression, JsonPath):
                raise Unacceptable("expression and attachPath must both be JSON paths, or both XPath.")
        if self.preserve_payload and isinstance(self.expression, JsonPath):
            self._place = steps_of(self.expression.source)
            self._attach = steps_of(self.attach_path.source) if self.attach_path is not None else ()

    async def mediate(self, message: MessageContext) -> bool:
        parts = self._json_parts(message) if isinstance(self.expression, JsonPath) else self._xml_parts(message)
        # The parts are made when their turn comes, and this message may go on and change meanwhile.
        base = message.clone(Payload())
        if self.sequential:
            await branches.run_in_order(message, self._branches(base, parts))
        elif parts:
            name = f"iterate at {self.where}"
            branches.start_parallel(message, self._branches(base, parts), len(parts), name)
        return self.continue_parent

    def _branches(self, base: MessageContext, parts: list[Fill]) -> Iterator[Branch]:
        fork = branches.fork_id(base)
        for number, fill in enumerate(parts):
            branch = base.clone(Payload())
            branches.mark(branch, fork, self.id, number, len(parts))
            yield branch, _Part(fill, self.target)

    # ---------------------------------------------------------------- JSON

    def _json_parts(self, message: MessageContext) -> list[Fill]:
        found = self.expression.evaluate(message)
        if not isinstance(found, list):
            raise Fault(f"{self.expression.source} finds no JSON array to iterate over")
        if not self.preserve_payload:
            return [_json_part(item) for item in found]
        document = message.payload.json()
        if self._place != self._attach:
            document = replaced(document, self._place, [])
        return [_json_part(replaced(document, self._attach, item)) for item in found]

    # ---------------------------------------------------------------- XML

    def _xml_parts(self, message: MessageContext) -> list[Fill]:
        work = message.clone() if self.preserve_payload else message
        if self.preserve_payload:
            work.payload.editable_envelope()
        elements = elements_of(self.expression.evaluate(work))
        copies = [alone(each) for each in elements]
        envelope = work.payload.envelope()
        if self.preserve_payload:
            for each in elements:
                detach(each)
            return [self._preserved(envelope, work.payload, each) for each in copies]
        version = soap.version_of(envelope) if work.payload.kind in ("soap11", "soap12") else None
        blocks = copy.deepcopy(envelope.findall("{*}Header/*")) if version else []
        return [_xml_part(each, version, blocks) for each in copies]

    def _preserved(self, envelope: xml.Element, payload: Payload, each: xml.Element) -> Fill:
        def fill(branch: MessageContext) -> None:
            branch.payload.kind = payload.kind
            branch.payload.set_view(copy.deepcopy(envelope))
            self._attach_point(branch).append(each)

        return fill

    def _attach_point(self, branch: MessageContext) -> xml.Element:
        if self.attach_path is None:
            return soap.body_of(branch.payload.envelope())
        found = elements_of(self.attach_path.evaluate(branch))
        if found:
            return found[0]
        raise Fault(f"the attachPath {self.attach_path.source} finds no element in the payload")


class _Part:
    """A part: its payload is made on the way to the target, so that it alone fails when that cannot be."""

    def __init__(self, fill: Fill, target: Target) -> None:
        self._fill, self._target = fill, target

    async def mediate(self, message: MessageContext) -> bool:
        self._fill(message)
        return await self._target.mediate(message)


def _json_part(value: JsonValue) -> Fill:
    return lambda branch: branch.payload.set_json(value)


def _xml_part(content: xml.Element, version: soap.Version | None, blocks: list[xml.Element]) -> Fill:
    def fill(branch: MessageContext) -> None:
        if version is None:
            branch.payload.set_content(content)
        else:
            branch.payload.set_envelope(wrap(content, version, copy.deepcopy(blocks)))

    return fill
