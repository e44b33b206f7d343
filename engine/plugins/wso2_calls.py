"""Operations of WSO2 connectors in flows: ``<acme.getOrder configKey="…"><id>{$ctx:id}</id></acme.getOrder>``.

An operation is a template that came with its connector. It is compiled when the first flow uses it. ``configKey`` names
a local entry with a connection (``<acme.init>…</acme.init>``), which runs first (Synapse trap 32). ``responseVariable``
puts the answer into a variable; the body is as before then, unless ``overwriteBody`` is true.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree

from engine.core.env import Template, env_of
from engine.core.faults import with_handler
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.build import Builder
from engine.declare.catalog import Catalog
from engine.declare.convert import Unacceptable
from engine.declare.spec import FieldSpec, Node, Spec
from engine.errors import Fault, Problem, Where, did_you_mean
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.plugins.wso2_archive import BadArchive
from engine.plugins.wso2_connector import Connector, Operation
from engine.source import Element, Source, SourceError

CATEGORY = "connector"
CONFIG_KEY, RESPONSE_VARIABLE, OVERWRITE_BODY = "configKey", "responseVariable", "overwriteBody"

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
        self._connections: weakref.WeakKeyDictionary[Any, dict[str, Mediator]] = weakref.WeakKeyDictionary()

    # ---------------------------------------------------------------- templates

    def note(self, call: Operable) -> None:
        """A call was built: compile its template and those that this one calls, and keep what is wrong with them."""
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
                problem = Problem(error.code, each.where, f"<{tag}>: {error.message}", error.hint)
                self.unusable.setdefault(call.where.file, []).append(problem)
            for found in self._broken.get(tag, ()):
                problem = Problem(found.code, each.where, f"<{tag}>: {found.where}: {found.message}", found.hint)
                self.unusable.setdefault(call.where.file, []).append(problem)
            pending += self._nested.get(tag, ())

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

    # ---------------------------------------------------------------- connections

    def connection(self, message: MessageContext, key: str) -> Mediator:
        """The ``init`` operation in the local entry ``key``. Raises Fault when there is none."""
        known = self._connections.setdefault(message.env, {})
        if key not in known:
            known[key] = self._build_connection(key, message.env.entry(key))
        return known[key]

    def _build_connection(self, key: str, entry: Any) -> Mediator:
        if not isinstance(entry, etree._Element):
            raise Fault(f"there is no connection '{key}': it is a local entry with the connector's init operation")
        builder = Builder(self.catalog)
        root = Source(f"local entry '{key}'", etree.tostring(entry)).parse()
        nodes = builder.mediators([root])
        problem = next((each for each in builder.problems if each.severity == "error"), None)
        if problem is not None or not nodes:
            raise Fault(f"the connection '{key}' cannot be used: {problem}")
        return cast(Mediator, nodes[0])

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
            open_content=operation.parameters is None,
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
        spec = Spec(tag, ("mediator",), CATEGORY, summary, summary, f"<{tag}/>", _COMMON_FIELDS, (), construct, True)
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
        self._key: Value | None = values.pop(CONFIG_KEY)
        self._on_error: str | None = values.pop("onError")
        self._arguments: dict[str, Value] = {
            name.removeprefix(_ARGUMENT): value for name, value in values.items() if value is not None
        }
        self._computed = frozenset(name for name, value in self._arguments.items() if not value.is_static)
        self._has_extras = self._on_error is not None or RESPONSE_VARIABLE in self._arguments

    def compiled(self) -> Template:
        return self._library.template(self)

    async def mediate(self, message: MessageContext) -> bool:
        if self._key is not None and not await self._connect(message, self._key):
            return False
        try:
            template = self.compiled()
        except Unacceptable as error:
            raise Fault(f"<{self.spec.tag}> cannot run: {error.message} {error.hint}".rstrip()) from None
        arguments = {
            name: value if value.is_lazy else value.evaluate(message) for name, value in self._arguments.items()
        }
        if not self._has_extras:
            return await template.invoke(message, arguments, self._computed)
        operation = functools.partial(template.invoke, message, arguments, self._computed)
        variable = self._text_of(message, RESPONSE_VARIABLE)
        overwrite = (self._text_of(message, OVERWRITE_BODY) or "").lower() == "true"
        work = _with_response_variable(message, operation, variable, overwrite) if variable else operation()
        return await with_handler(message, self._on_error, work)

    async def _connect(self, message: MessageContext, key: Value) -> bool:
        name = key.text(message)
        if not name:
            raise Fault(f"the configKey '{key.source}' gives no name")
        return await run([self._library.connection(message, name)], message)

    def _text_of(self, message: MessageContext, name: str) -> str | None:
        value = self._arguments.get(name)
        return None if value is None else value.text(message)


async def _with_response_variable(
    message: MessageContext, operation: Callable[[], Awaitable[bool]], variable: str, overwrite: bool
) -> bool:
    await message.payload.load(env_of(message).limits.buffered_body)
    payload, headers, axis2 = message.payload.copy(), message.headers.copy(), dict(message.axis2)
    to, direction = message.to, message.is_response
    if not await operation():
        return False
    await message.payload.load(env_of(message).limits.buffered_body)
    message.variables[variable] = _response(message, with_payload=not overwrite)
    if not overwrite:
        message.payload.close()
        message.payload, message.headers, message.axis2 = payload, headers, axis2
        message.to, message.is_response = to, direction
    return True


def _response(message: MessageContext, *, with_payload: bool) -> dict[str, Any]:
    """The answer as the newer connectors give it: payload, headers, attributes."""
    response: dict[str, Any] = {"headers": _by_name(message.headers), "attributes": {}}
    status = message.axis2.get("HTTP_SC")
    if status is not None:
        response["attributes"]["statusCode"] = status
    if with_payload:
        response["payload"] = _payload(message.payload)
    return response


def _by_name(headers: Headers) -> dict[str, str]:
    return dict(headers)


def _payload(payload: Payload) -> Any:
    if payload.kind == "text":
        return payload.text()
    if payload.is_structured and payload.kind == "json":
        return payload.json()
    content = payload.content()
    return {} if content is None else content


def _unusable(problem: Problem) -> Unacceptable:
    return Unacceptable(f"{problem.where}: {problem.message}", code=problem.code, hint=problem.hint)


_COMMON_FIELDS = (
    FieldSpec(
        CONFIG_KEY,
        "attribute",
        CONFIG_KEY,
        "Local entry with the connection: the connector's init operation, which runs first.",
        Value,
        None,
        refers="local-entry",
    ),
    FieldSpec("onError", "attribute", "onError", "Sequence that takes faults.", str, None, refers="sequence"),
)


def _fields(operation: Operation) -> Iterable[FieldSpec]:
    yield from _COMMON_FIELDS
    parameters = dict(operation.parameters or ())
    parameters.setdefault(RESPONSE_VARIABLE, "Variable for the answer; the body stays as it is.")
    parameters.setdefault(OVERWRITE_BODY, "Whether the answer becomes the body all the same.")
    for name, description in parameters.items():
        yield FieldSpec(_ARGUMENT + name, "parameter", name, description or f"The template's {name}.", Value, None)


def _example(tag: str, operation: Operation) -> str:
    names = [name for name, _ in (operation.parameters or ())[:2]]
    inside = "".join(f"<{name}>{{$ctx:{name}}}</{name}>" for name in names)
    return f"<{tag}>{inside}</{tag}>" if inside else f"<{tag}/>"
