from __future__ import annotations

import pytest

from engine.core import rabbitmq
from engine.core.rabbitmq import Broker
from engine.declare.convert import Unacceptable

GUEST = Broker("localhost", 5672, "guest", "guest", "/")


def test_a_broker() -> None:
    assert Broker.read({}) == GUEST
    names = {"host.name": "h", "port": "1", "user.name": "u", "password": "p", "virtual.host": "v"}
    broker = Broker.read({f"rabbitmq.server.{name}": value for name, value in names.items()})
    assert broker == Broker("h", 1, "u", "p", "v")
    assert "password" not in repr(broker)
    assert Broker.read({"rabbitmq.connection.ssl.enabled": "true"}).tls


@pytest.mark.parametrize(
    ("uri", "exchange", "key"),
    [
        ("rabbitmq:/orders", "", "orders"),
        ("rabbitmq:/big%20orders?rabbitmq.exchange.name=e", "e", "big orders"),
        ("rabbitmq:/x?rabbitmq.queue.name=q", "", "q"),
        ("rabbitmq:/x?rabbitmq.queue.name=q&rabbitmq.queue.routing.key=k&rabbitmq.exchange.name=e", "e", "k"),
    ],
)
def test_addresses(uri: str, exchange: str, key: str) -> None:
    address = rabbitmq.parse_address(uri)
    assert (address.broker, address.exchange, address.routing_key) == (GUEST, exchange, key)


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("rabbitmq:/", "the address names no queue."),
        ("rabbitmq:/q?rabbitmq.server.port=0", "the parameter 'rabbitmq.server.port' is '0', which is no port."),
        (
            "rabbitmq:/q?rabbitmq.replyto.name=r",
            "the parameter 'rabbitmq.replyto.name' asks for an answer, and sending to RabbitMQ has none here.",
        ),
    ],
)
def test_wrong_addresses(uri: str, problem: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        rabbitmq.parse_address(uri)
    assert raised.value.message == problem


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("false", False), ("60000", 60_000), ("-1", -1), ("quorum", "quorum"), ("", "")]
)
def test_arguments_have_types(text: str, value: bool | int | str) -> None:
    assert rabbitmq.typed(text) == value
    assert type(rabbitmq.typed(text)) is type(value)
