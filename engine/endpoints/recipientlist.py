"""<endpoint><recipientlist>…</recipientlist></endpoint>"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import cast

from engine.core.env import env_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element, slots
from engine.declare.spec import Node
from engine.endpoints._kind import Child, Kind, Place
from engine.endpoints._member import Member, endpoint_of
from engine.endpoints.address import Address
from engine.endpoints.endpoint import Endpoint
from engine.errors import ErrorCode, Fault, TransportError, Where
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("endpoints")
class DynamicEndpoints(Node):
    """URLs that are known at run time only."""

    value: Value = attr("URLs, separated by commas; `{expression}` gives them.")
    max_cache: int = attr("How many of them keep their state.", name="max-cache", default=20)


@element("recipientlist", kind="endpoint-type", category="endpoint")
class RecipientList(Kind):
    """Send a copy of the message to each endpoint, host or URL.

    Each answer goes on by itself, as after a clone: an ``<aggregate>`` joins them. Children that are not ready get no
    copy; the error code is 303000 when none is. What fails in one copy is taken by the fault handlers on that copy.
    A blocking call, and an endpoint further out, gets the first of the answers.

    Example::

        <endpoint>
          <recipientlist>
            <endpoint><address uri="http://127.0.0.1:9000/quotes"/></endpoint>
            <endpoint><address uri="http://127.0.0.1:9001/quotes"/></endpoint>
          </recipientlist>
        </endpoint>
    """

    endpoints: tuple[Child, ...] = slots("Where to send.", of="endpoint")
    members: tuple[Member, ...] = children("Hosts to send to, at the path of the message.", tag="member")
    dynamic: DynamicEndpoints | None = child("URLs that are known at run time only.", tag="endpoints")

    def attach(self, place: Place) -> None:
        given = [bool(self.endpoints), bool(self.members), self.dynamic is not None]
        if given.count(True) != 1:
            raise Unacceptable("it needs <endpoint>, <member> or <endpoints value=…>, one of them.", code="one-of")
        if place.session is not None:
            raise Unacceptable("<session> needs a <loadbalance>.", code="requires")
        super().attach(place)
        # A host gets its copy whatever happened to the last one; there is no other in its place.
        members = tuple(endpoint_of(each, place.name, rests=False) for each in self.members)
        self._all: tuple[Child, ...] = self.endpoints or members
        self._by_url: OrderedDict[str, Child] = OrderedDict()

    def ready(self, message: MessageContext) -> bool:
        return any(each.ready(message) for each in self._children(message))

    def recipients(self, message: MessageContext) -> Sequence[Child]:
        """Those that get a copy. Raises TransportError 303000 when none is ready."""
        ready = [each for each in self._children(message) if each.ready(message)]
        if not ready:
            text = f"recipient list {self.place.name} has no endpoint that is ready"
            raise TransportError(text, code=ErrorCode.NO_ENDPOINT_READY)
        return ready

    async def send(self, message: MessageContext) -> None:
        await message.payload.load(env_of(message).limits.buffered_body)
        recipients = self.recipients(message)
        copies = [message.clone() for _ in recipients]
        work = (each.send(copy) for each, copy in zip(recipients, copies, strict=True))
        results = await asyncio.gather(*work, return_exceptions=True)
        answers = [copy for copy, result in zip(copies, results, strict=True) if result is None]
        for late in answers[1:]:
            late.payload.close()
        if not answers:
            raise next(each for each in results if each is not None)
        first = answers[0]
        message.payload, message.headers, message.axis2 = first.payload, first.headers, first.axis2
        message.is_response, message.resumed, message.to = True, True, first.to

    def _children(self, message: MessageContext) -> Sequence[Child]:
        if self.dynamic is None:
            return self._all
        urls = [url.strip() for url in (self.dynamic.value.text(message) or "").split(",")]
        if not any(urls):
            raise Fault(f"the recipient list {self.dynamic.value.source} gave no URL")
        return [self._at(url, self.dynamic) for url in urls if url]

    def _at(self, url: str, dynamic: DynamicEndpoints) -> Child:
        """The endpoint for a URL: the one of the last time, so that it remembers failures."""
        known = self._by_url.get(url)
        if known is None:
            known = self._by_url[url] = _address(dynamic.where, url, f"{self.place.name} {url}")
            if len(self._by_url) > max(dynamic.max_cache, 1):
                self._by_url.popitem(last=False)
        self._by_url.move_to_end(url)
        return known


def _address(where: Where, url: str, name: str) -> Child:
    kind = Address.spec.construct(where=where, uri=url)
    return cast(Child, Endpoint.spec.construct(where=where, name=name, type=kind))
