"""<callout>"""

from __future__ import annotations

from typing import Literal

from lxml import etree

from engine.core.env import Endpoint, env_of
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, element, slot
from engine.declare.spec import Node, OneOf
from engine.errors import Fault, TransportError
from engine.expressions.base import Expression
from engine.mediators import _sending
from engine.mediators._nodes import alone
from engine.message.codecs import soap, xml
from engine.message.context import MessageContext


@element("configuration")
class Configuration(Node):
    """Axis2 client; without a meaning here."""

    axis2xml: str = attr("Path of its configuration.", default="")
    repository: str = attr("Path of its repository.", default="")


@element("source", rules=(OneOf(("xpath", "key", "type")),))
class CalloutSource(Node):
    """What to send: the first element of a path, the element in a property or a local entry, or all of the message."""

    xpath: Expression | None = attr("Finds the element.", default=None)
    key: str | None = attr("Property or local entry that holds it.", default=None)
    type: Literal["envelope"] | None = attr("Send the message as it is.", default=None)


@element("target", rules=(OneOf(("xpath", "key")),))
class CalloutTarget(Node):
    """Where to put the first element of the answer."""

    xpath: Expression | None = attr("Finds the element it replaces.", default=None)
    key: str | None = attr("Property that gets it.", default=None)


@element("enableSec")
class EnableSec(Node):
    """WS-Security."""

    policy: str = attr("Policy.", default="")

    def __post_init__(self) -> None:
        raise Unacceptable("WS-Security is not supported.", code="unsupported", hint="Use TLS and HTTP authentication.")


@element(
    "callout",
    kind="mediator",
    category="core",
    rules=(OneOf(("service_url", "endpoint_key", "endpoint"), optional=True),),
)
class Callout(Mediator):
    """Call a service with a part of the message, wait, and put the answer into the message.

    It behaves like `<call blocking="true">` (Synapse trap 40). A JSON payload is always sent whole, and a JSON answer
    always replaces the payload. Without a source all of the message is sent, without a target the answer replaces it;
    without an address it goes where the message goes, header To.

    Example::

        <callout serviceURL="http://127.0.0.1:9000/services/Quotes" action="urn:getQuote">
          <source xpath="$body/*"/>
          <target key="quote"/>
        </callout>
    """

    reads_body = True

    service_url: str | None = attr("Address of the service.", name="serviceURL", default=None)
    endpoint_key: str | None = attr("Endpoint to call.", name="endpointKey", default=None, refers="endpoint")
    action: str | None = attr("SOAPAction.", default=None)
    init_options: bool = attr(
        "`false`: a blocking call uses the login of `<NTLM>`.", name="initAxis2ClientOptions", default=True
    )
    server_config: str = attr("Axis2 option, without a meaning here.", name="useServerConfig", default="")
    endpoint: Endpoint | None = slot("Where to send.", of="endpoint")
    configuration: Configuration | None = child("Axis2 client, without a meaning here.", tag="configuration")
    source: CalloutSource | None = child("What to send.", tag="source")
    target: CalloutTarget | None = child("Where to put the answer.", tag="target")
    security: EnableSec | None = child("WS-Security.", tag="enableSec")

    async def mediate(self, message: MessageContext) -> bool:
        twin = message.clone()
        content = self._request(message)
        if content is not None:
            _replace_content(twin, content)
        if self.action is not None:
            twin.headers.set("SOAPAction", f'"{self.action}"')
        _sending.forget_last_call(twin)
        try:
            await _sending.call_blocking(self._endpoint(twin), twin, fresh_options=self.init_options)
        except TransportError as fault:
            _sending.note_failure(message, fault)
            raise
        if not _sending.is_out_only(message):
            await twin.payload.load(env_of(message).limits.buffered_body)
            self._take(message, twin)
        return True

    def _endpoint(self, twin: MessageContext) -> Endpoint:
        env = env_of(twin)
        if self.endpoint is not None:
            return self.endpoint
        if self.endpoint_key is not None:
            return env.endpoint(self.endpoint_key)
        if self.service_url is not None:
            twin.to = self.service_url
            twin.axis2.pop("REST_URL_POSTFIX", None)
        return env.default_endpoint

    def _request(self, message: MessageContext) -> xml.Element | None:
        """The element to send; None for the message as it is. Raises Fault when it cannot be found."""
        if self.source is None or self.source.type is not None or message.payload.kind == "json":
            return None
        if self.source.xpath is not None:
            return _first(self.source.xpath, message)
        assert self.source.key is not None  # one of the three, as the rules say
        value = message.properties.get(self.source.key)
        value = message.env.entry(self.source.key) if value is None else value
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, etree._Element):
            raise Fault(f"'{self.source.key}' holds no XML element to send")
        return value

    def _take(self, message: MessageContext, twin: MessageContext) -> None:
        """Put the answer where it belongs."""
        content = None if twin.payload.kind == "json" else twin.payload.content()
        if twin.payload.kind == "json" or self.target is None:
            message.payload = twin.payload
            _sending.goes_out_as(message, twin.axis2.get("messageType") or "")
        elif self.target.key is not None:
            if content is not None:
                message.properties[self.target.key] = alone(content)
        elif self.target.xpath is not None:
            _replace(message, _first(self.target.xpath, message), content)
        message.axis2["HTTP_SC"] = twin.axis2.get("HTTP_SC")
        if message.properties.get("BLOCKING_SENDER_PRESERVE_REQ_HEADERS") == "false":
            message.headers = twin.headers


def _first(path: Expression, message: MessageContext) -> xml.Element:
    found = path.evaluate(message)
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, etree._Element):
        raise Fault(f"{path.source} finds no element")
    return first


def _replace_content(twin: MessageContext, content: xml.Element) -> None:
    body = soap.body_of(twin.payload.envelope())
    for child_ in list(body):
        body.remove(child_)
    body.append(alone(content))
    twin.payload.set_view(twin.payload.envelope())


def _replace(message: MessageContext, old: xml.Element, content: xml.Element | None) -> None:
    parent = old.getparent()
    if parent is None or content is None:
        raise Fault("the answer of the callout cannot be put in place of an element of the message")
    new = alone(content)
    new.tail = old.tail
    envelope = message.payload.envelope()
    parent.replace(old, new)
    message.payload.set_view(envelope)
