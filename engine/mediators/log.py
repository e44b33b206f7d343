"""<log>"""

from __future__ import annotations

import dataclasses
import logging
from typing import Literal

from lxml import etree

from engine.core.log_text import OWN_BREAKS, one_line
from engine.core.mediator import Mediator
from engine.core.redaction import MASK, is_secret
from engine.declare.fields import attr, child_text, children, element
from engine.errors import Fault
from engine.expressions.text_template import TextTemplate
from engine.mediators._direction import is_response
from engine.mediators._parts import NamedValue
from engine.mediators._secrets import masked
from engine.message.codecs import xml
from engine.message.context import MessageContext

log = logging.getLogger("myelin.log")

_CATEGORIES = {
    "TRACE": logging.DEBUG - 5,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
_XML_KINDS = ("xml", "soap11", "soap12")

Level = Literal["simple", "headers", "full", "custom"]


@element("log", kind="mediator", category="core")
class Log(Mediator):
    """Write one line to the log.

    ``simple`` tells address, id and direction of the message, ``headers`` its HTTP headers and SOAP header blocks,
    ``full`` is simple with the payload; ``custom`` writes the properties alone. Whatever is named like a secret
    (Authorization, cookies, passwords, tokens) is written as ``***``. The line begins with the correlation id.

    Example::

        <log category="WARN">
          <message>Order ${payload.id} took too long</message>
          <property name="took" expression="$ctx:ms"/>
        </log>
    """

    level: Level | None = attr("How much of the message to write; simple when there is no text.", default=None)
    category: Literal["INFO", "DEBUG", "TRACE", "WARN", "ERROR", "FATAL"] = attr("Log level.", default="INFO")
    separator: str = attr("Text between pairs; `\\n` and `\\t` are line break and tab.", default=", ")
    log_message_id: bool = attr("Whether custom lines tell the message id.", name="logMessageID", default=False)
    log_full_payload: bool = attr(
        "Whether to write the payload, whatever the level.", name="logFullPayload", default=False
    )
    text: TextTemplate | None = child_text("Text to begin with.", tag="message", default=None)
    properties: tuple[NamedValue, ...] = children("Pairs to write.", tag="property")
    _level: Level = dataclasses.field(init=False)
    _text: TextTemplate = dataclasses.field(init=False)
    _severity: int = dataclasses.field(init=False)
    _secret: frozenset[str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.separator = _unescaped(self.separator)
        self._level = "full" if self.log_full_payload else self.level or ("custom" if self.text else "simple")
        self._severity = _CATEGORIES[self.category]
        self._secret = frozenset(pair.name for pair in self.properties if _is_secret(pair))
        self._text = TextTemplate("", ()) if self.text is None else _without_escapes(self.text)
        self.reads_body = self._level in ("headers", "full")

    async def mediate(self, message: MessageContext) -> bool:
        if log.isEnabledFor(self._severity):
            log.log(self._severity, "%s: %s", message.correlation_id, self._line(message), extra=OWN_BREAKS)
        return True

    def _line(self, message: MessageContext) -> str:
        """The text and the pairs; only the breaks that the author wrote are line breaks."""
        text = self._shown_text(message)
        parts: list[str] = []
        match self._level:
            case "simple" | "full":
                parts += _simple(message)
            case "headers":
                parts += [*_http_headers(message), *_soap_headers(message)]
            case "custom" if self.log_message_id:
                parts.append(f"MessageID: {message.correlation_id}")
        parts += [f"{pair.name} = {self._shown(pair, message)}" for pair in self.properties]
        if self._level == "full":
            parts += _payload(message)
        shown = [one_line(masked(each)) for each in parts]
        return masked(self.separator.join([text, *shown] if text else shown))

    def _shown_text(self, message: MessageContext) -> str:
        """The text, with whatever an expression named like a secret gives written as ``***``."""
        return "".join(
            each if isinstance(each, str) else MASK if is_secret(each.source) else one_line(masked(each.text(message)))
            for each in self._text.pieces
        )

    def _shown(self, pair: NamedValue, message: MessageContext) -> str:
        if pair.name in self._secret:
            return MASK
        text = pair.text(message)
        return "null" if text is None else text


def _without_escapes(template: TextTemplate) -> TextTemplate:
    pieces = [_unescaped(each) if isinstance(each, str) else each for each in template.pieces]
    return TextTemplate(template.source, pieces)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _is_secret(pair: NamedValue) -> bool:
    return is_secret(pair.name) or (pair.expression is not None and is_secret(pair.expression.source))


def _simple(message: MessageContext) -> list[str]:
    parts = [f"To: {message.destination or ''}"]
    action = message.headers.get("SOAPAction")
    if action is not None:
        parts.append(f"SOAPAction: {action}")
    parts.append(f"MessageID: {message.correlation_id}")
    parts.append(f"Direction: {'response' if is_response(message) else 'request'}")
    return parts


def _http_headers(message: MessageContext) -> list[str]:
    return [f"{name} : {MASK if is_secret(name) else value}" for name, value in message.headers]


def _soap_headers(message: MessageContext) -> list[str]:
    if message.payload.kind not in _XML_KINDS:
        return []
    try:
        blocks = message.payload.envelope().findall("{*}Header/*")
    except Fault:
        return []  # the log of a fault must not fail itself
    return [f"{etree.QName(block).localname} : {block.text or ''}" for block in blocks]


def _payload(message: MessageContext) -> list[str]:
    payload = message.payload
    if payload.kind == "empty":
        return []
    if payload.kind == "binary":
        return [f"Payload: {len(payload.render('binary'))} bytes"]
    try:
        if payload.kind in _XML_KINDS:
            return [f"Envelope: {xml.text_of(payload.envelope())}"]
        return [f"Payload: {payload.text()}"]
    except Fault:
        return [f"Payload: {(payload.raw() or b'').decode('utf-8', 'replace')}"]
