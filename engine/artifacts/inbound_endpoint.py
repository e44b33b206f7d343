"""<inboundEndpoint>"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import ClassVar

from engine.artifacts import _class_inbound
from engine.artifacts._inbound import Inbound, Listener, listener_of, protocols
from engine.artifacts.message_store import StoreParameter
from engine.core.artifact import require_name
from engine.core.background import Active
from engine.core.env import Environment
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import Node


@element("parameters")
class InboundParameters(Node):
    """The settings."""

    items: tuple[StoreParameter, ...] = children("One setting.", tag="parameter")


@element("inboundEndpoint", kind="artifact", category="artifact")
class InboundEndpoint(Active):
    r"""Take messages from elsewhere than the engine's own port, and run a sequence on each; faults go to ``onError``.

    ``protocol="http"`` takes requests on the port ``inbound.http.port``, whatever their path, on the same address as
    the engine's own; all else is as there. ``protocol="https"`` does so over TLS, with the certificate of the setting
    ``server.inbound_tls``, else that of ``server.tls``; with the parameter ``SSLVerifyClient`` require it needs their
    ``client_ca``. Parameters that name keystores, protocols and ciphers have no effect.

    ``protocol="file"`` takes the files of the folder ``transport.vfs.FileURI`` whose names match ``FileNamePattern``, a
    regular expression, every ``interval`` ms or at the times of ``cron``. (All names of this paragraph but these two
    begin with ``transport.vfs.``.) ``/*`` at the end of the folder takes those below it too. The body has the type
    ``ContentType``, else that of the name's ending, and is read as the flow needs it. HTTP headers tell FILE_NAME,
    FILE_PATH, FILE_URI, FILE_LENGTH, LAST_MODIFIED and, with ``/*``, RELATIVE_PATH. When the flow has ended,
    ``ActionAfterProcess`` is done: MOVE to ``MoveAfterProcess``, under a name that begins with ``MoveTimestampFormat``,
    where a file of that name gives way; DELETE, which is the default; or NONE, which takes the file again at the next
    look. Has the flow failed, by a fault that nobody took or by the property SET_ROLLBACK_ONLY="true", then
    ``ActionAfterFailure`` is done; without it the file stays, and is taken again when it has changed.
    ``FileSortAttribute`` (Name, Size, Lastmodifiedtimestamp) and ``FileSortAscending`` order the files,
    ``FileProcessCount`` is the most of one look, ``FileProcessInterval`` the ms between two. Files younger than
    ``MinimumAge`` s or ``waitTimeBeforeRead`` ms, older than ``MaximumAge`` s, or of more than ``FileSizeLimit`` bytes
    are left alone, as are hidden ones, those whose names are no UTF-8, symbolic links, and a file NAME with a NAME.lock
    beside it unless ``Locking`` is disable. A path that is not absolute is below the folder that the engine runs in.

    A file is moved or removed after its flow: one whose flow ran when the engine was killed is taken again. No flow
    runs as long as its file could not be moved or removed. Of several workers one takes the files, in their order;
    another takes over when that one ends. Engines on the same folder share its files; each goes to one, by flock.

    ``protocol="mqtt"``, with the extra ``mqtt``, takes the messages of ``mqtt.topic.name`` from the broker at
    ``mqtt.server.host.name`` and ``mqtt.server.port`` (1883), with the QoS ``mqtt.subscription.qos`` (1), the user
    ``mqtt.subscription.username`` and ``mqtt.subscription.password``. Their type is ``content.type``, text/plain by
    default; the property ``mqtt.topic.name`` is the topic of each. A message is acknowledged when its flow has ended,
    also when that failed. With a ``mqtt.client.id`` the broker keeps what comes while nobody is there, unless
    ``mqtt.session.clean`` is true. Of several workers one subscribes. There is no TLS.

    ``protocol="rabbitmq"``, with the extra ``rabbitmq``, takes the messages of ``rabbitmq.queue.name`` from the broker
    at ``rabbitmq.server.host.name`` and ``port``, with ``user.name``, ``password`` and ``virtual.host``. The queue and
    ``rabbitmq.exchange.name`` are made and bound, by ``rabbitmq.queue.routing.key`` or the queue's name, unless their
    ``autodeclare`` is false; ``durable``, ``auto.delete``, ``exclusive``, ``rabbitmq.exchange.type`` and
    ``rabbitmq.queue.optional.x-…`` say how. The type is the message's own, else ``rabbitmq.message.content.type``, else
    text/plain; its headers are HTTP headers. When the flow has ended the message is acknowledged. Has it failed, then
    the message is rejected: the queue's exchange for dead letters gets it, if there is one, and after
    ``rabbitmq.message.max.dead.lettered.count`` times ``rabbitmq.message.error.exchange.name``, with
    ``rabbitmq.message.error.queue.routing.key``. With the property SET_REQUEUE_ON_ROLLBACK="true" it goes back into the
    queue after ``rabbitmq.message.requeue.delay`` ms. ``rabbitmq.queue.auto.ack`` true acknowledges before the flow:
    what is under way is lost with the engine. Of several workers one takes them. There is no TLS.

    ``class`` names a Python class (``engine.api.InboundClass``) that takes the messages. It is found as those of
    ``<class>`` are, and gets the parameters. When it ends or fails, it begins again after ``interval`` ms or at the
    times of ``cron``. Of several workers one runs it.

    With the parameter ``sequential`` false, messages are worked on at the same time. With ``suspend`` nothing is taken.
    Other protocols are errors that name the way out.

    Example::

        <inboundEndpoint name="orders" protocol="file" sequence="takeOrder" onError="refuse" suspend="false">
          <parameters>
            <parameter name="interval">1000</parameter>
            <parameter name="transport.vfs.FileURI">file:///srv/orders/in</parameter>
            <parameter name="transport.vfs.FileNamePattern">.*\.xml</parameter>
            <parameter name="transport.vfs.ContentType">application/xml</parameter>
            <parameter name="transport.vfs.ActionAfterProcess">MOVE</parameter>
            <parameter name="transport.vfs.MoveAfterProcess">file:///srv/orders/done</parameter>
            <parameter name="transport.vfs.ActionAfterFailure">MOVE</parameter>
            <parameter name="transport.vfs.MoveAfterFailure">file:///srv/orders/failed</parameter>
          </parameters>
        </inboundEndpoint>
    """

    kind: ClassVar[str] = "inbound-endpoint"

    name: str = attr("Name of the endpoint.")
    protocol: str = attr("Protocol: http, https, file, mqtt or rabbitmq.", default="")
    class_: str = attr("Java name of a class of one's own.", default="")
    sequence: str | None = attr("Sequence that takes the messages.", default=None, refers="sequence")
    on_error: str | None = attr("Sequence that takes faults.", name="onError", default=None, refers="sequence")
    suspend: bool = attr("Whether it rests.", default=False)
    interval: str = attr("The parameter of that name, where it is missing.", default="")
    parameters: InboundParameters | None = child("Settings.", tag="parameters")

    def __post_init__(self) -> None:
        require_name("inbound endpoint", self.name)
        listen = self._listen()
        if self.sequence is None:
            hint = 'Add sequence="…".'
            raise Unacceptable("an inbound endpoint needs a sequence.", code="missing-attribute", hint=hint)
        items = self.parameters.items if self.parameters is not None else ()
        given = {"interval": self.interval} if self.interval else {}
        given |= {each.name: each.value.strip() for each in items}
        sequential = given.get("sequential", "true").lower() != "false"
        self._listener = listen(Inbound(self.name, given, self._flow(self.sequence), sequential))

    def _listen(self) -> Callable[[Inbound], Listener]:
        """What makes its listener. Raises Unacceptable."""
        protocol = self.protocol.strip().lower()
        if protocol:
            return listener_of(protocol)
        if self.class_:
            return functools.partial(_class_inbound.Listener, name=self.class_)
        hint = f"The protocols are {', '.join(protocols())}."
        raise Unacceptable("an inbound endpoint needs a protocol or a class.", code="missing-attribute", hint=hint)

    def remarks(self) -> Iterable[tuple[str, str]]:
        return self._listener.remarks()

    def _flow(self, sequence: str) -> Flow:
        me = f"inbound endpoint '{self.name}'"
        fault = Part(f"onError of {me}", key=self.on_error)
        return Flow(me, Part(f"sequence of {me}", key=sequence), Part(me), fault)

    async def run(self, current: Callable[[], Environment]) -> None:
        if not self.suspend:
            await self._listener.run(current)
