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
from engine.core.env import Environment, ServiceName
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
    the engine's own; all else is as there. With ``dispatch.filter.pattern``, a regular expression for path and query,
    the port has those APIs and proxies of the engine whose path it is, and no sequence is needed. ``protocol="https"``
    does so over TLS, with the certificate of the setting ``server.inbound_tls``, else that of ``server.tls``; with the
    parameter ``SSLVerifyClient`` require it needs their ``client_ca``. Parameters that name keystores, protocols and
    ciphers have no effect.

    ``protocol="file"`` takes the files of a folder, each as a message. The names of these parameters, but for the first
    two, begin with ``transport.vfs.``:

    - ``interval`` (1000 ms), or ``cron``: when it looks into the folder.
    - ``FileURI``: the folder; with ``/*`` at its end also those below it. A path that is not absolute is below the
      folder that the engine runs in.
    - ``FileNamePattern``: a regular expression for the names of the files.
    - ``ContentType``: the type of the bodies; without it the ending of the name says it.
    - ``ActionAfterProcess``: DELETE, the default; MOVE to ``MoveAfterProcess``; or NONE, which takes the file again at
      the next look. ``MoveTimestampFormat`` is put before the name; in the target, a file of that name gives way.
    - ``ActionAfterFailure``, ``MoveAfterFailure``: the same when the flow failed, by a fault that nobody took or by the
      property SET_ROLLBACK_ONLY="true". Without it the file stays, and is taken again when it has changed.
    - ``FileSortAttribute`` (Name, Size, Lastmodifiedtimestamp), ``FileSortAscending``: their order.
    - ``FileProcessCount``, ``FileProcessInterval``: the most files of one look, and the ms between two.
    - ``MinimumAge`` s, ``waitTimeBeforeRead`` ms, ``MaximumAge`` s, ``FileSizeLimit`` bytes: others are left alone.
    - ``Locking``: enable, the default, leaves a file NAME alone that has a NAME.lock beside it; disable does not.

    HTTP headers tell FILE_NAME, FILE_PATH, FILE_URI, FILE_LENGTH, LAST_MODIFIED and, with ``/*``, RELATIVE_PATH. The
    body is read as the flow needs it. Hidden files, symbolic links, and files whose names are no UTF-8 are left alone.
    A file is moved or removed after its flow: one whose flow ran when the engine was killed is taken again. No flow
    runs as long as its file could not be moved or removed. Of several workers one takes the files, in their order;
    another takes over when that one ends. Engines on the same folder share its files; each goes to one, by flock.

    ``protocol="mqtt"``, with the extra ``mqtt``, takes the messages of a topic:

    - ``mqtt.server.host.name``, ``mqtt.server.port`` (1883), ``mqtt.subscription.username``,
      ``mqtt.subscription.password``: the broker. With ``mqtt.ssl.enable`` it is spoken to over TLS, on port 8883 by
      default; the settings ``back_ends`` say whom to trust and which certificate to show.
    - ``mqtt.topic.name``: the topic, or a filter such as ``orders/#``. The property of that name is the topic of each.
    - ``mqtt.subscription.qos``: 0, 1 (the default) or 2.
    - ``mqtt.client.id``: with it the broker keeps what comes while nobody is there, unless ``mqtt.session.clean`` is
      true.
    - ``content.type``: the type of the bodies; text/plain by default.

    A message is acknowledged when its flow has ended, also when that failed. Of several workers one subscribes.

    ``protocol="rabbitmq"``, with the extra ``rabbitmq``, takes the messages of a queue. The names of these parameters
    begin with ``rabbitmq.``:

    - ``server.host.name``, ``server.port`` (5672), ``server.user.name``, ``server.password``, ``server.virtual.host``:
      the broker. ``connection.ssl.enabled`` is TLS, by the settings ``back_ends``. ``connection.retry.interval``
      (30000 ms) is the time between two attempts.
    - ``queue.name``, ``exchange.name``: they are made and bound, by ``queue.routing.key`` or the queue's name, unless
      ``queue.autodeclare`` or ``exchange.autodeclare`` is false. ``queue.durable``, ``queue.auto.delete``,
      ``queue.exclusive``, ``queue.optional.x-…``, ``exchange.type``, ``exchange.durable``, ``exchange.auto.delete`` and
      ``exchange.optional.…`` say how. What is there with other settings is taken as it is.
    - ``queue.auto.ack``: true acknowledges before the flow; what is under way is lost with the engine.
    - ``channel.consumer.qos``: messages that the broker sends ahead.
    - ``message.content.type``: the type of messages that bring none; text/plain by default.
    - ``message.max.dead.lettered.count``, ``message.error.exchange.name``, ``message.error.queue.routing.key``: after
      so many failures the message goes there, or nowhere.
    - ``message.requeue.delay``: the ms before a message goes back into the queue.

    When the flow has ended the message is acknowledged. Has it failed, then the message is rejected: the queue's
    exchange for dead letters gets it, if there is one. With the property SET_REQUEUE_ON_ROLLBACK="true" it goes back
    into the queue. The headers of the message are HTTP headers. Of several workers one takes the messages.

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
        items = self.parameters.items if self.parameters is not None else ()
        given = {"interval": self.interval} if self.interval else {}
        given |= {each.name: each.value.strip() for each in items}
        sequential = given.get("sequential", "true").lower() != "false"
        flow = self._flow(self.sequence) if self.sequence is not None else None
        self._listener = self._listen()(Inbound(self.name, given, flow, sequential))

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
        service = ServiceName("inbound-endpoint", self.name)
        return Flow(me, Part(f"sequence of {me}", key=sequence), Part(me), fault, service=service)

    async def run(self, current: Callable[[], Environment]) -> None:
        if not self.suspend:
            await self._listener.run(current)
