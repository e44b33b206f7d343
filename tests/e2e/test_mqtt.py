"""Messages of a real MQTT broker through a running engine."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import publish
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from engine.testing.certificates import Certificates
from tests.e2e.conftest import BackEndConnection, Message, eventually, free_ports

FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <sequence name="take">
    <property name="HTTP_METHOD" value="POST" scope="axis2"/>
    <header name="topic" scope="transport" expression="get-property('mqtt.topic.name')"/>
    <call><endpoint><http method="post" uri-template="{url}/{path}"/></endpoint></call></sequence>
  {endpoint}
</definitions>"""
ENDPOINT = """<inboundEndpoint name="i" protocol="mqtt" sequence="take"><parameters>
  <parameter name="mqtt.server.host.name">127.0.0.1</parameter>
  <parameter name="mqtt.server.port">{port}</parameter>
  <parameter name="mqtt.topic.name">orders/#</parameter>
  <parameter name="mqtt.subscription.qos">1</parameter>
  <parameter name="mqtt.client.id">{client}</parameter>
  <parameter name="mqtt.session.clean">false</parameter>
  <parameter name="content.type">application/json</parameter>
</parameters></inboundEndpoint>"""


@contextlib.contextmanager
def started(folder: Path, *settings: str) -> Iterator[int]:
    """A mosquitto of its own; gives its port."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("needs mosquitto: install the Debian package 'mosquitto'")
    [port] = free_ports(1)
    file = folder / "mosquitto.conf"
    # Started by root it would give up its rights, and not read its files any more.
    file.write_text("\n".join(("persistence false", "user root", f"listener {port} 127.0.0.1", *settings, "")))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "-c", file], stderr=log)
    try:
        eventually(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with started(tmp_path_factory.mktemp("mosquitto"), "allow_anonymous true") as port:
        yield port


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def put(port: int, topic: str, *bodies: str) -> None:
    publish.multiple([(topic, body, 1, False) for body in bodies], hostname="127.0.0.1", port=port)


def got(back_end: Any, path: str) -> list[bytes]:
    return sorted(each.body for each in back_end.requests if each.target == f"/{path}")


def subscribed(engine: Any) -> bool:
    return "subscribes to orders/#" in engine.log()


def no_answer(message: Message, connection: BackEndConnection) -> None:
    """The flow that asks is under way for as long as the engine waits."""


def flows(back_end: Any, path: str, port: int) -> str:
    return FLOWS.format(url=back_end.url, path=path, endpoint=ENDPOINT.format(port=port, client=path))


def test_of_two_workers_one_takes_each_message_once(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    engine = start({"i.xml": flows(back_end, "each", broker)}, "", "--workers", "2")
    until(lambda: subscribed(engine))
    bodies = [f'{{"number": {number}}}' for number in range(30)]
    put(broker, "orders/north", *bodies)
    until(lambda: len(got(back_end, "each")) >= len(bodies))
    assert got(back_end, "each") == sorted(body.encode() for body in bodies)
    assert back_end.last().header("topic") == "orders/north"
    engine.stop()


def test_what_comes_while_nobody_is_there_and_what_was_under_way(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    engine = start({"i.xml": flows(back_end, "kept", broker)})
    until(lambda: subscribed(engine))
    back_end.on("/kept", no_answer)
    put(broker, "orders/a", '{"n": 1}')
    until(lambda: got(back_end, "kept") == [b'{"n": 1}'])
    engine.stop(signal.SIGKILL)
    put(broker, "orders/a", '{"n": 2}')
    del back_end.scripts["/kept"]
    second = start({"i.xml": flows(back_end, "kept", broker)})
    until(lambda: len(got(back_end, "kept")) == 3)
    assert got(back_end, "kept") == [b'{"n": 1}', b'{"n": 1}', b'{"n": 2}']
    second.write("i.xml", FLOWS.format(url=back_end.url, path="kept", endpoint=""))
    until(lambda: second.stop() == 0)


def test_after_a_lost_connection_only_what_was_under_way_runs_twice(
    start: Callable[..., Any], back_end: Any, until: Any, broker: int
) -> None:
    goes_on = back_end.hold("/lost")
    engine = start({"i.xml": flows(back_end, "lost", broker)})
    until(lambda: subscribed(engine))
    put(broker, "orders/a", "1", "2", "3")
    until(lambda: got(back_end, "lost") == [b"1"])
    other = Client(CallbackAPIVersion.VERSION2, "lost", clean_session=False, manual_ack=True)
    other.connect("127.0.0.1", broker)  # the broker ends the connection of the engine, which has the same name
    until(lambda: (other.loop(), "the connection to the broker ended" in engine.log())[1])
    other.disconnect()
    until(lambda: engine.log().count("subscribes to orders/#") == 2)
    goes_on.set()
    put(broker, "orders/a", "4")
    until(lambda: b"4" in got(back_end, "lost"))
    assert got(back_end, "lost") == [b"1", b"1", b"2", b"3", b"4"]
    engine.stop()


def test_who_subscribes(start: Callable[..., Any], back_end: Any, until: Any, tmp_path: Path) -> None:
    """With the right password, and with a wrong one."""
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("needs mosquitto: install the Debian package 'mosquitto'")
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "ada", "secret-word"], check=True)
    login = """<parameter name="mqtt.subscription.username">ada</parameter>
      <parameter name="mqtt.subscription.password">{}</parameter></parameters>"""
    with started(tmp_path, "allow_anonymous false", f"password_file {passwords}") as port:
        given = flows(back_end, "login", port)
        engine = start({"i.xml": given.replace("</parameters>", login.format("secret-word"))})
        until(lambda: subscribed(engine))
        auth: Any = {"username": "ada", "password": "secret-word"}
        publish.single("orders/a", "1", 1, hostname="127.0.0.1", port=port, auth=auth)
        until(lambda: got(back_end, "login") == [b"1"])
        assert engine.stop() == 0
        engine = start({"i.xml": given.replace("</parameters>", login.format("wrong-word"))})
        until(lambda: "the broker refuses: " in engine.log())
        assert "wrong-word" not in engine.log()
        assert engine.stop() == 0


def test_over_tls_with_a_certificate_of_ones_own(
    start: Callable[..., Any], back_end: Any, until: Any, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    made = Certificates(tmp_path)
    files = (f"cafile {made.authority}", f"certfile {made.server}", f"keyfile {made.server_key}")
    with started(tmp_path, "allow_anonymous true", *files, "require_certificate true") as port:
        tls = '<parameter name="mqtt.ssl.enable">true</parameter></parameters>'
        given = {"i.xml": flows(back_end, "safe", port).replace("</parameters>", tls)}
        trust = f"ca_file: {made.authority}"
        shown = f"client_certificate: {made.client}, client_key: {made.client_key}"
        engine = start(given, f"back_ends: {{{trust}, {shown}}}\n")
        until(lambda: subscribed(engine))
        keys: Any = {"ca_certs": made.authority, "certfile": made.client, "keyfile": made.client_key}
        publish.single("orders/a", "1", 1, hostname="127.0.0.1", port=port, tls=keys)
        until(lambda: got(back_end, "safe") == [b"1"])
        assert engine.stop() == 0
        engine = start(given)  # the system's authorities have not signed it
        until(lambda: f"no broker that is trusted at 127.0.0.1:{port}" in engine.log())
        assert engine.stop() == 0


def test_a_broker_that_is_not_there_is_told_and_disturbs_nobody(start: Callable[..., Any], until: Any) -> None:
    [port] = free_ports(1)
    proxy = '<proxy name="p"><target><inSequence><respond/></inSequence></target></proxy>'
    endpoint = ENDPOINT.format(port=port, client="alone") + proxy
    engine = start({"i.xml": FLOWS.format(url="http://127.0.0.1:1", path="none", endpoint=endpoint)})
    until(lambda: f"no broker at 127.0.0.1:{port}" in engine.log())
    assert engine.post("/services/p", {"a": 1}).json() == {"a": 1}
    assert engine.stop() == 0
