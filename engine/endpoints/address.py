"""<endpoint><address …/></endpoint>"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import rabbitmq, vfs
from engine.declare.fields import attr, element
from engine.endpoints import _local
from engine.endpoints._formatted import Formatted
from engine.endpoints._kind import Place
from engine.endpoints._placeholders import filled
from engine.endpoints.addressing import without_way
from engine.message.context import MessageContext


@element("address", kind="endpoint-type", category="endpoint")
class Address(Formatted):
    """Send to a fixed URL, in a format of choice.

    ``${name}`` in the URL is the property of that name, where there is one. The rest of a REST request's path is
    appended (trap 35). SOAP formats are posted; ``enableAddressing`` adds WS-Addressing headers to them.

    ``local://services/NAME`` calls a proxy of this engine, as over HTTP but without a connection.

    ``vfs:file:///srv/out/`` writes the body into that folder, as the file that the transport header
    ``transport.vfs.ReplyFileName`` names, else ``response.xml``; ``vfs:file:///srv/all.csv`` is a file, and with
    ``?transport.vfs.Append=true`` the body is put at its end. A reader sees a file only when it is complete; one of
    that name gives way. There is no answer: nothing goes on after ``send``, and after ``call`` the flow goes on.
    Clients may send that header too: set it, or remove it, in the flow.

    ``rabbitmq:/QUEUE?rabbitmq.server.host.name=…`` sends to a broker, with the extra ``rabbitmq`` and the parameters of
    an ``<inboundEndpoint>`` of that protocol: to ``rabbitmq.exchange.name`` with ``rabbitmq.queue.routing.key``, else
    the name of the queue. The broker has confirmed the message when the flow goes on; one that no queue takes is a
    fault. The headers go with it, and the axis2 property ``rabbitmq.message.correlation.id``. There is no answer.

    Example::

        <endpoint><address uri="http://127.0.0.1:9000/services/Quotes" format="soap11"/></endpoint>
    """

    uri: str = attr("Where to send.")

    def remarks(self) -> Iterable[tuple[str, str]]:
        yield from super().remarks()
        yield from without_way(self.uri)

    def attach(self, place: Place) -> None:
        super().attach(place)
        self.beyond_http = self.uri.startswith((vfs.SCHEME, rabbitmq.SCHEME, _local.SCHEME))

    def target_of(self, message: MessageContext) -> str:
        return filled(self.uri, message.properties)
