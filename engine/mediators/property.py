"""<property>"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any, Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.core.redaction import MASK, is_secret
from engine.declare.convert import Regex, Unacceptable
from engine.declare.fields import attr, element, inline
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.mediators._property_types import TypeName, from_constant, from_expression
from engine.mediators._scopes import SCOPES, Scope, ScopeName
from engine.message.context import MessageContext
from engine.source import Element

Computation = Callable[[MessageContext], Any]


@element("property", kind="mediator", category="core")
class Property(Mediator):
    """Set or remove a property of the message.

    Scopes: ``default`` lives as long as the flow, ``axis2`` steers the transport until the next answer arrives,
    ``transport`` are the HTTP headers, ``operation`` is shared by request and answer, ``registry`` writes a resource,
    ``system`` an environment variable of this process. ``trace`` and ``analytics`` are accepted and keep nothing.

    In the default scope a null value changes nothing (Synapse trap 5). ``messageType`` in the axis2 scope also sets
    the content type (trap 17). With ``pattern`` the value is what ``group`` matched, or empty when the whole text
    does not match. Values are given by ``value``, by XML inside, or by ``expression``; the first of them counts. A
    constant that does not fit its type is a problem at load, a computed one a fault.

    Example::

        <property name="uri.var.key" expression="json-eval($.webinarKey)"/>
    """

    name: Value = attr("Name of the property; `{expression}` computes it.")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)
    xml: tuple[Element, ...] = inline("The value, as XML.")
    scope: ScopeName = attr("Where the property lives.", default="default")
    type: TypeName = attr("Type the value is converted to.", default="STRING")
    action: Literal["set", "remove"] = attr("What to do.", default="set")
    pattern: Regex | None = attr("What the whole text must match.", default=None)
    group: int | None = attr("Which group of the pattern is the value; 0 = all of it.", default=None)
    _name: str | None = dataclasses.field(init=False)
    _scope: Scope = dataclasses.field(init=False)
    _compute: Computation = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if not self.name.source:
            raise Unacceptable("the name is empty.", code="missing-attribute")
        if self.group is not None and (self.group < 0 or self.pattern is None):
            raise Unacceptable("'group' counts from 0 and needs a 'pattern'.")
        self._name = self.name.source if self.name.is_static else None
        self._scope = SCOPES[self.scope]
        if self.action == "remove":
            return
        self._compute = self._computation()
        if self.scope == "axis2" and self._name == "messageType":
            # Another format is made from the whole body.
            self.reads_body = True

    async def mediate(self, message: MessageContext) -> bool:
        name = self._name if self._name is not None else self._dynamic_name(message)
        if self.action == "remove":
            self._scope.remove(message, name)
        else:
            self._scope.set(message, name, self._compute(message))
        return True

    # ---------------------------------------------------------------- at load

    def _computation(self) -> Computation:
        """How the value is made. Raises Unacceptable."""
        if self.value is not None:
            return self._constant(self.value)
        if self.xml:
            return _each_time_anew(self.xml[0].to_lxml())
        if self.expression is None:
            message = "there is no value to set."
            raise Unacceptable(message, code="missing-attribute", hint="Add value=, expression=, or XML inside.")
        if self.type == "STRING":
            return self.expression.text if self.pattern is None else self._matched_text
        return self._converted

    def _constant(self, text: str) -> Computation:
        try:
            value = from_constant(self.type, text)
        except ValueError:
            raise Unacceptable(f"'{text[:80]}' is no value of the type {self.type}.") from None
        if isinstance(value, (etree._Element, dict, list)):
            return _each_time_anew(value)
        if isinstance(value, str) and self.pattern is not None:
            value = self._matched(value)
        return lambda message: value

    # ---------------------------------------------------------------- at run time

    def _dynamic_name(self, message: MessageContext) -> str:
        name = self.name.text(message)
        if not name:
            raise Fault(f"the property name '{self.name.source}' is empty")
        return name

    def _matched_text(self, message: MessageContext) -> str | None:
        assert self.expression is not None
        text = self.expression.text(message)
        return None if text is None else self._matched(text)

    def _matched(self, text: str) -> str | None:
        assert self.pattern is not None
        match = self.pattern.fullmatch(text)
        group = self.group or 0
        if match is None or group > self.pattern.groups:
            return ""
        return match[group]

    def _converted(self, message: MessageContext) -> Any:
        assert self.expression is not None
        text = self.expression.text(message)
        try:
            value = from_expression(self.type, text)
        except ValueError:
            secret = is_secret(self.name.source) or is_secret(self.expression.source)
            shown = "null" if text is None else MASK if secret else f"'{text[:80]}'"
            raise Fault(f"property '{self.name.source}': {shown} is no value of the type {self.type}") from None
        if isinstance(value, str) and self.pattern is not None:
            return self._matched(value)
        return value


def _each_time_anew(value: Any) -> Computation:
    """Flows may change the value in place, so each message gets its own."""
    return lambda message: copy.deepcopy(value)
