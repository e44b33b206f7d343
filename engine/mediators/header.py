"""<header>"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import QName, Unacceptable
from engine.declare.fields import attr, element, inline
from engine.declare.spec import OneOf
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.source import Element

_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_ADDRESSES = ("From", "FaultTo", "ReplyTo")
_WELL_KNOWN = ("To", "Action", "RelatesTo", *_ADDRESSES)

Effect = Callable[[MessageContext], None]


@element("header", kind="mediator", category="core", rules=(OneOf(("value", "expression"), optional=True),))
class Header(Mediator):
    """Set or remove an HTTP header (scope transport), or a header of the SOAP message.

    Without a scope these names are special: ``To`` is the address of the next hop, ``Action`` the SOAPAction;
    ``From``, ``FaultTo``, ``ReplyTo`` and ``RelatesTo`` are WS-Addressing blocks of a SOAP message, and mean nothing in
    any other message. All other names need a prefix: they are SOAP header blocks, added or removed (Synapse trap 18).
    Elements inside, in place of a name, are added as they stand. A null value is an empty header.

    Example::

        <header name="Authorization" expression="fn:concat('Bearer ', $ctx:token)" scope="transport"/>
    """

    name: QName | None = attr("Name of the header.", default=None)
    value: str | None = attr("Constant value.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)
    scope: Literal["default", "soap", "transport"] = attr(
        "SOAP message (default, or soap as Apache Synapse calls it) or HTTP headers.", default="default"
    )
    action: Literal["set", "remove"] = attr("What to do.", default="set")
    type: Literal["STRING", "OM"] = attr("OM: the value is XML to be put inside the block.", default="STRING")
    blocks: tuple[Element, ...] = inline("SOAP header blocks to add.")
    _effect: Effect = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if self.name is None:
            self._effect = self._adding_blocks()
        elif self.scope == "transport":
            self._check_value()
            self._effect = _removing_http(self.name.local) if self.action == "remove" else self._setting_http()
        else:
            self._check_value()
            self._effect = self._on_soap(self.name)

    async def mediate(self, message: MessageContext) -> bool:
        self._effect(message)
        return True

    # ---------------------------------------------------------------- at load

    def _check_value(self) -> None:
        if self.action == "set" and self.value is None and self.expression is None:
            raise Unacceptable("there is no value to set.", code="missing-attribute", hint="Add value= or expression=.")

    def _adding_blocks(self) -> Effect:
        if not self.blocks or self.action == "remove" or self.scope == "transport":
            raise Unacceptable("there is no name.", code="missing-attribute", hint='Add name="…".')
        blocks = [block.to_lxml() for block in self.blocks]
        self.reads_body = True
        return lambda message: add_blocks(message, blocks)

    def _setting_http(self) -> Effect:
        assert self.name is not None
        name, value, expression = self.name.local, self.value, self.expression
        if expression is None:
            return lambda message: message.headers.set(name, value or "")
        return lambda message: message.headers.set(name, expression.text(message) or "")

    def _on_soap(self, name: QName) -> Effect:
        if name.namespace:
            self.reads_body = True
            return (lambda message: _remove_blocks(message, name)) if self.action == "remove" else self._add_block
        if name.local not in _WELL_KNOWN:
            raise Unacceptable(
                f"'{name.local}' is not a header of the SOAP message.",
                code="bad-name",
                hint='Add scope="transport" for an HTTP header, or a prefix for a SOAP header block.',
            )
        if name.local == "To":
            return self._set_to
        if name.local == "Action":
            return self._set_action
        self.reads_body = True
        return self._set_addressing

    # ---------------------------------------------------------------- at run time

    def _text(self, message: MessageContext) -> str | None:
        """The value to set; None removes."""
        if self.action == "remove":
            return None
        return (self.value if self.expression is None else self.expression.text(message)) or ""

    def _set_to(self, message: MessageContext) -> None:
        message.to = self._text(message)

    def _set_action(self, message: MessageContext) -> None:
        action = self._text(message)
        if action is None:
            message.headers.remove("SOAPAction")
        else:
            message.headers.set("SOAPAction", f'"{action}"')

    def _set_addressing(self, message: MessageContext) -> None:
        assert self.name is not None
        set_addressing(message, self.name.local, self._text(message))

    def _add_block(self, message: MessageContext) -> None:
        assert self.name is not None
        block = _element(self.name)
        text = self._text(message) or ""
        if self.type == "OM":
            block.append(_parsed(text, self.name))
        else:
            block.text = text
        add_blocks(message, [block])


def set_addressing(message: MessageContext, local: str, text: str | None) -> None:
    """Set or, with None, remove the WS-Addressing block ``local`` of a SOAP message; others have none."""
    message.payload.envelope()  # tells SOAP from plain XML
    if message.payload.kind not in ("soap11", "soap12"):
        return
    name = QName(_ADDRESSING, local, "wsa")
    _remove_blocks(message, name)
    if text is None:
        return
    block = _element(name)
    inside = etree.SubElement(block, f"{{{_ADDRESSING}}}Address") if name.local in _ADDRESSES else block
    inside.text = text
    add_blocks(message, [block])


def _removing_http(name: str) -> Effect:
    return lambda message: message.headers.remove(name)


def add_blocks(message: MessageContext, blocks: list[xml.Element]) -> None:
    """Put copies of these blocks into the header of the envelope."""
    envelope = copy.deepcopy(message.payload.envelope())
    soap.header_of(envelope).extend(copy.deepcopy(blocks))
    message.payload.set_envelope(envelope)


def _remove_blocks(message: MessageContext, name: QName) -> None:
    """Without such a block the payload stays untouched, byte for byte."""
    tag = f"{{{name.namespace}}}{name.local}"
    path = f"{{*}}Header/{tag}"
    if message.payload.envelope().find(path) is None:
        return
    envelope = copy.deepcopy(message.payload.envelope())
    header = soap.header_of(envelope)
    for block in header.findall(tag):
        header.remove(block)
    message.payload.set_envelope(envelope)


def _element(name: QName) -> xml.Element:
    return etree.Element(f"{{{name.namespace}}}{name.local}", nsmap={name.prefix: name.namespace})


def _parsed(text: str, name: QName) -> xml.Element:
    try:
        return xml.decode(text.encode())
    except DecodeError as error:
        raise Fault(f"the value of the header '{name.local}' is {error}") from None
