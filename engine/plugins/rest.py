"""The mediator behind an operation that is data: a method, a path, a query and a body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.mediator import Mediator
from engine.declare.spec import REQUIRED, FieldSpec, Spec
from engine.errors import Fault, Where
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.plugins import call_options
from engine.plugins.arguments import Arguments
from engine.plugins.call_options import CallOptions, OperationCall
from engine.plugins.connection import completed, connection_of
from engine.plugins.exchange import Exchange
from engine.plugins.parameters import Parameter
from engine.plugins.variant import Plan, Variant
from engine.plugins.walk import read_all

CATEGORY = "connector"

INIT = "init"
"""The operation of each connector that makes a connection."""

_ARGUMENT = "argument_"
"""Keeps parameters apart from ``where``, which every node gets."""

ALL_PAGES = "all"
RESULT_SHAPE = "resultShape"
"""Parameters of every operation whose answer has pages, or other forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestOperation:
    """One operation as its author declares it, in each version of the API that has it.

    A connector whose API has no versions knows one, with an empty name.
    """

    connector: str
    name: str
    summary: str
    variants: Mapping[str, Variant]
    parameters: tuple[Parameter, ...] = ()
    account: tuple[str, ...] = ()
    """What connections of this connector may supply."""

    @property
    def tag(self) -> str:
        return f"{self.connector}.{self.name}"


def rest_spec(operation: RestOperation, doc: str, exchange: Exchange) -> Spec:
    """The declaration under which flows call ``operation``."""
    plans = {
        version: Plan(operation.tag, variant, operation.parameters, exchange.clock, operation.account)
        for version, variant in operation.variants.items()
    }

    def construct(*, where: Where, **values: Any) -> Mediator:
        options = CallOptions.taken_from(values)
        arguments = Arguments(operation.tag, operation.parameters, by_parameter(values, operation.parameters))
        return RestCall(spec, where, options, operation.connector, plans, exchange, arguments)

    spec = operation_spec(operation.tag, operation.summary, doc, operation.parameters, construct)
    return spec


def operation_spec(
    tag: str, summary: str, doc: str, parameters: tuple[Parameter, ...], construct: Callable[..., Mediator]
) -> Spec:
    """What every kind of connector operation looks like in the catalogue, with an example made from its parameters.

    ``init`` makes a connection and has no answer: it takes nothing but these.
    """
    fields = tuple(field for each in parameters for field in _fields(each))
    return Spec(
        tag=tag,
        kinds=("mediator",),
        category=CATEGORY,
        summary=summary,
        doc=doc,
        example=_example(tag, parameters),
        fields=fields if tag.endswith(f".{INIT}") else fields + call_options.FIELDS,
        rules=(),
        construct=construct,
    )


def by_parameter(values: Mapping[str, Value | None], parameters: Iterable[Parameter]) -> dict[str, Value | None]:
    """What the builder passes to ``construct``, under the names that the parameters have in XML."""
    given = {attribute.removeprefix(_ARGUMENT): value for attribute, value in values.items()}
    for each in parameters:
        if each.also and (other := given.pop(each.also)) is not None and given[each.name] is None:
            given[each.name] = other
    return given


class RestCall(OperationCall):
    """An operation that is data, in a flow."""

    __slots__ = ("_arguments", "_connector", "_exchange", "_plans")

    def __init__(
        self,
        spec: Spec,
        where: Where,
        options: CallOptions,
        connector: str,
        plans: Mapping[str, Plan],
        exchange: Exchange,
        arguments: Arguments,
    ) -> None:
        super().__init__(spec, where, options)
        self._connector = connector
        self._plans = plans
        self._exchange = exchange
        self._arguments = arguments

    async def operate(self, message: MessageContext) -> bool:
        connection = connection_of(message, self._connector)
        plan = self._plans.get(connection.version) or self._missing(connection.version)
        arguments = self._arguments.evaluate(message)
        if not plan.account_names <= connection.values.keys():
            connection = await completed(message, connection)
        if plan.paging is None and not plan.results:
            await self._exchange.call(message, connection, plan.request(connection.values, arguments))
            return True
        shape = arguments.get(RESULT_SHAPE) or connection.values.get(RESULT_SHAPE, "")
        # Another shape is that of a whole list, as the older version of an API gave it.
        if plan.paging is not None and (arguments.get(ALL_PAGES) or shape in plan.results):
            await read_all(message, connection, self._exchange, plan, arguments)
        else:
            await self._exchange.call(message, connection, plan.request(connection.values, arguments))
        if shape in plan.results and message.axis2.get("HTTP_SC", 0) < 300 and message.payload.kind == "json":
            message.payload.set_json(plan.results[shape](message.payload.json()))
        return True

    def _missing(self, version: str) -> Plan:
        having = ", ".join(self._plans)
        raise Fault(f"<{self.spec.tag}> is an operation of {having}, and this connection speaks {version}", status=400)


def _fields(parameter: Parameter) -> Iterator[FieldSpec]:
    # With a second name, whether it is there at all is seen when both are known.
    required = parameter.required and not parameter.also
    yield _field(parameter.name, parameter.described, REQUIRED if required else None)
    if parameter.also:
        yield _field(parameter.also, f"The same as {parameter.name}.", None)


def _field(name: str, doc: str, default: Any) -> FieldSpec:
    return FieldSpec(_ARGUMENT + name, "parameter", name, doc, Value, default)


def _example(tag: str, parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return f"<{tag}/>"
    lines = [f"    <{each.name}>{{$ctx:{each.name}}}</{each.name}>" for each in parameters]
    return "\n".join([f"<{tag}>", *lines, f"</{tag}>"])
