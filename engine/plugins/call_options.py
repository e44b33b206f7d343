"""What every operation of a connector takes in a flow, whatever it is made of.

``configKey`` names a local entry with a connection (``<acme.init>…</acme.init>``), which runs first (Synapse trap 32).
``responseVariable`` puts the answer into a variable; the body is as before then, unless ``overwriteBody`` is true.
``onError`` names a sequence for its faults.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.core.env import env_of
from engine.core.faults import with_handler
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.spec import FieldSpec, Spec
from engine.errors import Fault, Where
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

CONFIG_KEY, ON_ERROR = "configKey", "onError"
RESPONSE_VARIABLE, OVERWRITE_BODY = "responseVariable", "overwriteBody"

_CONNECTION_DOC = "Local entry with the connection: the connector's init operation, which runs first."

FIELDS = (
    FieldSpec(CONFIG_KEY, "attribute", CONFIG_KEY, _CONNECTION_DOC, Value, None, refers="local-entry"),
    FieldSpec(ON_ERROR, "attribute", ON_ERROR, "Sequence that takes faults.", str, None, refers="sequence"),
    FieldSpec(RESPONSE_VARIABLE, "parameter", RESPONSE_VARIABLE, "Variable for the answer; the body stays as it is.",
              Value, None),
    FieldSpec(OVERWRITE_BODY, "parameter", OVERWRITE_BODY, "Whether the answer becomes the body all the same.",
              Value, None),
)  # fmt: skip
NAMES = frozenset(each.name for each in FIELDS)
"""Those that no operation can have as parameters of its own."""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What one call says of this; None where it says nothing."""

    config_key: Value | None = None
    on_error: str | None = None
    response_variable: Value | None = None
    overwrite_body: Value | None = None

    @classmethod
    def taken_from(cls, values: dict[str, Any]) -> CallOptions:
        """Out of what the builder passes to ``construct``."""
        return cls(*(values.pop(each.attribute, None) for each in FIELDS))

    async def connect(self, message: MessageContext) -> bool:
        """Run the connection. Gives whether the flow goes on; raises Fault when there is none of that name."""
        if self.config_key is None:
            return True
        key = self.config_key.text(message)
        if not key:
            raise Fault(f"the configKey '{self.config_key.source}' gives no name")
        return await run(env_of(message).connection(key), message)

    def run(self, message: MessageContext, operation: Callable[[], Awaitable[bool]]) -> Awaitable[bool]:
        """Run the operation itself. Gives whether the flow goes on."""
        variable = None if self.response_variable is None else self.response_variable.text(message)
        work = self._with_variable(message, operation, variable) if variable else operation()
        return with_handler(message, self.on_error, work)

    async def _with_variable(
        self, message: MessageContext, operation: Callable[[], Awaitable[bool]], variable: str
    ) -> bool:
        overwrite = self.overwrite_body is not None and (self.overwrite_body.text(message) or "").lower() == "true"
        limit = env_of(message).limits.buffered_body
        await message.payload.load(limit)
        payload, headers, axis2 = message.payload.copy(), message.headers.copy(), dict(message.axis2)
        to, direction = message.to, message.is_response
        if not await operation():
            return False
        await message.payload.load(limit)
        message.variables[variable] = _response(message, with_payload=not overwrite)
        if not overwrite:
            message.payload.close()
            message.payload, message.headers, message.axis2 = payload, headers, axis2
            message.to, message.is_response = to, direction
        return True


class OperationCall(Mediator):
    """``<connector.operation>`` in a flow, with its options."""

    __slots__ = ("_has_options", "_options", "reads_body", "spec", "where")

    def __init__(self, spec: Spec, where: Where, options: CallOptions) -> None:
        self.spec = spec
        self.where = where
        self.reads_body = False
        self._options = options
        self._has_options = options != CallOptions()

    async def mediate(self, message: MessageContext) -> bool:
        if not self._has_options:
            return await self.operate(message)
        return await self._options.connect(message) and await self._options.run(message, partial(self.operate, message))

    @abstractmethod
    async def operate(self, message: MessageContext) -> bool:
        """The operation itself. Gives whether the flow goes on."""


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
