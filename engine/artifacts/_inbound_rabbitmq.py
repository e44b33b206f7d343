"""protocol="rabbitmq": the messages of a queue, with the library aio-pika (extra ``rabbitmq``)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.artifacts._inbound import Inbound, UnderWay
from engine.core import rabbitmq
from engine.core.background import Acknowledged, has_failed, is_rolled_back
from engine.core.env import Environment
from engine.core.wire import is_true
from engine.core.worker_lock import sole_worker
from engine.declare.convert import Unacceptable
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

if TYPE_CHECKING:
    from aio_pika.abc import (
        AbstractChannel,
        AbstractConnection,
        AbstractIncomingMessage,
        AbstractQueueIterator,
    )

log = logging.getLogger("myelin.background")

_REQUEUE = "SET_REQUEUE_ON_ROLLBACK"


class Listener:
    """Takes from ``rabbitmq.queue.name``, and tells the broker of each message what became of it when its flow ended.

    Of several workers one does it; another takes over when that one ends.
    """

    def __init__(self, inbound: Inbound) -> None:
        given = inbound.parameters
        self._inbound = inbound
        self._broker = rabbitmq.Broker.read(given)
        self._queue = inbound.required("rabbitmq.queue.name")
        self._retry = max(inbound.number("rabbitmq.connection.retry.interval", 30_000), 1) / 1000
        self._prefetch = inbound.number("rabbitmq.channel.consumer.qos", 0)
        self._acknowledged_at_once = rabbitmq.is_set(given, "rabbitmq.queue.auto.ack")
        self._content_type = given.get("rabbitmq.message.content.type", "") or "text/plain"
        self._requeue_delay = inbound.number("rabbitmq.message.requeue.delay", 0) / 1000
        self._most_deaths = _count(given.get("rabbitmq.message.max.dead.lettered.count", ""))
        self._complaint = ""

    def remarks(self) -> Iterable[tuple[str, str]]:
        return self._inbound.without_stores("rabbitmq.connection.ssl.")

    async def run(self, current: Callable[[], Environment]) -> None:
        from aio_pika.exceptions import AMQPException

        with await sole_worker(current().registry, self._inbound.label):
            while True:
                try:
                    await self._take(current)
                    self._complain("the connection to the broker ended")
                except (AMQPException, OSError, TimeoutError) as error:
                    self._complain(f"no queue at {self._broker.host}:{self._broker.port}: {error}")
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    return  # the library took the cancellation for an error of the connection
                await asyncio.sleep(self._retry)

    def _complain(self, text: str) -> None:
        """Once, and not at every attempt."""
        if text != self._complaint:
            log.warning("%s: %s; tries again", self._inbound.label, text)
        self._complaint = text

    async def _take(self, current: Callable[[], Environment]) -> None:
        """Take messages until the connection or the queue ends. Raises AMQPException, OSError, TimeoutError."""
        connection = await self._broker.connect(current())
        width = 1 if self._inbound.sequential else current().limits.branches
        under_way = UnderWay(width)
        try:
            channel, queue = await rabbitmq.declared(connection, self._inbound.parameters)
            assert queue is not None  # it has a name
            await channel.set_qos(self._prefetch or width)
            async with queue.iterator(no_ack=self._acknowledged_at_once) as messages:
                consumer = await channel.get_underlay_channel()
                consumer.on_consumer_cancel_callbacks.add(
                    # The queue was deleted. The callback may not wait for the broker itself.
                    lambda frame: current().spawn(_end(messages), f"the end of {self._inbound.label}")
                )
                log.info("%s: takes messages of the queue %s", self._inbound.label, self._queue)
                self._complaint = ""
                async for message in messages:
                    env = current()
                    await under_way.begin(env, self._work(env, channel, message), f"{self._inbound.label}: a message")
        finally:
            current().spawn(_close(connection, under_way), f"the end of {self._inbound.label}")

    # ---------------------------------------------------------------- one message

    async def _work(self, env: Environment, channel: AbstractChannel, arrived: AbstractIncomingMessage) -> None:
        from aio_pika.exceptions import AMQPException

        message = self._message(env, arrived)
        await self._inbound.flow.serve(message)
        try:
            await self._settle(channel, arrived, message)
        except (AMQPException, OSError, RuntimeError) as error:
            log.warning("%s: the broker sends a message again: %s", self._inbound.label, error)

    async def _settle(
        self, channel: AbstractChannel, arrived: AbstractIncomingMessage, message: MessageContext
    ) -> None:
        """Tell the broker what became of a message. Raises AMQPException, OSError, RuntimeError."""
        label, failed = self._inbound.label, has_failed(message)
        if self._acknowledged_at_once:
            if failed:
                log.error("%s: the flow of a message failed, which was acknowledged before", label)
        elif is_true(message.properties.get(_REQUEUE)) and not is_rolled_back(message):
            log.warning("%s: a message goes back into its queue", label)
            await asyncio.sleep(self._requeue_delay)
            await arrived.reject(requeue=True)
        elif not failed:
            await arrived.ack()
        elif self._most_deaths is not None and deaths_of(arrived.headers) > self._most_deaths:
            await self._give_up(channel, arrived)
        else:
            log.error(
                "%s: the flow of a message failed: it is rejected, and a dead letter if the queue has such", label
            )
            await arrived.reject(requeue=False)

    async def _give_up(self, channel: AbstractChannel, arrived: AbstractIncomingMessage) -> None:
        """After too many failures: to the exchange for errors, or nowhere."""
        import aio_pika

        given = self._inbound.parameters
        exchange = given.get("rabbitmq.message.error.exchange.name", "")
        key = given.get("rabbitmq.message.error.queue.routing.key", "")
        if key:
            log.error("%s: a message failed too often, and goes to %s", self._inbound.label, key)
            target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
            copy = aio_pika.Message(
                arrived.body,
                headers=arrived.headers,
                content_type=arrived.content_type,
                content_encoding=arrived.content_encoding,
                correlation_id=arrived.correlation_id,
                message_id=arrived.message_id,
                delivery_mode=arrived.delivery_mode,
            )
            await target.publish(copy, key)
        else:
            log.error("%s: a message failed too often, and is dropped", self._inbound.label)
        await arrived.ack()

    def _message(self, env: Environment, arrived: AbstractIncomingMessage) -> MessageContext:
        content_type = arrived.content_type or self._content_type
        headers = Headers()
        facts = {
            rabbitmq.CORRELATION: arrived.correlation_id,
            "rabbitmq.message.id": arrived.message_id,
            "RABBITMQ_REPLY_TO": arrived.reply_to,
            **arrived.headers,
            "Content-Type": content_type,
        }
        for name, value in facts.items():
            if value is not None:
                headers.set(name, str(value))
        payload = Payload(arrived.body, content_type, origin="client")
        message = MessageContext(env, Acknowledged(), payload, headers)
        message.properties |= {"isInbound": True, "inbound.endpoint.name": self._inbound.name}
        return message


async def _end(messages: AbstractQueueIterator) -> None:
    await messages.close()


async def _close(connection: AbstractConnection, under_way: UnderWay) -> None:
    """Wait for the flows under way, whose messages are settled over this connection, and end it."""
    await under_way.ended()
    await connection.close()


def _count(text: str) -> int | None:
    """None for no limit. Raises Unacceptable."""
    if text in ("", "-1"):
        return None
    if not text.isdecimal():
        raise Unacceptable(
            f"the parameter 'rabbitmq.message.max.dead.lettered.count' is '{text}', which is no whole number."
        )
    return int(text)


def deaths_of(headers: Mapping[str, Any]) -> int:
    """How often the message was a dead letter before, from the header that RabbitMQ gives it."""
    deaths = headers.get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else {}
    count = first.get("count") if isinstance(first, dict) else 0
    return count if isinstance(count, int) else 0
