"""protocol="mqtt": the messages of a topic, with the library paho-mqtt (extra ``mqtt``)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.artifacts._inbound import Inbound, UnderWay
from engine.core.background import Acknowledged, has_failed
from engine.core.env import Environment
from engine.core.extras import needs
from engine.core.worker_lock import sole_worker
from engine.declare.convert import Unacceptable
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

log = logging.getLogger("myelin.background")

_TOPIC = "mqtt.topic.name"
_WAITING = 1_000
"""Messages of QoS 0 that may wait. Of the others the broker keeps back what it may not send unacknowledged."""


class Listener:
    """Subscribes to ``mqtt.topic.name`` and acknowledges each message when its flow has ended.

    Of several workers one subscribes; another takes over when that one ends.
    """

    def __init__(self, inbound: Inbound) -> None:
        needs("paho", "paho-mqtt", "mqtt")
        given = inbound.parameters
        self.inbound, self.tls = inbound, given.get("mqtt.ssl.enable", "").lower() == "true"
        self.host, self.topic = inbound.required("mqtt.server.host.name"), inbound.required(_TOPIC)
        self.port = inbound.number("mqtt.server.port", 8883 if self.tls else 1883)
        self.qos = inbound.number("mqtt.subscription.qos", 1)
        if self.qos > 2:
            raise Unacceptable(f"the parameter 'mqtt.subscription.qos' is '{self.qos}', and may be 0, 1 or 2.")
        self.client_id = given.get("mqtt.client.id", "")
        self._asks_to_keep = given.get("mqtt.session.clean", "").lower() == "false"
        self.is_clean = not self.client_id or given.get("mqtt.session.clean", "").lower() == "true"
        self.user, self.password = given.get("mqtt.subscription.username", ""), given.get("mqtt.subscription.password")
        self.reconnect = max(1, inbound.number("mqtt.reconnection.interval", 1000) // 1000)
        self.content_type = given.get("content.type", "") or "text/plain"

    def remarks(self) -> Iterable[tuple[str, str]]:
        yield from self.inbound.without_stores("mqtt.ssl.")
        if self._asks_to_keep and not self.client_id:
            yield (
                "the broker keeps nothing while nobody is there, without the parameter 'mqtt.client.id'.",
                "The broker knows by it whose session is kept.",
            )

    async def run(self, current: Callable[[], Environment]) -> None:
        lock = await sole_worker(current().registry, self.inbound.label)
        session = _Session(self, current)
        try:
            await session.run()
        finally:
            current().spawn(session.close(lock), f"the end of {self.inbound.label}")


@dataclass(frozen=True, slots=True)
class _Arrived:
    message: MQTTMessage
    connection: int
    """Number of the connection that it came over."""


class _Session:
    """One client of the broker. The library reads from it in a thread of its own, and connects again when it must."""

    def __init__(self, settings: Listener, current: Callable[[], Environment]) -> None:
        self._settings, self._current = settings, current
        self._loop = asyncio.get_running_loop()
        self._connection = 0
        """Number of the connection; what comes over another may not be acknowledged over this one."""
        self._arrived: asyncio.Queue[_Arrived] = asyncio.Queue()
        self._under_way = UnderWay(1 if settings.inbound.sequential else current().limits.branches)
        self._client = _client(settings)
        if settings.tls:
            self._client.tls_set_context(current().tls(settings.host, settings.port))
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def run(self) -> None:
        settings = self._settings
        self._client.connect_async(settings.host, settings.port)
        self._client.loop_start()
        while True:
            arrived = await self._arrived.get()
            if not self._comes_again(arrived):
                env, label = self._current(), f"{settings.inbound.label}: {arrived.message.topic}"
                await self._under_way.begin(env, self._work(env, arrived), label)

    async def close(self, lock: BinaryIO) -> None:
        """Wait for the flows under way, whose acknowledgements go over this connection, and end it.

        What waits unacknowledged the broker sends again, to the next session of this client.
        """
        await self._under_way.ended()
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        lock.close()

    # ---------------------------------------------------------------- one message

    def _comes_again(self, arrived: _Arrived) -> bool:
        """Whether the connection has ended since, and the broker sends it again over the next one."""
        return arrived.connection != self._connection and arrived.message.qos > 0 and not self._settings.is_clean

    async def _work(self, env: Environment, arrived: _Arrived) -> None:
        message = self._message(env, arrived.message)
        await self._settings.inbound.flow.serve(message)
        if has_failed(message):
            log.error("%s: the flow of a message of %s failed", self._settings.inbound.label, arrived.message.topic)
        if arrived.connection == self._connection:
            self._client.ack(arrived.message.mid, arrived.message.qos)

    def _message(self, env: Environment, arrived: MQTTMessage) -> MessageContext:
        headers = Headers()
        headers.set("Content-Type", self._settings.content_type)
        payload = Payload(bytes(arrived.payload), self._settings.content_type, origin="client")
        message = MessageContext(env, Acknowledged(), payload, headers)
        message.properties |= {
            "isInbound": True,
            "inbound.endpoint.name": self._settings.inbound.name,
            _TOPIC: arrived.topic,
        }
        return message

    # ---------------------------------------------------------------- called in the library's thread

    def _on_connect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        settings = self._settings
        if reason.is_failure:
            log.error("%s: the broker refuses: %s", settings.inbound.label, reason)
            return
        log.info("%s: subscribes to %s", settings.inbound.label, settings.topic)
        client.subscribe(settings.topic, settings.qos)

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        settings = self._settings
        what = "no broker that is trusted" if settings.tls else "no broker"
        log.warning("%s: %s at %s:%d; tries again", settings.inbound.label, what, settings.host, settings.port)

    def _on_disconnect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._connection += 1
        if reason.is_failure:
            log.warning("%s: the connection to the broker ended: %s", self._settings.inbound.label, reason)

    def _on_message(self, client: Client, userdata: Any, arrived: MQTTMessage) -> None:
        if arrived.qos == 0 and self._arrived.qsize() >= _WAITING:
            log.warning("%s: a message of QoS 0 is dropped: %d wait", self._settings.inbound.label, _WAITING)
            return
        self._loop.call_soon_threadsafe(self._arrived.put_nowait, _Arrived(arrived, self._connection))


def _client(settings: Listener) -> Client:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2, settings.client_id, clean_session=settings.is_clean, manual_ack=True)
    if settings.user:
        client.username_pw_set(settings.user, settings.password)
    client.reconnect_delay_set(settings.reconnect, max(settings.reconnect, 60))
    return client
