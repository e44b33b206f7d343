"""<makefault>"""

from __future__ import annotations

import copy
import dataclasses
from typing import Literal

from lxml import etree

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.wire import is_true
from engine.declare.convert import QName, Unacceptable
from engine.declare.fields import attr, child, child_text, element, inline, text
from engine.declare.spec import Node, OneOf
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.mediators._direction import turn_back
from engine.mediators._envelope import header_blocks, wrap
from engine.message.codecs import soap, xml
from engine.message.context import MessageContext
from engine.source import Element

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES: dict[soap.Version, tuple[str, ...]] = {
    "soap11": ("VersionMismatch", "MustUnderstand", "Client", "Server"),
    "soap12": ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver"),
}

_SAME_CODE = {"Client": "Sender", "Server": "Receiver", "Sender": "Client", "Receiver": "Server"}


@element("code", rules=(OneOf(("value", "expression")),))
class Code(Node):
    """The fault code."""

    value: QName | None = attr("Code with the prefix of the SOAP version: soapenv:Server.", default=None)
    expression: Expression | None = attr("Computes the code, without prefix.", default=None)

    def local_name(self, message: MessageContext, version: soap.Version) -> str:
        """The code without prefix, as ``version`` calls it: Client is Sender, Server is Receiver."""
        if self.value is not None:
            name = self.value.local
        else:
            computed = self.expression.text(message) if self.expression is not None else None
            return (computed or "").rpartition(":")[2]
        return name if name in _CODES[version] else _SAME_CODE.get(name, name)


@element("reason", rules=(OneOf(("value", "expression")),))
class Reason(Node):
    """What went wrong."""

    value: str | None = attr("Constant text.", default=None)
    expression: Expression | None = attr("Computes the text.", default=None)

    def text(self, message: MessageContext) -> str:
        return (self.expression.text(message) if self.expression is not None else self.value) or ""


@element("detail")
class Detail(Node):
    """More about it: text, XML, or an expression."""

    expression: Expression | None = attr("Computes the detail; nodes are put in as XML.", default=None)
    content: str = text("Constant text.", default="")
    elements: tuple[Element, ...] = inline("XML.")
    _elements: tuple[xml.Element, ...] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._elements = tuple(each.to_lxml() for each in self.elements)

    def text(self, message: MessageContext) -> str:
        return (self.expression.text(message) if self.expression is not None else self.content) or ""

    def fill(self, parent: xml.Element, message: MessageContext) -> None:
        """Put the detail into ``parent``."""
        nodes = self.expression.evaluate(message) if self.expression is not None else list(self._elements)
        if isinstance(nodes, list) and any(isinstance(node, etree._Element) for node in nodes):
            parent.extend(copy.deepcopy(node) for node in nodes if isinstance(node, etree._Element))
        else:
            parent.text = self.text(message)


@element("makefault", kind="mediator", category="core")
class MakeFault(Mediator):
    """Replace the message by a fault: SOAP 1.1, SOAP 1.2, or the plain XML element ``Exception`` (pox).

    Without ``version`` it is what the message is: SOAP 1.2, plain XML, or else SOAP 1.1.

    The header blocks of a SOAP message stay. The message turns back to the client unless ``response="false"``. Answers
    that carry the fault have status 500 unless HTTP_SC says otherwise. The text of a pox fault is the detail, or else
    the reason. To a client that speaks no SOAP a SOAP fault leaves as such a plain one, in JSON ``{"Exception": …}``.

    Example::

        <makefault version="soap11" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
          <code value="soapenv:Server"/>
          <reason expression="$ctx:ERROR_MESSAGE"/>
        </makefault>
    """

    version: Literal["soap11", "soap12", "pox"] | None = attr("Kind of fault.", default=None)
    response: bool = attr("Whether the message turns back to the client.", default=True)
    code: Code | None = child("The fault code; needed unless pox.", tag="code")
    reason: Reason | None = child("What went wrong; needed unless pox.", tag="reason")
    node: str | None = child_text("URI of the node that failed (SOAP 1.2).", tag="node")
    role: str | None = child_text("URI of its role, or actor.", tag="role")
    detail: Detail | None = child("More about it.", tag="detail")

    def __post_init__(self) -> None:
        if self.version == "pox":
            return
        if self.code is None or self.reason is None:
            missing = "<code>" if self.code is None else "<reason>"
            raise Unacceptable(f"a SOAP fault needs {missing}.", code="missing-element")
        if self.code.value is not None:
            _check_code(self.version, self.code.value)

    async def mediate(self, message: MessageContext) -> bool:
        version = self.version or await _version_of(message)
        if version == "pox":
            self._make_plain(message)
        else:
            await self._make_soap(message, version)
        if self.response:
            turn_back(message)
        return True

    def _make_plain(self, message: MessageContext) -> None:
        said = self.detail or self.reason
        exception = etree.Element("Exception")
        exception.text = said.text(message) if said is not None else ""
        message.payload.set_content(exception)
        if message.to in (message.requested, message.exchange.path):
            message.to = None  # a fault is not what goes where the request came in
        if not is_true(message.axis2.get("FAULTS_AS_HTTP_200")):
            # Nothing in the payload tells the receiver of HTTP that this is a fault.
            message.axis2.setdefault("HTTP_SC", 500)

    async def _make_soap(self, message: MessageContext, version: soap.Version) -> None:
        namespace = soap.NAMESPACES[version]
        fault = etree.Element(f"{{{namespace}}}Fault", nsmap={"soapenv": namespace})
        if version == "soap11":
            self._fill_soap11(fault, message)
        else:
            self._fill_soap12(fault, message, f"{{{namespace}}}")
        blocks = await header_blocks(message)
        message.payload.set_envelope(wrap(fault, version, blocks))
        message.to = None

    def _fill_soap11(self, fault: xml.Element, message: MessageContext) -> None:
        assert self.code is not None  # checked at load, as is the reason
        assert self.reason is not None
        etree.SubElement(fault, "faultcode").text = f"soapenv:{self.code.local_name(message, 'soap11')}"
        etree.SubElement(fault, "faultstring").text = self.reason.text(message)
        if self.role is not None:
            etree.SubElement(fault, "faultactor").text = self.role.strip()
        if self.detail is not None:
            self.detail.fill(etree.SubElement(fault, "detail"), message)

    def _fill_soap12(self, fault: xml.Element, message: MessageContext, namespace: str) -> None:
        assert self.code is not None  # checked at load, as is the reason
        assert self.reason is not None
        code = etree.SubElement(fault, f"{namespace}Code")
        etree.SubElement(code, f"{namespace}Value").text = f"soapenv:{self.code.local_name(message, 'soap12')}"
        reason = etree.SubElement(fault, f"{namespace}Reason")
        text = etree.SubElement(reason, f"{namespace}Text")
        text.set(_XML_LANG, "en")
        text.text = self.reason.text(message)
        if self.node is not None:
            etree.SubElement(fault, f"{namespace}Node").text = self.node.strip()
        if self.role is not None:
            etree.SubElement(fault, f"{namespace}Role").text = self.role.strip()
        if self.detail is not None:
            self.detail.fill(etree.SubElement(fault, f"{namespace}Detail"), message)


async def _version_of(message: MessageContext) -> Literal["soap11", "soap12", "pox"]:
    """The kind of fault that the sender of a message understands."""
    await message.payload.load(env_of(message).limits.buffered_body)
    if message.payload.kind in ("xml", "soap11", "soap12"):
        try:
            message.payload.envelope()  # the root tells whether it is SOAP at all
        except Fault:
            return "soap11"  # what cannot be read is replaced all the same
    return "soap12" if message.payload.kind == "soap12" else "pox" if message.payload.kind == "xml" else "soap11"


def _check_code(version: soap.Version | None, code: QName) -> None:
    """The code is one of the version; without a version, of either."""
    versions = [version] if version is not None else [*_CODES]
    of = next((each for each in versions if code.namespace == soap.NAMESPACES[each]), None)
    if of is None:
        named = version or "soap11"
        raise Unacceptable(
            f"the code '{code.local}' is not in the namespace of {named}.",
            hint=f'Write soapenv:{code.local} with xmlns:soapenv="{soap.NAMESPACES[versions[0]]}".',
        )
    if code.local not in _CODES[of]:
        raise Unacceptable(f"'{code.local}' is no fault code of {of}.", hint=f"Known: {', '.join(_CODES[of])}.")
