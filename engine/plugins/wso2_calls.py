"""Operations of WSO2 connectors in flows: ``<acme.getOrder configKey="…"><id>{$ctx:id}</id></acme.getOrder>``.

An operation is a template that came with its connector. It is compiled when the first flow uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from engine.core.env import Template
from engine.core.mediator import Mediator
from engine.declare.build import Builder
from engine.declare.catalog import Catalog
from engine.declare.convert import Unacceptable
from engine.declare.spec import FieldSpec, Node, Spec
from engine.errors import Fault, Problem, Where, did_you_mean
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.plugins import call_options
from engine.plugins.call_options import CallOptions
from engine.plugins.rest import INIT
from engine.plugins.wso2_archive import BadArchive
from engine.plugins.wso2_connector import Connector, Operation
from engine.source import Element, Source, SourceError

CATEGORY = "connector"

_ARGUMENT = "argument:"
"""Before names of parameters, so that none is taken for what the builder itself passes."""


class Library:
    """All connectors of one deployment, and what of them is compiled. Other connectors make a new library.

    As in Synapse, a flow loads even if an operation that it calls cannot run; so does an operation with a step that
    cannot run. What keeps it from running is told by ``unusable``, and the flow faults when it comes there.
    """

    def __init__(self, connectors: Iterable[Connector], catalog: Catalog) -> None:
        self.connectors = {each.name: each for each in connectors}
        self.catalog = catalog.without_connectors(self.connectors).with_specs(
            self._spec(connector, operation)
            for connector in self.connectors.values()
            for operation in connector.operations.values()
            if not operation.is_endpoint
        )
        for name in self.connectors:
            self.catalog = self.catalog.with_other_operations(name, self._unknown_spec)
        self.unusable: dict[str, list[Problem]] = {}
        """By the file of the flow: problems of the operations that it uses, directly or through others."""
        self._templates: dict[str, Template | Unacceptable] = {}
        self._nested: dict[str, list[Operable]] = {}
        self._broken: dict[str, list[Problem]] = {}
        """By operation: the steps of its template that cannot run."""
        self._collecting: list[Operable] | None = None

    # ---------------------------------------------------------------- templates

    def note(self, call: Operable) -> None:
        """A flow's call was built: compile its template and those that it calls, and keep what is wrong with them.

        All of that is told where the flow calls, since it is the flow that cannot do what it says.
        """
        if self._collecting is not None:
            self._collecting.append(call)
            return
        pending, seen = [call], set()
        while pending:
            each = pending.pop()
            tag = each.spec.tag
            if tag in seen:
                continue
            seen.add(tag)
            try:
                each.compiled()
            except Unacceptable as error:
                nested = "" if each is call else f"{each.where}: <{tag}>: "
                self._report(call, error.code, f"{nested}{error.message}", error.hint)
            for found in self._broken.get(tag, ()):
                self._report(call, found.code, f"{found.where}: {found.message}", found.hint)
            pending += self._nested.get(tag, ())

    def _report(self, call: Operable, code: str, message: str, hint: str) -> None:
        problem = Problem(code, call.where, f"<{call.spec.tag}>: {message}", hint)
        self.unusable.setdefault(call.where.file, []).append(problem)

    def template(self, call: Call) -> Template:
        """The compiled template of a call. Raises Unacceptable."""
        tag = call.spec.tag
        if tag not in self._templates:
            self._collecting = []
            try:
                self._templates[tag] = self._compile(tag, call.connector, call.operation)
            finally:
                self._nested[tag], self._collecting = self._collecting, None
        found = self._templates[tag]
        if isinstance(found, Unacceptable):
            raise Unacceptable(found.message, code=found.code, hint=found.hint)
        return found

    def _compile(self, tag: str, connector: Connector, operation: Operation) -> Template | Unacceptable:
        label = connector.archive.label(operation.file)
        try:
            root = Source(label, connector.archive.read(operation.file)).parse()
        except SourceError as error:
            return _unusable(error.problem)
        except BadArchive as error:
            return Unacceptable(f"{label}: {error.message}", code=error.code)
        if root.tag != "template":
            return Unacceptable(f"{root.where}: the file of an operation is a <template>, not <{root.tag}>.")
        spec = self.catalog.get("artifact", "template")
        assert spec is not None  # the language has it
        builder = _TemplateBuilder(self.catalog)
        root.attributes["name"] = tag  # what the component calls it counts
        template = builder.node(spec, root)
        self._broken[tag] = builder.broken
        if template is None:
            return _unusable(next(each for each in builder.problems if each.severity == "error"))
        return cast(Template, template)

    # ---------------------------------------------------------------- declarations

    def _spec(self, connector: Connector, operation: Operation) -> Spec:
        tag = f"{connector.name}.{operation.name}"

        def construct(*, where: Where, **values: Any) -> Node:
            call = Call(spec, where, self, connector, operation, values)
            self.note(call)
            return call

        summary = operation.description.partition("\n")[0] or f"{operation.name} of the connector {connector.name}."
        spec = Spec(
            tag=tag,
            kinds=("mediator",),
            category=CATEGORY,
            summary=summary if summary.endswith(".") else f"{summary}.",
            doc=f"{operation.description or summary}\n\nFrom {connector.path.name}.",
            example=_example(tag, operation),
            fields=tuple(_fields(operation)),
            rules=(),
            construct=construct,
            # What else editors write into a connection is for themselves, or for the endpoint that it brings.
            open_content=operation.parameters is None or operation.name == INIT,
        )
        return spec

    def _unknown_spec(self, tag: str) -> Spec:
        """An operation that its connector does not have."""
        name, _, operation = tag.partition(".")
        hint = did_you_mean(operation, self.connectors[name].operations)

        def construct(*, where: Where, **values: Any) -> Node:
            call = UnknownCall(
                spec, where, Unacceptable("there is no such operation.", code="unknown-mediator", hint=hint)
            )
            self.note(call)
            return call

        summary = f"No operation of the connector {name}."
        spec = Spec(
            tag, ("mediator",), CATEGORY, summary, summary, f"<{tag}/>", call_options.FIELDS, (), construct, True
        )
        return spec


@dataclass(slots=True)
class _TemplateBuilder(Builder):
    """Builds the template of an operation. A step that cannot be built is a fault when the flow comes to it."""

    broken: list[Problem] = field(default_factory=list)

    def _mediator(self, element: Element) -> Node | None:
        before = len(self.problems)
        # The zero-argument super() does not work in a dataclass with slots.
        node = Builder._mediator(self, element)
        errors = [each for each in self.problems.items[before:] if each.severity == "error"]
        if not errors:
            return node
        del self.problems.items[before:]
        self.broken += errors
        return BrokenStep(element, errors[0])


class BrokenStep(Mediator):
    """A step of a connector's template that cannot run."""

    def __init__(self, element: Element, problem: Problem) -> None:
        self.spec = Spec(element.tag, ("mediator",), CATEGORY, "", "", "", (), (), BrokenStep)
        self.where, self.reads_body = element.where, False
        self._problem = problem

    async def mediate(self, message: MessageContext) -> bool:
        raise Fault(f"<{self.spec.tag}> cannot run: {self._problem.message} {self._problem.hint}".rstrip())


class Operable(Mediator):
    """A call that the library knows of."""

    def compiled(self) -> Template:
        """What it runs. Raises Unacceptable."""
        raise NotImplementedError


class UnknownCall(Operable):
    """``<connector.nonsense>``: a fault when the flow comes to it."""

    def __init__(self, spec: Spec, where: Where, reason: Unacceptable) -> None:
        self.spec, self.where, self.reads_body = spec, where, False
        self._reason = reason

    def compiled(self) -> Template:
        raise self._reason

    async def mediate(self, message: MessageContext) -> bool:
        raise Fault(f"<{self.spec.tag}>: {self._reason.message} {self._reason.hint}".rstrip())


class Call(Operable):
    """``<connector.operation>`` in a flow."""

    def __init__(
        self,
        spec: Spec,
        where: Where,
        library: Library,
        connector: Connector,
        operation: Operation,
        values: dict[str, Any],
    ) -> None:
        self.spec = spec
        self.where = where
        self.reads_body = False
        self.connector = connector
        self.operation = operation
        self._library = library
        self._options = CallOptions.taken_from(values)
        given = {name.removeprefix(_ARGUMENT): value for name, value in values.items()}
        # Newer templates look at these, too.
        given[call_options.RESPONSE_VARIABLE] = self._options.response_variable
        given[call_options.OVERWRITE_BODY] = self._options.overwrite_body
        self._arguments: dict[str, Value] = {name: value for name, value in given.items() if value is not None}
        self._computed = frozenset(name for name, value in self._arguments.items() if not value.is_static)

    def compiled(self) -> Template:
        return self._library.template(self)

    async def mediate(self, message: MessageContext) -> bool:
        if not await self._options.connect(message):
            return False
        try:
            template = self.compiled()
        except Unacceptable as error:
            raise Fault(f"<{self.spec.tag}> cannot run: {error.message} {error.hint}".rstrip()) from None
        arguments = {
            name: value if value.is_lazy else value.evaluate(message) for name, value in self._arguments.items()
        }
        return await self._options.run(message, partial(template.invoke, message, arguments, self._computed))


def _unusable(problem: Problem) -> Unacceptable:
    return Unacceptable(f"{problem.where}: {problem.message}", code=problem.code, hint=problem.hint)


def _fields(operation: Operation) -> Iterable[FieldSpec]:
    yield from call_options.FIELDS
    for name, description in operation.parameters or ():
        if name not in call_options.NAMES:
            yield FieldSpec(_ARGUMENT + name, "parameter", name, description or f"The template's {name}.", Value, None)


def _example(tag: str, operation: Operation) -> str:
    names = [name for name, _ in (operation.parameters or ())[:2]]
    inside = "".join(f"<{name}>{{$ctx:{name}}}</{name}>" for name in names)
    return f"<{tag}>{inside}</{tag}>" if inside else f"<{tag}/>"
