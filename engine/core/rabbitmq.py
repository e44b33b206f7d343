"""RabbitMQ, with the library aio-pika (extra ``rabbitmq``): its parameters, queues and exchanges, and sending to it.

An address is ``rabbitmq:/NAME?rabbitmq.server.host.name=…&rabbitmq.exchange.name=…``. The names of the parameters are
those of Synapse's RabbitMQ transport.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from engine.core.env import Environment, env_of
from engine.core.extras import needs
from engine.core.wire import headers_of, whole_body
from engine.declare.convert import Unacceptable
from engine.errors import ErrorCode, TransportError
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue

SCHEME = "rabbitmq:"
CORRELATION = "rabbitmq.message.correlation.id"

_QUEUE, _EXCHANGE = "rabbitmq.queue.", "rabbitmq.exchange."
_TIMEOUT = 30.0
"""Seconds that one step with the broker may take."""
_MOST_DECLARED = 1_000
"""Exchanges and routing keys that are remembered."""
_IDLE = 1.0
"""Seconds that a connection for sending stays after its last message."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who speaks to it."""

    host: str
    port: int
    login: str
    password: str = field(repr=False)
    virtual_host: str
    tls: bool = False

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Broker:
        """Raises Unacceptable for a wrong port, and when the library is not installed."""
        needs("aio_pika", "aio-pika", "rabbitmq")
        port = parameters.get("rabbitmq.server.port", "") or "5672"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise Unacceptable(f"the parameter 'rabbitmq.server.port' is '{port}', which is no port.")
        # Connections that end are told by who uses them, in a line, and not by the library with a traceback.
        logging.getLogger("aiormq").setLevel(logging.CRITICAL)
        return cls(
            parameters.get("rabbitmq.server.host.name", "") or "localhost",
            int(port),
            parameters.get("rabbitmq.server.user.name", "") or "guest",
            parameters.get("rabbitmq.server.password", "") or "guest",
            parameters.get("rabbitmq.server.virtual.host", "") or "/",
            is_set(parameters, "rabbitmq.connection.ssl.enabled"),
        )

    async def connect(self, env: Environment) -> AbstractConnection:
        """Raises AMQPException, OSError, TimeoutError."""
        import aio_pika

        return await aio_pika.connect(
            host=self.host,
            port=self.port,
            login=self.login,
            password=self.password,
            virtualhost=self.virtual_host,
            ssl=self.tls,
            ssl_context=env.tls(self.host, self.port) if self.tls else None,
            timeout=_TIMEOUT,
        )


def is_set(parameters: Mapping[str, str], name: str, default: bool = False) -> bool:
    return (parameters.get(name, "") or str(default)).lower() == "true"


async def declared(
    connection: AbstractConnection, parameters: Mapping[str, str]
) -> tuple[AbstractChannel, AbstractQueue | None]:
    """A channel and the queue of the parameters.

    Queue and exchange are made and bound where that is wanted. What is there with other settings is taken as it is.
    Raises AMQPException, OSError, TimeoutError.
    """
    async with asyncio.timeout(_TIMEOUT):
        return await _declared(connection, parameters)


async def _declared(
    connection: AbstractConnection, parameters: Mapping[str, str]
) -> tuple[AbstractChannel, AbstractQueue | None]:
    from aio_pika.exceptions import ChannelPreconditionFailed

    name, exchange = parameters.get(f"{_QUEUE}name", ""), parameters.get(f"{_EXCHANGE}name", "")
    channel = await connection.channel()
    if name and is_set(parameters, f"{_QUEUE}autodeclare", True):
        exclusive = is_set(parameters, f"{_QUEUE}exclusive")
        try:
            await channel.declare_queue(name, exclusive=exclusive, **_settings(parameters, _QUEUE))
        except ChannelPreconditionFailed:
            channel = await connection.channel()
    if exchange and not exchange.startswith("amq.") and is_set(parameters, f"{_EXCHANGE}autodeclare", True):
        kind = parameters.get(f"{_EXCHANGE}type", "") or "direct"
        try:
            await channel.declare_exchange(exchange, kind, **_settings(parameters, _EXCHANGE))
        except ChannelPreconditionFailed:
            channel = await connection.channel()
    if not name:
        return channel, None
    queue = await channel.get_queue(name)
    if exchange:
        await queue.bind(exchange, parameters.get(f"{_QUEUE}routing.key", "") or name)
    return channel, queue


def _settings(parameters: Mapping[str, str], prefix: str) -> dict[str, Any]:
    optional = f"{prefix}optional."
    arguments = {
        name.removeprefix(optional): typed(value) for name, value in parameters.items() if name.startswith(optional)
    }
    return {
        "durable": is_set(parameters, f"{prefix}durable", True),
        "auto_delete": is_set(parameters, f"{prefix}auto.delete"),
        "arguments": arguments or None,
    }


def typed(text: str) -> bool | int | str:
    """An argument of a queue or an exchange: true, false, a whole number, or text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.removeprefix("-").isdecimal() else text


# ---------------------------------------------------------------- sending


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages are sent."""

    broker: Broker
    exchange: str
    routing_key: str
    parameters: Mapping[str, str]


def parse_address(text: str) -> Address:
    """Raises Unacceptable for what is wrong, or not for this engine."""
    path, _, query = text.removeprefix(SCHEME).partition("?")
    parameters = dict(parse_qsl(query))
    if parameters.get("rabbitmq.replyto.name"):
        raise Unacceptable(
            "the parameter 'rabbitmq.replyto.name' asks for an answer, and sending to RabbitMQ has none here.",
            code="unsupported",
            hint="Let an <inboundEndpoint> take the answers from their queue.",
        )
    key = parameters.get(f"{_QUEUE}routing.key") or parameters.get(f"{_QUEUE}name") or unquote(path.lstrip("/"))
    if not key:
        raise Unacceptable("the address names no queue.", hint="Write it as rabbitmq:/QUEUE?rabbitmq.server.port=…")
    return Address(Broker.read(parameters), parameters.get(f"{_EXCHANGE}name", ""), key, parameters)


async def send(message: MessageContext, text: str, imposed_type: str | None = None) -> None:
    """Send the body of a message, with its headers, and wait until the broker has it; there is no answer.

    Raises TransportError 101500 for a wrong address, without the broker, and for a message that no queue takes.
    """
    from aio_pika.exceptions import AMQPException

    try:
        address = parse_address(text)
    except Unacceptable as error:
        raise TransportError(error.message, code=ErrorCode.SENDING, detail=error.hint) from None
    body, content_type = await whole_body(message, env_of(message).limits.buffered_body, imposed_type)
    broker = address.broker
    key = f"{broker.login}:{broker.password}@{broker.host}:{broker.port}/{broker.virtual_host}"
    sender = env_of(message).shared("rabbitmq", key, lambda: _Sender(broker))
    try:
        await sender.send(env_of(message), address, body, _properties(message, address, content_type))
    except (AMQPException, OSError, RuntimeError) as error:
        what = f"the broker at {broker.host}:{broker.port} has not taken the message: {error}"
        raise TransportError(what, code=ErrorCode.SENDING) from None
    message.one_way = True


def _properties(message: MessageContext, address: Address, content_type: str | None) -> dict[str, Any]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers_of(message, content_type)}
    type_ = headers.pop("content-type", None)
    correlation = message.axis2.get(CORRELATION) or headers.get(CORRELATION) or message.correlation_id
    return {
        "headers": headers,
        "content_type": type_,
        "message_id": message.correlation_id,
        "correlation_id": str(correlation),
        "type": address.parameters.get("rabbitmq.message.type"),
        "delivery_mode": 1 if address.parameters.get(f"{_QUEUE}delivery.mode") == "1" else 2,
    }


class _Sender:
    """The connection to one broker, as long as there is something to send."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._declared: set[tuple[str, str]] = set()
        """Exchanges and routing keys: what an address declares is declared once for each connection."""
        self._opening = asyncio.Lock()
        self._under_way, self._last = 0, 0.0

    async def send(self, env: Environment, address: Address, body: bytes, properties: Mapping[str, Any]) -> None:
        """Raises AMQPException, OSError, RuntimeError."""
        import aio_pika
        from aio_pika.exceptions import AMQPException, DeliveryError

        self._under_way += 1
        try:
            async with self._opening:
                channel = await self._ready(env, address)
            name = address.exchange
            exchange = await channel.get_exchange(name, ensure=False) if name else channel.default_exchange
            message = aio_pika.Message(body, **properties)
            await exchange.publish(message, address.routing_key, mandatory=True, timeout=_TIMEOUT)
        except DeliveryError:
            raise  # no queue takes it, and the connection is as it was
        except (AMQPException, OSError, RuntimeError):
            self._connection = None
            raise
        finally:
            self._under_way -= 1
            self._last = time.monotonic()

    async def _ready(self, env: Environment, address: Address) -> AbstractChannel:
        if self._connection is None or not self._connection.connected.is_set():
            self._connection = await self._broker.connect(env)
            self._channel = None
            self._declared.clear()
            env.spawn(self._keep(self._connection), f"the connection to RabbitMQ at {self._broker.host}")
        key = (address.exchange, address.routing_key)
        if key not in self._declared:
            channel, _ = await declared(self._connection, address.parameters)
            await channel.close()
            if len(self._declared) >= _MOST_DECLARED:
                self._declared.clear()
            self._declared.add(key)
        if self._channel is None or self._channel.is_closed:
            self._channel = await self._connection.channel(on_return_raises=True)
        return self._channel

    async def _keep(self, connection: AbstractConnection) -> None:
        """Close the connection when nothing was sent for a while."""
        try:
            while self._under_way or time.monotonic() < self._last + _IDLE:  # noqa: ASYNC110  # who sends puts it off
                await asyncio.sleep(_IDLE / 4)
        finally:
            if self._connection is connection:
                self._connection = None
            await connection.close()
