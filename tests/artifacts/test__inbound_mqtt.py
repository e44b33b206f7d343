from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from engine.artifacts._inbound import Inbound
from engine.artifacts._inbound_mqtt import Listener
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable

NOTHING = Part("nothing")
LEAST = {"mqtt.server.host.name": "h", "mqtt.topic.name": "a/#"}


def listener(**parameters: str) -> Listener:
    given = LEAST | {f"mqtt.{name.replace('_', '.')}": value for name, value in parameters.items()}
    return Listener(Inbound("i", {name: value for name, value in given.items() if value}, _flow()))


def _flow() -> Flow:
    return Flow("i", NOTHING, NOTHING, NOTHING)


def test_defaults() -> None:
    made = listener()
    assert (made.host, made.port, made.topic, made.qos) == ("h", 1883, "a/#", 1)
    assert (made.is_clean, made.client_id, made.reconnect, made.content_type) == (True, "", 1, "text/plain")


@pytest.mark.parametrize(
    ("client", "clean", "is_clean"),
    [("", "", True), ("", "true", True), ("c", "", False), ("c", "true", True), ("c", "False", False)],
)
def test_a_client_with_a_name_has_a_session_that_is_kept(client: str, clean: str, is_clean: bool) -> None:
    made = listener(client_id=client, session_clean=clean)
    assert made.is_clean is is_clean
    assert list(made.remarks()) == []


def test_tls_has_a_port_of_its_own_and_keystores_no_effect() -> None:
    made = listener(ssl_enable="true", ssl_keystore_location="k.jks", ssl_truststore_password="secret-word")
    assert (made.tls, made.port) == (True, 8883)
    assert list(made.remarks()) == [
        (
            "the parameter 'mqtt.ssl.keystore.location' has no effect.",
            "The settings back_ends say whom to trust.",
        )
    ]


def test_a_session_that_nobody_knows_by_name_is_not_kept() -> None:
    made = listener(session_clean="false")
    assert made.is_clean
    [(message, _)] = made.remarks()
    assert message == "the broker keeps nothing while nobody is there, without the parameter 'mqtt.client.id'."


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"server_host_name": ""}, "missing-element", "'mqtt.server.host.name' is missing"),
        ({"topic_name": ""}, "missing-element", "'mqtt.topic.name' is missing"),
        ({"server_port": "x"}, "bad-value", "'mqtt.server.port' is 'x', which is no whole number"),
        ({"subscription_qos": "3"}, "bad-value", "'mqtt.subscription.qos' is '3', and may be 0, 1 or 2"),
    ],
)
def test_mistakes(parameters: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        listener(**parameters)
    assert raised.value.code == code
    assert message in raised.value.message


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(Unacceptable) as raised:
        listener()
    assert raised.value.hint == "Install it: pip install 'myelin[mqtt]'."
