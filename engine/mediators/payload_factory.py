"""<payloadFactory>"""

from __future__ import annotations

import copy
import dataclasses
import logging
from collections.abc import Mapping
from functools import partial
from typing import Literal

from lxml import etree

from engine.core.mediator import Mediator
from engine.declare.convert import PathExpression, ScopedText, Unacceptable, prefixes_of
from engine.declare.fields import attr, child, children, element, inline, text
from engine.declare.spec import REQUIRED, Node, OneOf
from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.dynamic import Value
from engine.expressions.freemarker.template import FreemarkerTemplate
from engine.expressions.jsonpath import JsonPath
from engine.expressions.template import Argument, Template, replacement
from engine.mediators._envelope import replace_content
from engine.message.codecs import soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.source import Element

log = logging.getLogger("myelin.payload")

MediaType = Literal["xml", "json", "text"]
AnyTemplate = Template | FreemarkerTemplate

_XML_TYPES = ("application/xml", "text/xml", "application/soap+xml")
_PADDING = "pfPadding"


@element("arg", rules=(OneOf(("value", "expression")),))
class Arg(Node):
    """One argument."""

    value: str | None = attr("Constant value.", default=None)
    expression: PathExpression | None = attr("Computes the value.", default=None)
    evaluator: Literal["xml", "json"] = attr("Language of the expression.", default="xml")
    literal: bool = attr("Whether to put the value in as it is, without any conversion.", default=False)


@element("args")
class Args(Node):
    """The arguments."""

    items: tuple[Arg, ...] = children("The arguments, first one first.", tag="arg")


@element("format")
class Format(Node):
    """The template of the payload."""

    key: Value | None = attr(
        "Local entry that holds the template; `{expression}` chooses it.", default=None, refers="local-entry"
    )
    content: ScopedText = text("The template.", default=ScopedText())
    elements: tuple[Element, ...] = inline("The template, as XML.")

    def source(self, media_type: MediaType) -> str:
        """The template text written in place: XML without the indentation around its elements."""
        if media_type == "xml" and self.elements:
            return _without_indentation(self.elements[0].to_lxml())
        return self.content.text

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The namespace prefixes in scope."""
        return prefixes_of(self.elements[0]) if self.elements else self.content.prefixes


@element("payloadFactory", kind="mediator", category="transformation")
class PayloadFactory(Mediator):
    """Replace the payload by a text with arguments put in at `$1`, `$2` and so on, and values at `${…}`.

    JSON: strings are escaped, and the author writes the quotes around `$n`; objects and arrays are put in as they are
    (Synapse trap 19). XML: text is escaped, JSON becomes elements (trap 20); elements of the template belong to the
    namespace they stand in, so plain ones need `xmlns=""` (trap 22). A null is empty, `$n` without an argument stays
    (trap 21). The content type follows, and NO_ENTITY_BODY is removed (trap 23).

    `"${…}"` is the value as text, escaped for JSON and XML; `${…}` without quotes puts in JSON and XML as such.

    FreeMarker templates see `payload`, `args.arg1` and so on, `ctx`, `axis2`, `trp` and `vars`. They may use `<#if>`,
    `<#list>` with `<#sep>` and `<#items>`, `<#assign>`, `<#switch>`, `<#break>`, `<#continue>`, `<#stop>`, comments,
    `<#noparse>`, and most built-ins; not macros, functions and includes. Numbers are written with commas, as
    FreeMarker does: write `?c` in JSON.

    Example::

        <payloadFactory media-type="json">
          <format>{"subject": "$1", "times": $2}</format>
          <args>
            <arg evaluator="json" expression="$.subject"/>
            <arg evaluator="json" expression="$.times"/>
          </args>
        </payloadFactory>
    """

    media_type: MediaType = attr("Kind of payload.", name="media-type", default="xml")
    template_type: Literal["default", "freemarker"] = attr(
        "Template language.", name="template-type", default="default"
    )
    format: Format = child("The template.", tag="format", default=REQUIRED)
    args: Args | None = child("The arguments.", tag="args")
    escape_xml_chars: bool = attr(
        "In JSON: whether line breaks and tabs inside the strings of a JSON argument become `\\n`, `\\r` and `\\t`.",
        name="escapeXmlChars",
        default=False,
    )
    _arguments: tuple[Argument, ...] = dataclasses.field(init=False)
    _template: AnyTemplate | None = dataclasses.field(init=False, default=None)
    _latest: tuple[str, AnyTemplate] | None = dataclasses.field(init=False, default=None)

    def __post_init__(self) -> None:
        args = self.args.items if self.args is not None else ()
        self._arguments = tuple(_argument(each, self.escape_xml_chars) for each in args)
        if self.format.key is None:
            self._template = self._inline_template()
        # What a stored format looks into is not known before it is read.
        self.reads_body = self._template is None or self._template.reads_body

    def _inline_template(self) -> AnyTemplate:
        """The template in the flow. Raises Unacceptable at the place of a mistake in it."""
        try:
            return self._compiled(self.format.source(self.media_type))
        except ExpressionError as error:
            child = "" if self.format.elements and self.media_type == "xml" else "format"
            raise Unacceptable(
                f"{error.message}.", code="bad-expression", offset=error.offset, hint=error.hint, child=child
            ) from None

    def _compiled(self, source: str) -> AnyTemplate:
        if self.template_type == "freemarker":
            makers = [partial(replacement, argument, self.media_type) for argument in self._arguments]
            reads_body = any(argument.reads_body for argument in self._arguments)
            return FreemarkerTemplate(source, makers, arguments_read_body=reads_body)
        return Template(source, self.media_type, self._arguments, self.format.prefixes, str(self.where))

    async def mediate(self, message: MessageContext) -> bool:
        template = self._template if self._template is not None else self._stored_template(message)
        rendered = template.render(message).strip()
        match self.media_type:
            case "json":
                _set_json(message, rendered, f"{self.where} <{self.spec.tag}>")
            case "xml":
                await _set_xml(message, rendered)
            case "text":
                message.payload.set_text(rendered)
                message.set_axis2("messageType", "text/plain")
        message.axis2.pop("NO_ENTITY_BODY", None)
        return True

    def _stored_template(self, message: MessageContext) -> AnyTemplate:
        """The template under the key; compiled again only when its text is another one."""
        assert self.format.key is not None
        key = self.format.key.text(message)
        entry = message.env.entry(key) if key else None
        if entry is None:
            raise Fault(f"there is no entry '{key or self.format.key.source}' with the format of the payload")
        source = _without_indentation(entry) if isinstance(entry, etree._Element) else str(entry)
        latest = self._latest
        if latest is None or latest[0] != source:
            try:
                latest = self._latest = (source, self._compiled(source))
            except ExpressionError as error:
                raise Fault(f"the format '{key}' has a mistake at character {error.offset}: {error.message}") from None
        return latest[1]


def _set_json(message: MessageContext, text: str, place: str) -> None:
    """The text itself is what goes out.

    One that only begins as JSON does goes out too (JsonUtil.getNewJsonPayload looks no further), and is a fault of
    this place for whoever reads it. Raises Fault for any other.
    """
    payload = Payload(text.encode("utf-8", "replace"), "application/json")
    try:
        payload.json()
    except Fault as fault:
        if not text.startswith(("{", "[")):
            raise
        log.warning("%s: %s at %s; it is sent as it is", message.correlation_id, fault.message, place)
        payload.doubt(fault.message, place)
    message.payload.close()
    message.payload = payload
    message.set_axis2("messageType", "application/json")


async def _set_xml(message: MessageContext, text: str) -> None:
    media = parse_content_type(message.message_type).media
    content = _first_element(text)
    if soap.version_of(content):
        message.payload.set_envelope(content)
    else:
        await replace_content(message, content)
    if media not in _XML_TYPES:
        message.set_axis2("messageType", "application/xml")


def _first_element(text: str) -> xml.Element:
    try:
        padding = xml.decode(f"<{_PADDING}>{text}</{_PADDING}>".encode("utf-8", "replace"))
    except DecodeError as error:
        raise Fault(f"the payload made here is {error}") from None
    content = next(padding.iterchildren("*"), None)
    if content is None:
        raise Fault("the payload made here has no XML element")
    content.tail = None
    padding.remove(content)
    return content


def _argument(arg: Arg, escapes: bool) -> Argument:
    if arg.expression is None:
        return Argument(arg.value or "", arg.evaluator, arg.literal)
    json_path = arg.evaluator == "json" or isinstance(arg.expression, JsonPath)
    return Argument(arg.expression, "json" if json_path else "xml", arg.literal, escapes)


def _without_indentation(element: xml.Element) -> str:
    """XML text without the text nodes that are white space only (trap 21)."""
    root = copy.deepcopy(element)
    for each in root.iter():
        if each.text is not None and not each.text.strip():
            each.text = None
        if each.tail is not None and not each.tail.strip():
            each.tail = None
    return xml.text_of(root)
