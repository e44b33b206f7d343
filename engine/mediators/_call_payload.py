"""<source> and <target> of call: another payload for the back end, another place for its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from lxml import etree

from engine.core.env import env_of
from engine.declare.convert import CustomText, Unacceptable
from engine.declare.fields import attr, element, inline, text
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.mediators import _sending
from engine.mediators._merge import is_json
from engine.mediators._nodes import alone
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.source import Element


@element("source")
class CallSource(Node):
    """What to send in place of the payload."""

    type: Literal["custom", "property", "inline", "body"] = attr(
        "What the text is: an expression, the name of a property, the payload itself; `body` = no change.",
        default="custom",
    )
    content_type: str | None = attr("Content type of what is sent.", name="contentType", default=None)
    content: CustomText | None = text("Expression, name or payload.", default=None)
    elements: tuple[Element, ...] = inline("The payload, as XML.")

    def __post_init__(self) -> None:
        if self.type != "body" and self.content is None and not (self.type == "inline" and self.elements):
            raise Unacceptable(f"a source of the type {self.type} is empty.", code="missing-text")

    def value(self, message: MessageContext) -> Any:
        """Raises Fault when there is nothing to send."""
        found: Any = self.content
        if self.type == "inline" and self.elements:
            return self.elements[0].to_lxml()
        if isinstance(self.content, Expression):
            found = self.content.evaluate(message)
        elif self.type == "property":
            found = message.properties.get(str(self.content).strip())
        if isinstance(found, list) and found and isinstance(found[0], etree._Element):
            found = found[0]
        if isinstance(found, etree._Element):
            return alone(found)
        if found is None or found == [] or not is_json(found):
            raise Fault(f"the source of the call gives nothing to send: {self.type} {self.shown}")
        return found

    @property
    def shown(self) -> str:
        return self.content.source if isinstance(self.content, Expression) else str(self.content).strip()[:80]


@element("target")
class CallTarget(Node):
    """Where to put the answer."""

    type: Literal["body", "property", "variable"] = attr("What takes the answer.", default="body")
    name: Value | None = text("Name of the property or the variable; `{expression}` computes it.", default=None)

    def __post_init__(self) -> None:
        if self.type != "body" and self.name is None:
            raise Unacceptable(f"a target of the type {self.type} needs a name.", code="missing-text")

    def put(self, message: MessageContext) -> None:
        """XML is kept as an element; JSON as text in a property and as a value in a variable."""
        assert self.name is not None  # checked at load
        name = (self.name.text(message) or "").strip()
        if not name:
            raise Fault(f"the target of the call has no name: {self.name.source}")
        payload = message.payload
        value: Any = payload.text()
        if payload.kind in ("xml", "soap11", "soap12"):
            payload.envelope()
            content = payload.content()
            value = alone(content) if content is not None else ""
        elif payload.kind == "json":
            value = payload.json_text() if self.type == "property" else payload.json()
        (message.properties if self.type == "property" else message.variables)[name] = value


async def with_payloads(
    message: MessageContext,
    source: CallSource | None,
    target: CallTarget | None,
    call: Callable[[MessageContext], Awaitable[None]],
) -> None:
    """Call with the source as the payload. A target other than the body leaves the message as it was before."""
    keeps = target is not None and target.type != "body"
    before = message.clone() if keeps else message
    if source is not None and source.type != "body":
        _set_body(message, source.value(message), source.content_type)
    await call(message)
    if not keeps:
        return
    assert target is not None  # that is what keeps says
    if not _sending.is_out_only(message):
        await message.payload.load(env_of(message).limits.buffered_body)
        target.put(message)
    message.payload.close()
    message.payload, message.headers = before.payload, before.headers
    for name in ("messageType", "ContentType"):
        message.axis2.pop(name, None)
        if name in before.axis2:
            message.axis2[name] = before.axis2[name]


def _set_body(message: MessageContext, value: Any, content_type: str | None) -> None:
    """Raises Fault for text that is not what the content type says."""
    wanted = content_type or message.message_type
    kind = parse_content_type(wanted).kind
    message.payload.close()
    message.payload = Payload()
    if isinstance(value, etree._Element):
        message.payload.set_content(value)
    elif not isinstance(value, str):
        message.payload.set_json(value)
    elif kind == "json":
        _set_json_text(message.payload, value)
    elif kind in ("xml", "soap11", "soap12"):
        try:
            message.payload.set_content(xml.decode_text(value.strip()))
        except DecodeError as error:
            raise Fault(f"the source of the call is {error}") from None
    else:
        message.payload.set_text(value)
    if content_type is not None:
        message.set_axis2("messageType", content_type)


def _set_json_text(payload: Payload, text: str) -> None:
    """JSON text as it is; any other text is a JSON string."""
    raw = Payload(text.strip().encode("utf-8", "replace"), "application/json")
    try:
        payload.set_json(raw.json())
    except Fault:
        payload.set_json(text)
