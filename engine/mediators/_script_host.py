"""The host's side of a script: what it reads of a message, and its effects on the message.

The kinds of reads and effects are those of ``engine/scripting/prelude.js``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from lxml import etree

from engine.core.env import env_of
from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression
from engine.expressions.functions.properties import property_reader
from engine.expressions.values import element_xml, is_node_set
from engine.mediators._envelope import replace_content
from engine.mediators._scopes import SCOPES
from engine.mediators.header import add_blocks, set_addressing
from engine.message.codecs import json, soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.convert import own_text
from engine.message.payload import Payload
from engine.scripting.numbers import Numbers, may_be_spoilt

log = logging.getLogger("myelin.script")

Read = tuple[str, ...]
"""A kind, and a name where there are many of the kind: ``("json",)``, ``("property", "x")``."""

XML_MARK = "\0xml"
LONGEST_SLEEP = 60.0
"""Seconds that a script may ask a flow to wait, ``java.lang.Thread.sleep`` taken together."""

_BODY_READS = frozenset({"json", "xml", "text", "envelope", "body", "xpath", "head"})
_LEVELS = {"debug": logging.DEBUG, "trace": logging.DEBUG, "warn": logging.WARNING, "error": logging.ERROR}
_SOAP_MUST_UNDERSTAND = {"soap11": "1", "soap12": "true"}


class Host:
    """One run of a script on one message."""

    def __init__(self, message: MessageContext) -> None:
        self.message = message
        self.numbers = Numbers()
        self._json: Any = None
        self._sleep = 0.0

    # ---------------------------------------------------------------- reads

    async def given(self, reads: Collection[Read], args: list[Any], keep: bool) -> str:
        """What the script is given, as JSON. Raises Fault for a body that cannot be read."""
        message = self.message
        if message.payload.pending and any(kind in _BODY_READS for kind, *_ in reads):
            await message.payload.load(env_of(message).limits.buffered_body)
        given: dict[str, Any] = {kind: {} for kind, *name in reads if name}
        for kind, *name in reads:
            if name:
                given[kind][name[0]] = _plain(_NAMED[kind](message, name[0]))
            else:
                given[kind] = _plain(_WHOLE[kind](message))
        self._json = given.get("json")
        call = {"given": given, "args": [_plain(each) for each in args], "keep": keep}
        text = json.encode(call)
        if not may_be_spoilt(text):
            return text.decode()
        self.numbers.remember(call)
        if self.numbers.twins:
            call = self.numbers.marked(call)
            call["given"]["twins"] = True
            text = json.encode(call)
        return text.decode()

    # ---------------------------------------------------------------- effects

    async def apply(self, effects: list[list[Any]]) -> None:
        """Change the message, in the order in which the script did. Raises Fault for XML or JSON that is none."""
        for kind, *values in effects:
            if kind == "xml":
                await replace_content(self.message, _element(values[0]))
            elif kind == "sleep":
                self._sleep += float(values[0]) / 1000
            elif kind in ("json", "json-text"):
                self._set_json(kind, values[0])
            else:
                _EFFECTS[kind](self.message, *(self.value(each) for each in values))
        if self._sleep > 0:
            await asyncio.sleep(min(self._sleep, LONGEST_SLEEP))

    def value(self, value: Any) -> Any:
        """A value of the script as the engine keeps it: marked XML becomes an element."""
        if isinstance(value, dict) and isinstance(value.get(XML_MARK), str):
            return _element(value[XML_MARK])
        return self.numbers.restored(value)

    def _set_json(self, kind: str, value: Any) -> None:
        # The content type stays as it is (trap 24).
        message = self.message
        if kind == "json":
            message.payload.set_json(self.numbers.restored(value, self._json))
            return
        payload = Payload(str(value).encode("utf-8", "replace"), "application/json")
        payload.json()
        message.payload.close()
        message.payload = payload


# -------------------------------------------------------------------- reading


def _plain(value: Any) -> Any:
    """A value as JSON can carry it."""
    if value is None or isinstance(value, (str, bool, int, float, dict, json.JsonNumber)):
        return value
    if isinstance(value, etree._Element):
        return {XML_MARK: element_xml(value)}
    if is_node_set(value):
        return {XML_MARK: element_xml(value[0])}
    return value if isinstance(value, list) else json.text_of(value)


def _json(message: MessageContext) -> Any:
    # Other payloads are an empty object to a script, as in Synapse.
    return message.payload.json() if message.payload.kind == "json" else None


def _content(message: MessageContext) -> str | None:
    content = message.payload.content()
    return None if content is None else element_xml(content)


def _described(element: etree._Element) -> dict[str, Any]:
    return {"text": own_text(element), "name": etree.QName(element).localname, "xml": element_xml(element)}


def _body(message: MessageContext) -> dict[str, Any] | None:
    content = message.payload.content()
    return None if content is None else _described(content)


def _xpath(message: MessageContext, expression: str) -> list[dict[str, Any]]:
    try:
        found = compile_expression(expression, {}).evaluate(message)
    except ExpressionError as error:
        raise Fault(f"the script's XPath '{expression}' cannot be compiled: {error.message}") from None
    nodes = found if isinstance(found, list) else [found]
    return [
        _described(node) if isinstance(node, etree._Element) else {"text": str(node), "name": "", "xml": str(node)}
        for node in nodes
    ]


def _head(message: MessageContext) -> dict[str, Any]:
    def read(name: str) -> str:
        return str(property_reader("default", name)(message) or "")

    kind = message.payload.kind
    return {
        "to": message.destination,
        "from": read("From") or None,
        "replyTo": read("ReplyTo") or None,
        "faultTo": read("FaultTo") or None,
        "messageId": read("MessageID"),
        "action": read("Action"),
        "response": message.is_response,
        "fault": kind in ("soap11", "soap12") and soap.is_fault(message.payload.envelope()),
        "soap11": kind == "soap11",
        "pox": kind not in ("soap11", "soap12"),
        "get": message.exchange.method == "GET",
    }


def _resource(message: MessageContext, path: str) -> str | None:
    content = message.env.registry.get(path)
    return None if content is None else content.decode("utf-8", "replace")


_NAMED: Mapping[str, Callable[[MessageContext, str], Any]] = {
    "property": lambda message, name: message.properties.get(name),
    "variable": lambda message, name: message.variables.get(name),
    "entry": lambda message, name: message.env.entry(name),
    "resource": _resource,
    "xpath": _xpath,
}
_WHOLE: Mapping[str, Callable[[MessageContext], Any]] = {
    "json": _json,
    "xml": _content,
    "text": lambda message: message.payload.text(),
    "envelope": lambda message: xml.text_of(message.payload.envelope()),
    "body": _body,
    "head": _head,
    "properties": lambda message: list(message.properties),
    "variables": lambda message: list(message.variables),
}


# -------------------------------------------------------------------- changing


def _element(text: str) -> xml.Element:
    try:
        return xml.decode_text(text.strip())
    except DecodeError as error:
        raise Fault(f"what the script made is {error}") from None


def _set(message: MessageContext, scope: str, name: str, value: Any) -> None:
    SCOPES[scope].set(message, name, value)  # type: ignore[index]  # the prelude knows the names of the scopes


def _remove(message: MessageContext, scope: str, name: str) -> None:
    SCOPES[scope].remove(message, name)  # type: ignore[index]  # the same


def _set_variable(message: MessageContext, name: str, value: Any) -> None:
    message.variables[name] = value


def _set_address(message: MessageContext, name: str, address: str | None) -> None:
    if name == "To":
        message.to = address
    else:
        set_addressing(message, name, address)


def _set_response(message: MessageContext, value: bool) -> None:
    message.is_response = value


def _add_header(message: MessageContext, must_understand: bool, text: str) -> None:
    block = _element(text)
    version = soap.version_of(message.payload.envelope()) or "soap11"
    if must_understand:
        block.set(f"{{{soap.NAMESPACES[version]}}}mustUnderstand", _SOAP_MUST_UNDERSTAND[version])
    add_blocks(message, [block])


def _empty(message: MessageContext) -> None:
    """The first element of the body is taken away; a SOAP message keeps its envelope."""
    if message.payload.kind not in ("soap11", "soap12"):
        message.payload.clear()
        return
    envelope = message.payload.editable_envelope()
    content = soap.content_of(envelope)
    if content is not None:
        soap.body_of(envelope).remove(content)


def _log(message: MessageContext, level: str, text: str) -> None:
    log.log(_LEVELS.get(level, logging.INFO), "%s: %s", message.correlation_id, text)


_EFFECTS: Mapping[str, Callable[..., None]] = {
    "set": _set,
    "remove": _remove,
    "variable": _set_variable,
    "resource": lambda message, path, text: message.env.registry.put(path, str(text).encode()),
    "unresource": lambda message, path: message.env.registry.delete(path),
    "address": _set_address,
    "action": lambda message, action: message.headers.set("SOAPAction", f'"{action}"'),
    "response": _set_response,
    "header": _add_header,
    "empty": _empty,
    "log": _log,
}
