"""Messages of a real RabbitMQ through a running engine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from engine.testing.certificates import Certificates
from tests.e2e.conftest import BackEndConnection, Message, eventually, free_ports

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
START = 60.0
"""Seconds that the broker may take until it is there."""
FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <sequence name="take">
    <property name="HTTP_METHOD" value="POST" scope="axis2"/>
    <call><endpoint><http method="post" uri-template="{url}/{queue}"/></endpoint></call>{more}</sequence>
  <sequence name="refuse">{refuse}</sequence>
  {endpoint}
</definitions>"""
ENDPOINT = """<inboundEndpoint name="i" protocol="rabbitmq" sequence="take" onError="refuse"><parameters>
  <parameter name="rabbitmq.server.host.name">127.0.0.1</parameter>
  <parameter name="rabbitmq.server.port">{port}</parameter>
  <parameter name="rabbitmq.queue.name">{queue}</parameter>
  <parameter name="rabbitmq.exchange.name">orders</parameter>
  <parameter name="rabbitmq.connection.retry.interval">20</parameter>
  <parameter name="rabbitmq.message.content.type">application/json</parameter>{more}
</parameters></inboundEndpoint>"""
DEAD_LETTERS = """
  <parameter name="rabbitmq.queue.optional.x-dead-letter-exchange">amq.direct</parameter>
  <parameter name="rabbitmq.queue.optional.x-dead-letter-routing-key">dead</parameter>"""
TLS: dict[int, tuple[int, Certificates]] = {}
"""The other port of the broker at a port, and the certificates there."""
LOGS: dict[int, Path] = {}
"""The log of the broker at a port."""
CONTROL: dict[int, Callable[..., subprocess.CompletedProcess[str]]] = {}
"""Gives a command to the broker at a port."""
FAIL = '<throwError type="X" errorMessage="no"/>'


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A RabbitMQ of its own; gives its port."""
    if not (PROGRAMS / "rabbitmq-server").exists():
        pytest.skip("needs RabbitMQ: install the Debian package 'rabbitmq-server'")
    folder, ports = tmp_path_factory.mktemp("rabbitmq"), low_ports(4)
    (folder / "settings.conf").write_text(tls_settings(folder, ports[3], ports[0]))
    node = {"NODE_PORT": ports[0], "DIST_PORT": ports[1], "NODENAME": f"test{ports[0]}@localhost"}
    folders = {
        f"{name}_{kind}": folder / name for name, kind in (("MNESIA", "BASE"), ("LOG", "BASE"), ("SCHEMA", "DIR"))
    }
    files = {"ENABLED_PLUGINS_FILE": folder / "plugins", "PID_FILE": folder / "pid", "CONFIG_FILE": folder / "settings"}
    settings = {f"RABBITMQ_{name}": str(value) for name, value in (node | folders | files).items()}
    env = (
        os.environ
        | settings
        | {"HOME": str(folder), "ERL_EPMD_PORT": str(ports[2]), "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1"}
    )
    with (folder / "output").open("w") as output:
        process = subprocess.Popen([PROGRAMS / "rabbitmq-server"], env=env, stdout=output, stderr=output)
    LOGS[ports[0]] = folder / "LOG" / f"{node['NODENAME']}.log"
    CONTROL[ports[0]] = lambda *command: subprocess.run(
        [PROGRAMS / "rabbitmqctl", *command], env=env, check=False, capture_output=True, text=True, timeout=START
    )
    try:
        eventually(lambda: is_there(ports[0]), START)
        yield ports[0]
    finally:
        process.terminate()
        process.wait(START)
        subprocess.run(["epmd", "-port", str(ports[2]), "-kill"], check=False, capture_output=True, timeout=10)


def tls_settings(folder: Path, port: int, of: int) -> str:
    """A port on which clients must show a certificate, where the command is there that makes such."""
    if shutil.which("openssl") is None:
        return ""
    made = Certificates(folder)
    TLS[of] = (port, made)
    options = {
        "cacertfile": made.authority,
        "certfile": made.server,
        "keyfile": made.server_key,
        "verify": "verify_peer",
        "fail_if_no_peer_cert": "true",
    }
    lines = [
        f"listeners.ssl.1 = 127.0.0.1:{port}",
        *(f"ssl_options.{name} = {value}" for name, value in options.items()),
    ]
    return "\n".join(lines) + "\n"


def low_ports(count: int) -> list[int]:
    """Free ports below those of outgoing connections: Erlang adds up to 20,000 to one of them."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            found.append(port)
    return found


def is_there(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def do(port: int, what: Callable[[Any], Awaitable[Any]]) -> Any:
    """Do something with a channel to the broker."""

    async def connected() -> Any:
        async with await aio_pika.connect(host="127.0.0.1", port=port) as connection, connection.channel() as channel:
            return await what(channel)

    return asyncio.run(connected())


def put(port: int, queue: str, *bodies: bytes, **properties: Any) -> None:
    async def publish(channel: Any) -> None:
        exchange = await channel.get_exchange("orders")
        for body in bodies:
            await exchange.publish(aio_pika.Message(body, **properties), queue)

    do(port, publish)


def dead_letters(port: int) -> None:
    """A queue named dead for the letters of this broker."""

    async def make(channel: Any) -> None:
        await (await channel.declare_queue("dead", durable=True)).bind("amq.direct", "dead")

    do(port, make)


def taken(port: int, queue: str) -> bytes | None:
    """The next message of a queue; None when there is none."""

    async def take(channel: Any) -> bytes | None:
        message = await (await channel.get_queue(queue)).get(no_ack=True, fail=False)
        return message.body if message is not None else None

    found: bytes | None = do(port, take)
    return found


def got(back_end: Any, path: str) -> list[bytes]:
    return [each.body for each in back_end.requests if each.target == f"/{path}"]


def subscribed(engine: Any, times: int = 1) -> bool:
    return engine.log().count("takes messages of the queue") >= times


def no_answer(message: Message, connection: BackEndConnection) -> None:
    """The flow that asks is under way for as long as the engine waits."""


def flows(back_end: Any, queue: str, port: int, *, settings: str = "", more: str = "", refuse: str = "") -> str:
    endpoint = ENDPOINT.format(port=port, queue=queue, more=settings)
    return FLOWS.format(url=back_end.url, queue=queue, more=more, refuse=refuse, endpoint=endpoint)


def test_of_two_workers_one_takes_each_message_in_order(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    engine = start({"i.xml": flows(back_end, "each", broker)}, "", "--workers", "2")
    until(lambda: subscribed(engine))
    bodies = [f'{{"number": {number}}}'.encode() for number in range(30)]
    put(broker, "each", *bodies, headers={"X-Shop": "north", "x-number": 7}, message_id="m1")
    until(lambda: len(got(back_end, "each")) >= len(bodies))
    assert got(back_end, "each") == bodies
    last = back_end.last()
    names = ("x-shop", "x-number", "rabbitmq.message.id", "content-type")
    assert [last.header(name) for name in names] == ["north", "7", "m1", "application/json"]
    assert engine.stop() == 0
    assert taken(broker, "each") is None


def test_what_was_under_way_comes_again_and_what_comes_meanwhile_waits(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    engine = start({"i.xml": flows(back_end, "kept", broker)})
    until(lambda: subscribed(engine))
    back_end.on("/kept", no_answer)
    put(broker, "kept", b"1")
    until(lambda: got(back_end, "kept") == [b"1"])
    engine.stop(signal.SIGKILL)
    put(broker, "kept", b"2")
    del back_end.scripts["/kept"]
    second = start({"i.xml": flows(back_end, "kept", broker)})
    until(lambda: len(got(back_end, "kept")) == 3)
    assert got(back_end, "kept") == [b"1", b"1", b"2"]
    assert second.stop() == 0
    assert taken(broker, "kept") is None


def test_what_is_under_way_when_its_endpoint_goes_comes_to_its_end(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    goes_on = back_end.hold("/ends")
    engine = start({"i.xml": flows(back_end, "ends", broker)})
    until(lambda: subscribed(engine))
    put(broker, "ends", b"1", b"2")
    until(lambda: got(back_end, "ends") == [b"1"])
    proxy = '<proxy name="now"><target><inSequence><respond/></inSequence></target></proxy>'
    engine.write("i.xml", FLOWS.format(url=back_end.url, queue="ends", more="", refuse="", endpoint=proxy))
    until(lambda: engine.post("/services/now", {}).status_code == 200)
    goes_on.set()
    assert engine.stop() == 0
    assert got(back_end, "ends") == [b"1"]
    assert taken(broker, "ends") == b"2"
    assert taken(broker, "ends") is None


@pytest.mark.parametrize(
    ("queue", "refuse"),
    [("unhandled", FAIL), ("rolled-back", '<property name="SET_ROLLBACK_ONLY" value="true"/>')],
)
def test_a_flow_that_fails_makes_a_dead_letter(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int, queue: str, refuse: str
) -> None:
    dead_letters(broker)
    engine = start({"i.xml": flows(back_end, queue, broker, settings=DEAD_LETTERS, more=FAIL, refuse=refuse)})
    until(lambda: subscribed(engine))
    put(broker, queue, b"bad")
    assert until(lambda: taken(broker, "dead")) == b"bad"
    assert engine.stop() == 0
    assert taken(broker, queue) is None


def test_a_letter_that_was_dead_too_often_goes_elsewhere(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    """Each dead letter comes back into the queue, by its own name as the routing key."""
    settings = """
      <parameter name="rabbitmq.queue.optional.x-dead-letter-exchange">orders</parameter>
      <parameter name="rabbitmq.message.max.dead.lettered.count">2</parameter>
      <parameter name="rabbitmq.message.error.exchange.name">amq.direct</parameter>
      <parameter name="rabbitmq.message.error.queue.routing.key">dead</parameter>"""
    dead_letters(broker)
    engine = start({"i.xml": flows(back_end, "often", broker, settings=settings, more=FAIL, refuse=FAIL)})
    until(lambda: subscribed(engine))
    put(broker, "often", b"bad")
    assert until(lambda: taken(broker, "dead")) == b"bad"
    assert got(back_end, "often") == [b"bad"] * 4
    assert engine.stop() == 0
    assert taken(broker, "often") is None


def test_a_message_goes_back_into_its_queue(start: Callable[..., Any], back_end: Any, until: Any, broker: int) -> None:
    """The second time the back end is there."""
    answers = iter([500])

    def fail_once(message: Message, connection: BackEndConnection) -> None:
        connection.answer(next(answers, 200))

    back_end.on("/again", fail_once)
    more = """<filter source="get-property('axis2', 'HTTP_SC')" regex="500"><then>
      <property name="SET_REQUEUE_ON_ROLLBACK" value="true"/></then></filter>"""
    engine = start({"i.xml": flows(back_end, "again", broker, more=more)})
    until(lambda: subscribed(engine))
    put(broker, "again", b"1")
    until(lambda: got(back_end, "again") == [b"1", b"1"])
    assert engine.stop() == 0
    assert taken(broker, "again") is None


def test_a_queue_that_is_deleted_is_made_again(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    engine = start({"i.xml": flows(back_end, "gone", broker)})
    until(lambda: subscribed(engine))
    do(broker, lambda channel: channel.queue_delete("gone"))
    until(lambda: subscribed(engine, times=2))
    put(broker, "gone", b"1")
    until(lambda: got(back_end, "gone") == [b"1"])
    assert engine.stop() == 0


def test_a_queue_that_is_there_with_other_settings_is_taken_as_it_is(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    do(broker, lambda channel: channel.declare_queue("other", durable=True, arguments={"x-max-length": 5}))
    engine = start({"i.xml": flows(back_end, "other", broker)})
    until(lambda: subscribed(engine))
    put(broker, "other", b"1")
    until(lambda: got(back_end, "other") == [b"1"])
    assert engine.stop() == 0


SEND = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="send"><target><inSequence>
  <property name="rabbitmq.message.correlation.id" value="c-1" scope="axis2"/>
  <send><endpoint><address
    uri="rabbitmq:/sent?rabbitmq.server.host.name=127.0.0.1&amp;rabbitmq.server.port={port}&amp;{more}">
    <suspendOnFailure><initialDuration>1</initialDuration></suspendOnFailure></address></endpoint>
  </send></inSequence></target></proxy>"""


def test_messages_are_sent_over_one_connection(start: Callable[..., Any], until: Any, broker: int) -> None:
    more = "rabbitmq.queue.name=sent&amp;rabbitmq.exchange.name=orders"
    engine = start({"s.xml": SEND.format(port=broker, more=more)})
    before = connections(broker)
    for number in range(20):
        answer = engine.call("POST", "/services/send", json={"n": number}, headers={"X-Shop": "north"})
        assert (answer.status_code, answer.content) == (202, b"")

    async def take(channel: Any) -> Any:
        queue = await channel.get_queue("sent")
        return [await queue.get(no_ack=True) for _ in range(20)]

    messages = do(broker, take)
    assert [each.body for each in messages] == [f'{{"n": {number}}}'.encode() for number in range(20)]
    first = messages[0]
    assert (first.content_type, first.correlation_id, first.delivery_mode) == ("application/json", "c-1", 2)
    assert first.headers["x-shop"] == "north"
    assert connections(broker) - before <= 3  # one to begin with, one of this test, and one more after a second's rest
    assert engine.stop() == 0


def connections(port: int) -> int:
    """How often somebody has connected, from the log of the broker."""
    return LOGS[port].read_text().count("accepting AMQP connection")


def test_over_tls_with_a_certificate_of_ones_own(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    if broker not in TLS:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    port, made = TLS[broker]
    inbound = flows(
        back_end, "safe", port, settings='<parameter name="rabbitmq.connection.ssl.enabled">true</parameter>'
    )
    send = SEND.replace("rabbitmq:/sent", "rabbitmq:/safe").format(
        port=port, more="rabbitmq.connection.ssl.enabled=true"
    )
    shown = f"client_certificate: {made.client}, client_key: {made.client_key}"
    engine = start({"i.xml": inbound, "s.xml": send}, f"back_ends: {{ca_file: {made.authority}, {shown}}}\n")
    until(lambda: subscribed(engine))
    assert engine.post("/services/send", {"n": 1}).status_code == 202
    until(lambda: got(back_end, "safe") == [b'{"n": 1}'])
    assert engine.stop() == 0
    engine = start({"i.xml": inbound, "s.xml": send})  # the system's authorities have not signed it
    until(lambda: "certificate verify failed" in engine.log())
    answer = engine.post("/services/send", {"n": 2})
    assert answer.status_code == 502
    assert "certificate verify failed" in answer.text
    assert engine.stop() == 0


def test_what_cannot_be_sent_is_a_fault(start: Callable[..., Any], until: Any, broker: int) -> None:
    [nobody] = free_ports(1)
    unroutable = SEND.format(port=broker, more="rabbitmq.exchange.name=amq.direct").replace(
        'name="send"', 'name="lost"'
    )
    engine = start({"a.xml": SEND.format(port=nobody, more=""), "b.xml": unroutable})
    for name, port in (("send", nobody), ("lost", broker)):
        answer = engine.post(f"/services/{name}", {})
        assert answer.status_code == 502
        assert f"the broker at 127.0.0.1:{port} has not taken the message: " in answer.text
    assert engine.stop() == 0


def test_a_lost_connection_is_opened_again(start: Callable[..., Any], until: Any, broker: int) -> None:
    engine = start({"s.xml": SEND.format(port=broker, more="rabbitmq.queue.name=again-sent")})
    assert engine.post("/services/send", {"n": 1}).status_code == 202
    closed = CONTROL[broker]("close_all_connections", "test")
    assert closed.returncode == 0, closed.stderr
    until(lambda: engine.post("/services/send", {"n": 2}).status_code == 202)  # it may not know yet
    assert [taken(broker, "again-sent") for _ in range(2)] == [b'{"n": 1}', b'{"n": 2}']
    assert engine.stop() == 0


def test_a_wrong_password(start: Callable[..., Any], back_end: Any, until: Any, broker: int) -> None:
    wrong = '<parameter name="rabbitmq.server.password">wrong-word</parameter>'
    engine = start({"i.xml": flows(back_end, "refused", broker, settings=wrong)})
    until(lambda: "Login was refused" in engine.log())
    assert "wrong-word" not in engine.log()
    assert engine.stop() == 0


def test_a_broker_that_is_not_there_is_told_once_and_disturbs_nobody(start: Callable[..., Any], until: Any) -> None:
    [port] = free_ports(1)
    proxy = '<proxy name="p"><target><inSequence><respond/></inSequence></target></proxy>'
    endpoint = ENDPOINT.format(port=port, queue="none", more="") + proxy
    engine = start({"i.xml": FLOWS.format(url="http://127.0.0.1:1", queue="x", more="", refuse="", endpoint=endpoint)})
    until(lambda: f"no queue at 127.0.0.1:{port}" in engine.log())
    assert engine.post("/services/p", {"a": 1}).json() == {"a": 1}
    assert engine.stop() == 0
    assert engine.log().count("no queue at") == 1
