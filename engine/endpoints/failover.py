"""<endpoint><failover>…</failover></endpoint>"""

from __future__ import annotations

from collections.abc import Iterator

from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element, slots
from engine.endpoints._group import send_to_first
from engine.endpoints._kind import Child, Kind, Place
from engine.errors import ErrorCode, TransportError
from engine.message.context import MessageContext


@element("failover", kind="endpoint-type", category="endpoint")
class Failover(Kind):
    """Send to the first child that is ready; to the next one when it fails.

    With ``dynamic="false"`` the child that took over stays in use until it fails itself. When no child is ready, the
    error code is 303000; when all that were ready have failed, it is that of the last one.

    Example::

        <endpoint>
          <failover>
            <endpoint name="first"><address uri="http://127.0.0.1:9000/quotes"/></endpoint>
            <endpoint name="second"><address uri="http://127.0.0.1:9001/quotes"/></endpoint>
          </failover>
        </endpoint>
    """

    dynamic: bool = attr("Whether to go back to an earlier child as soon as it is ready again.", default=True)
    build_message: bool = attr("Read the whole body first; always done here.", name="buildMessage", default=True)
    endpoints: tuple[Child, ...] = slots("Where to send, in this order.", of="endpoint")
    _current: int = 0

    def attach(self, place: Place) -> None:
        if place.session is not None:
            raise Unacceptable("<session> needs a <loadbalance>.", code="requires")
        if not self.endpoints:
            raise Unacceptable("it needs an <endpoint> at least.", code="missing-element")
        super().attach(place)

    def ready(self, message: MessageContext) -> bool:
        return any(child.ready(message) for child in self.endpoints)

    async def send(self, message: MessageContext) -> None:
        text = f"failover endpoint {self.place.name} has no child that is ready"
        none_ready = TransportError(text, code=ErrorCode.NO_ENDPOINT_READY)
        await send_to_first(message, self._candidates(message), none_ready)

    def _candidates(self, message: MessageContext) -> Iterator[Child]:
        """The children to try, asked one by one: each may have become ready, or not, while another was tried."""
        order = list(range(len(self.endpoints)))
        if not self.dynamic:
            order.sort(key=lambda position: position != self._current)
        for position in order:
            if self.endpoints[position].ready(message):
                self._current = position
                yield self.endpoints[position]
