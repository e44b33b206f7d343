"""<eventSource>"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import ClassVar

from lxml import etree

from engine.artifacts._subscriptions import Subscription, Subscriptions, expiry, shown
from engine.core import client_targets, faults
from engine.core.artifact import Served, check_name
from engine.core.background import as_many_as_fit
from engine.core.env import Environment, env_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, child_text, children, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.message.codecs import soap
from engine.message.context import MessageContext

log = logging.getLogger("myelin.background")

WSE = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
_WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_ACTIONS = {f"{WSE}/{name}": name for name in ("Subscribe", "Unsubscribe", "Renew", "GetStatus")}


@element("property")
class ManagerProperty(Node):
    """A setting of the subscription manager."""

    name: str = attr("`topicHeaderName`, `topicHeaderNS`: the SOAP header block that holds the topic.")
    value: str = attr("Its value.", default="")


@element("subscriptionManager")
class SubscriptionManager(Node):
    """Where the topic of an event stands."""

    class_: str = attr("Java class of the manager; subscriptions are kept in memory, whatever it is.", default="")
    properties: tuple[ManagerProperty, ...] = children("Its settings.", tag="property")


@element("filter")
class EventFilter(Node):
    """Which events a subscriber wants."""

    source: str = attr("The topic; those below it, `topic/…`, belong to it.")
    dialect: str = attr("Dialect of the filter: topics.", default="")


@element("address", open_content=True)
class SubscriberAddress(Node):
    """Where a subscriber listens."""

    uri: str = attr("Its URL.")


@element("endpoint", open_content=True)
class SubscriberEndpoint(Node):
    """Where a subscriber listens."""

    address: SubscriberAddress | None = child("Its address.", tag="address")


@element("subscription")
class StaticSubscription(Node):
    """A subscriber that is always there."""

    id: str = attr("Its id.")
    filter: EventFilter | None = child("Which events it wants.", tag="filter")
    endpoint: SubscriberEndpoint | None = child("Where it listens.", tag="endpoint")
    expires: str = child_text("Until when: a time, or a duration from the deployment on.", tag="expires", default="")

    def made(self, now: float) -> Subscription:
        """Raises Unacceptable for what is missing."""
        address = self.endpoint.address if self.endpoint is not None else None
        if self.filter is None or address is None:
            missing = "<filter>" if self.filter is None else "<endpoint> with an <address>"
            raise Unacceptable(f"the subscription '{self.id}' needs {missing}.", code="missing-element")
        try:
            return Subscription(self.id, address.uri, self.filter.source, expiry(self.expires, now))
        except Fault as fault:
            raise Unacceptable(f"{fault.message}.") from None


@element("eventSource", kind="artifact", category="artifact")
class EventSource(Served):
    """Hand events to subscribers (WS-Eventing): <eventPublisher> publishes, /services/NAME takes subscriptions.

    SOAP requests with the actions Subscribe, Unsubscribe, Renew and GetStatus manage them; any other message there is
    an event. A subscriber gets the events of its topic and of those below it, and nobody waits for its answer.
    Subscriptions that clients make are in memory: each process has its own, and they end with it. Their addresses must
    be among the `client_targets` in `myelin.yaml`.

    Example::

        <eventSource name="quotes">
          <subscriptionManager class="org.apache.synapse.eventing.managers.DefaultInMemorySubscriptionManager">
            <property name="topicHeaderName" value="Topic"/>
            <property name="topicHeaderNS" value="http://example.com/topics"/>
          </subscriptionManager>
          <subscription id="desk">
            <filter source="quotes/ibm" dialect="http://synapse.apache.org/eventing/dialect/topicFilter"/>
            <endpoint><address uri="http://127.0.0.1:9000/services/desk"/></endpoint>
          </subscription>
        </eventSource>
    """

    kind: ClassVar[str] = "event-source"

    name: str = attr("Name of the source.")
    manager: SubscriptionManager | None = child("Where the topic stands.", tag="subscriptionManager")
    static: tuple[StaticSubscription, ...] = children("Subscribers that are always there.", tag="subscription")

    def __post_init__(self) -> None:
        check_name("event source", self.name)
        if self.manager is None:
            raise Unacceptable("an event source needs a <subscriptionManager>.", code="missing-element")
        settings = {each.name: each.value.strip() for each in self.manager.properties}
        name, namespace = settings.get("topicHeaderName", ""), settings.get("topicHeaderNS", "")
        if not name or not namespace:
            raise Unacceptable("the manager needs the properties topicHeaderName and topicHeaderNS.")
        self._topic = f"{{{namespace}}}{name}"
        self._fixed = [each.made(time.time()) for each in self.static]

    @property
    def address(self) -> str | None:
        return f"/services/{self.name}"

    def flow(self) -> EventSource:
        return self

    @property
    def label(self) -> str:
        """Its name in logs."""
        return f"event source '{self.name}'"

    async def serve(self, message: MessageContext) -> None:
        """Take a subscription, or an event, from a client."""
        try:
            await message.payload.load(env_of(message).limits.buffered_body)
            operation = _ACTIONS.get(_action(message))
            if operation is None:
                await self.publish(message)
                await message.exchange.accept()
            else:
                self._answer(message, operation)
                await message.exchange.answer(message)
        except Fault as fault:
            await faults.answer_unhandled(message, fault)
        finally:
            message.payload.close()

    async def publish(self, message: MessageContext) -> None:
        """Send a copy to each subscriber of its topic, in the background, up to ``limits.branches`` at a time.

        Raises Overloaded when there is no room for any.
        """
        env = env_of(message)
        await message.payload.load(env.limits.buffered_body)
        topic = self._topic_of(message)
        event = message.clone()
        event.axis2.pop("REST_URL_POSTFIX", None)
        subscribers = list(self._subscribers(env, topic))
        turns = iter(subscribers)

        def start() -> None:
            env.spawn(self._send_to_each(env, event, turns), f"an event of '{self.name}'", counts=True)

        as_many_as_fit(min(len(subscribers), env.limits.branches), start)

    async def _send_to_each(self, env: Environment, event: MessageContext, turns: Iterator[Subscription]) -> None:
        for each in turns:
            twin = event.clone()
            twin.to = each.address
            try:
                await env.default_endpoint.send(twin)
            except Fault as fault:
                log.error("event of '%s' for %s: %s", self.name, each.id, fault.message)
            finally:
                twin.payload.close()

    def _topic_of(self, message: MessageContext) -> str | None:
        if message.payload.kind not in ("soap11", "soap12", "xml"):
            return None
        block = soap.header_of(message.payload.envelope()).find(self._topic)
        return (block.text or "").strip() if block is not None else None

    def _subscribers(self, env: Environment, topic: str | None) -> Iterator[Subscription]:
        now = time.time()
        for each in (*self._fixed, *self._subscriptions(env)):
            if topic is not None and each.wants(topic) and (each.expires is None or each.expires > now):
                yield each

    def _subscriptions(self, env: Environment) -> Subscriptions:
        return env.shared("event-source", self.name, Subscriptions)

    # ---------------------------------------------------------------- WS-Eventing

    def _answer(self, message: MessageContext, operation: str) -> None:
        envelope = message.payload.envelope()
        host = message.headers.get("host") or "localhost"
        own_address = f"{message.exchange.scheme}://{host}{self.address}"
        inside = self._managed(env_of(message), operation, envelope, own_address)
        version: soap.Version = "soap12" if message.payload.kind == "soap12" else "soap11"
        faults.clear(message, 200)
        message.payload.set_envelope(soap.wrap(inside, version))
        content_type = "application/soap+xml" if version == "soap12" else "text/xml"
        message.axis2 |= {"messageType": content_type, "ContentType": content_type}

    def _managed(self, env: Environment, operation: str, envelope: etree._Element, url: str) -> etree._Element:
        """Do it, and give the content of the answer. Raises Fault."""
        subscriptions = self._subscriptions(env)
        answer = etree.Element(f"{{{WSE}}}{operation}Response", nsmap={"wse": WSE, "wsa": _WSA})
        until = expiry(_text(envelope, f".//{{{WSE}}}Expires"), time.time())
        if operation == "Subscribe":
            address = _text(envelope, f".//{{{WSE}}}NotifyTo/{{*}}Address")
            topic = _text(envelope, f".//{{{WSE}}}Filter")
            if not address or not topic:
                raise Fault("a subscription needs NotifyTo with an Address, and a Filter", status=400)
            client_targets.check(address, env.limits.client_targets)
            made = subscriptions.add(address, topic, until)
            manager = etree.SubElement(answer, f"{{{WSE}}}SubscriptionManager")
            etree.SubElement(manager, f"{{{_WSA}}}Address").text = url
            parameters = etree.SubElement(manager, f"{{{_WSA}}}ReferenceParameters")
            etree.SubElement(parameters, f"{{{WSE}}}Identifier").text = made.id
            etree.SubElement(answer, f"{{{WSE}}}Expires").text = shown(made.expires)
            return answer
        id_ = _text(envelope, f".//{{{WSE}}}Identifier")
        if operation == "Unsubscribe":
            subscriptions.remove(id_)
            return answer
        found = subscriptions.renew(id_, until) if operation == "Renew" else subscriptions.get(id_)
        etree.SubElement(answer, f"{{{WSE}}}Expires").text = shown(found.expires)
        return answer


def _action(message: MessageContext) -> str:
    """The action of a SOAP message: the header block of WS-Addressing, or the HTTP header."""
    if message.payload.kind in ("soap11", "soap12", "xml"):
        block = soap.header_of(message.payload.envelope()).find("{*}Action")
        if block is not None:
            return (block.text or "").strip()
    return (message.headers.get("soapaction") or "").strip('"')


def _text(envelope: etree._Element, path: str) -> str:
    return (envelope.findtext(path) or "").strip()
