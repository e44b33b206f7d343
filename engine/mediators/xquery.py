"""<xquery>"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.values import text_of
from engine.mediators import _saxon, _selection
from engine.mediators._resources import entry_of
from engine.mediators._xquery import Argument, argument, run_query
from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

_WRAPPED = re.compile(r"\s*<[^<>]+>\s*<!\[CDATA\[")

TypeName = Literal[
    "INT", "INTEGER", "BOOLEAN", "BYTE", "DOUBLE", "SHORT", "LONG", "FLOAT", "STRING", "DOCUMENT", "ELEMENT"
]


@element("variable")
class Variable(Node):
    """An external variable of the query: a constant, an entry, or what an expression finds in the message."""

    name: str = attr("Name.")
    type: TypeName = attr("Type of the value.")
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Finds the value; the first element of the body by default.", default=None)
    key: Value | None = attr("Local entry or registry resource.", default=None, refers="local-entry")

    def __post_init__(self) -> None:
        if self.key is not None and self.expression is not None:
            hint = "Put the path into the query."
            raise Unacceptable("an expression over an entry is not supported.", code="unsupported", hint=hint)
        if self.value is not None:
            argument(self.type, self.value)

    def argument(self, message: MessageContext) -> Argument | None:
        """The value for the query; None leaves the variable unset. Raises Fault for a value that is not of the type."""
        value: Any = self.value
        if value is None:
            value = entry_of(message, self.key) if self.key is not None else self._found(message)
        if isinstance(value, etree._Element) and self.type in ("DOCUMENT", "ELEMENT"):
            return Argument("DOCUMENT", xml.text_of(value))
        try:
            return None if value is None else argument(self.type, text_of(value) or "")
        except Unacceptable as error:
            raise Fault(f"xquery variable '{self.name}': {error.message}") from None

    def _found(self, message: MessageContext) -> Any:
        if self.expression is None:
            return message.payload.content()
        found = self.expression.evaluate(message)
        return (found[0] if found else None) if isinstance(found, list) else found


@element("xquery", kind="mediator", category="transformation")
class XQuery(Mediator):
    """Replace an element of the payload by the result of an XQuery.

    It runs on Saxon, which needs the extra ``saxon``, for 30 seconds at most, and reaches no file and no network.
    External variables are declared in the query and given here. The first item of the result counts: an element takes
    the place of the target, which is the first element of the body unless ``target`` finds another one; a value becomes
    its text.

    Example::

        <xquery key="conf:/queries/order.xq" target="//order">
          <variable name="payload" type="DOCUMENT"/>
          <variable name="limit" type="INTEGER" value="10"/>
        </xquery>
    """

    reads_body = True

    key: Value = attr("The query, a local entry or registry resource; `{expression}` chooses it.", refers="local-entry")
    target: Expression | None = attr("What to replace.", default=None)
    variables: tuple[Variable, ...] = children("External variables.", tag="variable")

    def __post_init__(self) -> None:
        if not _saxon.is_installed():
            raise Unacceptable("XQuery needs Saxon.", code="unsupported", hint=f"Install it: {_saxon.HINT}")

    async def mediate(self, message: MessageContext) -> bool:
        entry = entry_of(message, self.key)
        query = _query_of(entry)
        arguments = {each.name: each.argument(message) for each in self.variables}
        given = {name: value for name, value in arguments.items() if value is not None}
        result = await asyncio.to_thread(run_query, query, given)
        if result is not None:
            self._put(message, result)
        return True

    def _put(self, message: MessageContext, result: xml.Element | str) -> None:
        envelope = message.payload.editable_envelope()
        place = _selection.selected(message, self.target)
        if place is None:
            if isinstance(result, etree._Element):
                soap.body_of(envelope).append(result)
        elif isinstance(result, etree._Element):
            _selection.replace(message, place, result)
        else:
            _selection.set_text(place, result)


def _query_of(entry: Any) -> str:
    """The text of a query. A registry resource may wrap it in an element, so that it is XML (XQueryMediator.java)."""
    if isinstance(entry, etree._Element):
        return "".join(map(str, entry.itertext()))
    query = str(entry)
    if _WRAPPED.match(query):
        try:
            wrapper = xml.decode_text(query)
        except DecodeError:
            return query  # an element that the query makes
        if not len(wrapper):
            return wrapper.text or ""
    return query
