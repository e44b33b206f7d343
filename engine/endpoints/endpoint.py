"""<endpoint>"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Literal, cast

from engine.core.artifact import Artifact
from engine.core.env import env_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element, slot
from engine.declare.spec import Node, OneOf
from engine.endpoints._kind import Child, Kind, Place
from engine.endpoints._session import Session
from engine.endpoints._template import TemplateUse
from engine.errors import ErrorCode, Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("property", open_content=True)
class EndpointProperty(Node):
    """A property set on every message that is sent."""

    name: str = attr("Name of the property.")
    value: str | None = attr("Value.", default=None)
    expression: Expression | None = attr("Expression that gives the value.", default=None)
    scope: Literal["default", "axis2", "axis2-client", "transport"] = attr("Scope.", default="default")

    def apply(self, message: MessageContext) -> None:
        """Set it (Synapse's MediatorProperty)."""
        text = self.expression.text(message) if self.expression is not None else self.value or ""
        if self.scope == "axis2":
            message.set_axis2(self.name, text)
        elif self.scope == "axis2-client":
            message.axis2_client[self.name] = text
        elif self.scope == "transport":
            message.headers.set(self.name, text or "")
        else:
            message.set_property(self.name, text)


@element("parameter")
class EndpointParameter(Node):
    """One argument of an endpoint template."""

    name: str = attr("Name; `$NAME` in the template stands for it.")
    value: str = attr("Value.")


@element(
    "endpoint",
    kind=("artifact", "endpoint"),
    category="endpoint",
    rules=(OneOf(("key", "key_expression", "template", "type")),),
)
class Endpoint(Artifact):
    """Define where messages go, here or under a name for use elsewhere.

    Example::

        <endpoint name="orders"><http method="post" uri-template="https://api.example.com/orders"/></endpoint>
    """

    kind: ClassVar[str] = "endpoint"
    _use: TemplateUse | None = None

    name: str = attr("Name, for endpoints of their own file.", default="")
    key: Value | None = attr(
        "Use the endpoint of this name; `{expression}` chooses at run time.", default=None, refers="endpoint"
    )
    key_expression: Expression | None = attr(
        "Expression that gives the name of the endpoint to use.", name="key-expression", default=None
    )
    template: str | None = attr("Make it from this endpoint template.", default=None, refers="template")
    uri: str | None = attr("What `$uri` stands for in the template.", default=None)
    on_error: str | None = attr(
        "Sequence that takes the faults of this endpoint first.", name="onError", default=None, refers="sequence"
    )
    type: Kind | None = slot("The kind of endpoint.", of="endpoint-type")
    session: Session | None = child("Keep the messages of a client on one child of <loadbalance>.", tag="session")
    properties: tuple[EndpointProperty, ...] = children("Properties for each message.", tag="property")
    parameters: tuple[EndpointParameter, ...] = children("Arguments of the template.", tag="parameter")

    def __post_init__(self) -> None:
        name = self.name or str(self.where)
        if self.type is not None:
            fixed = {each.name: each.value for each in self.properties if each.value is not None}
            self.type.attach(Place(name, fixed, self.session))
        elif self.session is not None:
            raise Unacceptable("<session> needs a <loadbalance>.", code="requires")
        if self.template is not None:
            arguments = {each.name: each.value for each in self.parameters}
            given = {"name": self.name, "uri": self.uri}
            arguments |= {key: value for key, value in given.items() if value}
            self._use = TemplateUse(self.template, arguments, name)

    @property
    def state(self) -> str:
        """ACTIVE, TIMEOUT or SUSPENDED, in this process."""
        return self.type.state if self.type is not None else "ACTIVE"

    def fixed_property(self, name: str) -> str | None:
        """The fixed value of a ``<property>``, or None."""
        return next((each.value for each in self.properties if each.name == name), None)

    def ready(self, message: MessageContext) -> bool:
        """Whether a message may be sent now. One whose name leads nowhere is not ready."""
        if self.type is not None:
            return self.type.ready(message)
        try:
            self._enter(message)
        except Fault:
            return False
        try:
            return self._named(message).ready(message)
        except Fault:
            return False
        finally:
            message.depth -= 1

    def recipients(self, message: MessageContext) -> Sequence[Child]:
        """Those that get a copy of the message each; empty when the message itself is sent. Raises Fault."""
        if self.type is not None:
            return self.type.recipients(message)
        self._enter(message)
        try:
            return self._named(message).recipients(message)
        finally:
            message.depth -= 1

    def send(self, message: MessageContext) -> Coroutine[Any, Any, None]:
        """Send the message; it becomes the answer. Raises Fault."""
        if self.type is not None and not self.properties and self.on_error is None:
            return self.type.send(message)
        return self._send(message)

    async def _send(self, message: MessageContext) -> None:
        try:
            for each in self.properties:
                each.apply(message)
            if self.type is not None:
                await self.type.send(message)
                return
            self._enter(message)
            try:
                await self._named(message).send(message)
            finally:
                message.depth -= 1
        except Fault as fault:
            fault.on_error = fault.on_error or self.on_error
            raise

    def _enter(self, message: MessageContext) -> None:
        """One level deeper, to be left by ``depth -= 1``. Raises Fault when that is too deep."""
        if message.depth >= env_of(message).limits.depth:
            raise Fault(f"endpoint '{self._key(message)}' is entered {message.depth} levels deep; does it name itself?")
        message.depth += 1

    def _named(self, message: MessageContext) -> Child:
        """The endpoint this one stands for. Raises Fault 305100 when there is none."""
        env = env_of(message)
        if self._use is not None:
            return self._use.endpoint(env)
        try:
            return cast(Child, env.endpoint(self._key(message)))
        except Fault as fault:
            fault.code = ErrorCode.INDIRECT_NOT_READY
            raise

    def _key(self, message: MessageContext) -> str:
        """Raises Fault when the expression gives no name."""
        if self._use is not None:
            return self._use.name
        key = self.key or self.key_expression
        assert key is not None  # one of key, key-expression, template and type is there
        name = key.text(message)
        if not name:
            raise Fault(f"the endpoint key '{key.source}' gives no name", code=ErrorCode.INDIRECT_NOT_READY)
        return name
