"""The mediator behind an operation that is data: a method, a path, a query and a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.mediator import Mediator
from engine.declare.spec import REQUIRED, FieldSpec, Spec
from engine.errors import Where
from engine.expressions.dynamic import Value
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.plugins.arguments import Arguments, refusal
from engine.plugins.connection import connection_of
from engine.plugins.exchange import ApiRequest, Exchange
from engine.plugins.parameters import Parameter
from engine.plugins.shapes import ABSENT, Values, compile_path, compile_query, compile_shape, placeholders

CATEGORY = "connector"

_ARGUMENT = "argument_"
"""Keeps parameters apart from ``where``, which every node gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestOperation:
    """One operation as its author declares it; see ``yaml_spec`` for the meaning of the fields."""

    connector: str
    name: str
    summary: str
    method: str
    path: str
    query: Mapping[str, Any]
    body: Any = ABSENT
    body_from: Callable[[Values], Any] | None = None
    accept: str = "application/json"
    parameters: tuple[Parameter, ...] = ()

    @property
    def tag(self) -> str:
        return f"{self.connector}.{self.name}"


def rest_spec(operation: RestOperation, doc: str, exchange: Exchange) -> Spec:
    """The declaration under which flows call ``operation``."""
    plan = _Plan(operation, exchange)

    def construct(*, where: Where, **values: Value | None) -> Mediator:
        return RestCall(spec, where, plan, Arguments(operation.tag, operation.parameters, by_parameter(values)))

    spec = operation_spec(operation.tag, operation.summary, doc, operation.parameters, construct)
    return spec


def operation_spec(
    tag: str, summary: str, doc: str, parameters: tuple[Parameter, ...], construct: Callable[..., Mediator]
) -> Spec:
    """What every kind of connector operation looks like in the catalogue, with an example made from its parameters."""
    return Spec(
        tag=tag,
        kinds=("mediator",),
        category=CATEGORY,
        summary=summary,
        doc=doc,
        example=_example(tag, parameters),
        fields=tuple(_field(each) for each in parameters),
        rules=(),
        construct=construct,
    )


def by_parameter(values: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """What the builder passes to ``construct``, under the names that the parameters have in XML."""
    return {attribute.removeprefix(_ARGUMENT): value for attribute, value in values.items()}


class RestCall(Mediator):
    """``<connector.operation>`` in a flow."""

    __slots__ = ("_arguments", "_plan", "reads_body", "spec", "where")

    def __init__(self, spec: Spec, where: Where, plan: _Plan, arguments: Arguments) -> None:
        self.spec = spec
        self.where = where
        self.reads_body = False
        self._plan = plan
        self._arguments = arguments

    async def mediate(self, message: MessageContext) -> bool:
        plan = self._plan
        connection = connection_of(message, plan.connector)
        values = self._arguments.evaluate(message)
        request = plan.request(connection.values, values)
        await plan.exchange.call(message, connection, request)
        return True


class _Plan:
    """What all calls of one operation share, compiled."""

    def __init__(self, operation: RestOperation, exchange: Exchange) -> None:
        self.connector = operation.connector
        self.exchange = exchange
        self._tag = operation.tag
        self._method = operation.method
        self._accept = operation.accept
        self._path = compile_path(operation.path)
        self._query = compile_query(operation.query)
        self._body = operation.body_from or (None if operation.body is ABSENT else compile_shape(operation.body))
        path_names = set(placeholders(operation.path))
        # Keys are digits; free text could be a dot segment, which servers resolve even when it is encoded.
        self._free_segments = [
            each.name for each in operation.parameters if each.name in path_names and each.type != "key"
        ]

    def request(self, account: Mapping[str, str], arguments: dict[str, Any]) -> ApiRequest:
        for name in self._free_segments:
            if arguments[name] in (".", ".."):
                raise refusal(self._tag, [{"parameter": name, "value": arguments[name], "rule": "no dot segment"}])
        values = {**account, **arguments}
        path = self._path(values) + self._query(values)
        if self._body is None:
            return ApiRequest(self._method, path, None, self._accept)
        body = self._body(values)
        return ApiRequest(self._method, path, json.encode({} if body is ABSENT else body), self._accept)


def _field(parameter: Parameter) -> FieldSpec:
    return FieldSpec(
        attribute=_ARGUMENT + parameter.name,
        kind="parameter",
        name=parameter.name,
        doc=parameter.described,
        type=Value,
        default=REQUIRED if parameter.required else None,
    )


def _example(tag: str, parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return f"<{tag}/>"
    lines = [f"    <{each.name}>{{$ctx:{each.name}}}</{each.name}>" for each in parameters]
    return "\n".join([f"<{tag}>", *lines, f"</{tag}>"])
