"""<variable>"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.core.redaction import MASK, is_secret
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.jsonpath_steps import MISSING
from engine.expressions.values import is_node_set
from engine.mediators._property_types import TypeName as PropertyType
from engine.mediators._property_types import from_constant
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

TypeName = Literal["STRING", "BOOLEAN", "INTEGER", "LONG", "DOUBLE", "JSON", "XML"]

_CONSTANTS: dict[TypeName, PropertyType] = {
    "STRING": "STRING",
    "BOOLEAN": "BOOLEAN",
    "INTEGER": "INTEGER",
    "LONG": "LONG",
    "DOUBLE": "DOUBLE",
    "JSON": "JSON",
    "XML": "OM",
}
_BITS = {"INTEGER": 32, "LONG": 64}


@element("variable", kind="mediator", category="core")
class Variable(Mediator):
    """Set or remove a variable of the message, read as `${vars.name}` and `$var:name`.

    A variable keeps the type of its value, and survives calls. With ``type``, a constant is converted at load. A
    computed value must be of the type, or the message faults; numbers from JSON become INTEGER, LONG and DOUBLE, and
    STRING and XML are made from the text of any value. Null sets nothing.

    Example::

        <variable name="total" type="DOUBLE" expression="${payload.price * payload.amount}"/>
    """

    name: str = attr("Name of the variable.")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)
    type: TypeName | None = attr("Type of the value; that of the expression when absent.", default=None)
    action: Literal["set", "remove"] = attr("What to do.", default="set")
    _compute: Callable[[MessageContext], Any] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise Unacceptable("the name is empty.", code="missing-attribute")
        if self.action == "set":
            self._compute = self._computation()

    async def mediate(self, message: MessageContext) -> bool:
        if self.action == "remove":
            message.variables.pop(self.name, None)
            return True
        value = self._compute(message)
        if value is not None:
            message.variables[self.name] = value
        return True

    def _computation(self) -> Callable[[MessageContext], Any]:
        if self.value is not None:
            return _constant(self.type or "STRING", self.value)
        if self.expression is None:
            raise Unacceptable("there is no value to set.", code="missing-attribute", hint="Add value= or expression=.")
        return self._computed

    def _computed(self, message: MessageContext) -> Any:
        assert self.expression is not None
        if self.type in ("STRING", "XML"):
            text = self.expression.text(message)
            return text if text is None or self.type == "STRING" else self._xml(text)
        value = self.expression.evaluate(message)
        if value is MISSING:
            value = ""
        if value is not None and self.type is not None:
            value = self._checked(value)
        # What a path finds is part of the payload, and a flow may change that later.
        return copy.deepcopy(value) if isinstance(value, (dict, list, etree._Element)) else value

    def _xml(self, text: str) -> etree._Element:
        try:
            return xml.decode(text.encode("utf-8", "replace"))
        except DecodeError as error:
            raise Fault(f"variable '{self.name}': the value is {error}") from None

    def _checked(self, value: Any) -> Any:
        """The value as one of the type. Raises Fault for a value of another type, as the reference does."""
        converted = _CONVERSIONS[self.type or "STRING"](value, self.type)
        if converted is None:
            secret = is_secret(self.name) or (self.expression is not None and is_secret(self.expression.source))
            shown = MASK if secret else f"'{json.text_of(value)[:80]}'" if not _is_xml(value) else "XML"
            raise Fault(f"variable '{self.name}': {shown} is no value of the type {self.type}")
        return converted


def _constant(type_: TypeName, text: str) -> Callable[[MessageContext], Any]:
    try:
        value = from_constant(_CONSTANTS[type_], text)
    except ValueError:
        raise Unacceptable(f"'{text[:80]}' is no value of the type {type_}.") from None
    if isinstance(value, (etree._Element, dict, list)):
        return lambda message: copy.deepcopy(value)
    return lambda message: value


def _is_xml(value: Any) -> bool:
    return isinstance(value, etree._Element) or is_node_set(value)


def _as_boolean(value: Any, type_: TypeName | None) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_whole(value: Any, type_: TypeName | None) -> int | None:
    """A whole number in range; the fraction of a number in JSON is cut off."""
    if isinstance(value, Decimal) and -(2**64) < value < 2**64:
        value = int(value)
    limit = 2 ** (_BITS[type_ or "LONG"] - 1)
    return value if type(value) is int and -limit <= value < limit else None


def _as_double(value: Any, type_: TypeName | None) -> float | None:
    return float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None


def _as_json(value: Any, type_: TypeName | None) -> Any:
    """Objects, arrays and primitives; a text that spells JSON is that."""
    if _is_xml(value):
        return None
    if not isinstance(value, str):
        return value
    try:
        decoded = json.decode(value.encode("utf-8", "replace"))
    except DecodeError:
        return value
    return decoded if isinstance(decoded, (dict, list)) else value


_CONVERSIONS: dict[TypeName, Callable[[Any, TypeName | None], Any]] = {
    "BOOLEAN": _as_boolean,
    "INTEGER": _as_whole,
    "LONG": _as_whole,
    "DOUBLE": _as_double,
    "JSON": _as_json,
}
